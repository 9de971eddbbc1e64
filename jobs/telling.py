"""Jobs as pages show them while they run: in the reader's language, as JSON."""

from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from jobs.models import Job, JobLog
from jobs.subjects import About

LEVELS = {Job.Status.COMPLETED: "success", Job.Status.FAILED: "danger"}


def told(job: Job, about: About | None = None) -> dict[str, Any]:
    """Return the state of `job`; of one that is over, the sentence that says so."""
    return {
        "id": job.pk,
        "url": reverse("jobs:detail", args=[job.pk]),
        "name": str(job),
        "status": job.status,
        "statusLabel": str(job.get_status_display()),
        "stage": "" if job.is_over else job.stage_label,
        "progress": job.progress,
        "pace": pace(job),
        "error": job.error,
        "isOver": job.is_over,
        "isCancelling": job.cancel_requested and not job.is_over,
        "said": sentence(job, about) if job.is_over else "",
        "level": LEVELS.get(Job.Status(job.status), "info"),
    }


def pace(job: Job) -> str:
    """Return e.g. ``512 MiB of 1 GiB, 210 MiB/s, 3 s left``; nothing where bytes do not count."""
    if job.is_over or not job.bytes_total:
        return ""
    return render_to_string("jobs/_pace.html", {"job": job}).strip()


def sentence(job: Job, about: About | None) -> str:
    what = f"{job.work_label} · {about.name}" if about else str(job)
    if job.status == Job.Status.COMPLETED:
        return _("%(job)s: done.") % {"job": what}
    if job.status == Job.Status.FAILED:
        return _("%(job)s failed. %(reason)s") % {"job": what, "reason": job.error}
    return _("%(job)s was cancelled.") % {"job": what}


def line(logged: JobLog) -> dict[str, Any]:
    return {
        "id": logged.pk,
        "at": logged.at.isoformat(),
        "time": f"{localtime(logged.at):%H:%M:%S}",
        "level": logged.level,
        "message": logged.message,
    }
