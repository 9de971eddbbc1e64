"""The page of one release: its head, its tabs, and the job that is at it."""

from typing import Any

from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.http import Request
from accounts.permissions import holds
from jobs.models import Job
from releases.conformity import badge
from releases.models import Release

PAGE = "releases/detail/page.html"
TABS = {
    "detail": pgettext_lazy("tab of a release", "Info"),
    "files": _("Files"),
    "conformity": _("Conformity"),
    "deliveries": _("Deliveries"),
    "jobs": _("Jobs"),
    "history": _("History"),
    "actions": _("Actions"),
}
"""By the names of their URLs, which are those of their templates."""


def page(
    request: Request,
    release: Release,
    tab: str,
    context: dict[str, Any],
    *,
    body: str = "",
    status: int = 200,
) -> TemplateResponse:
    """Answer a tab of the page; htmx gets the tabs without the head above them."""
    template = f"{PAGE}#release" if request.htmx else PAGE
    frame = head(request, release) | {
        "tabs": tabs(release, tab),
        "tab": tab,
        "tab_title": TABS[tab],
        "body": f"releases/detail/{body or tab}.html",
    }
    return TemplateResponse(request, template, frame | context, status=status)


def head(request: Request, release: Release) -> dict[str, Any]:
    """Return what stands above the tabs."""
    job = release.latest_job()
    is_packed = release.status == Release.Status.COMPLETED
    is_busy = job is not None and not job.is_over
    return {
        "release": release,
        "is_packed": is_packed,
        "is_busy": is_busy,
        "may_pack": not is_packed
        and not is_busy
        and holds(request.user, "releases", "write", release),
        "conformity": badge(release.conformity),
        **watched(request, job),
    }


def watched(request: Request, job: Job | None) -> dict[str, Any]:
    """Return the latest job where it runs or failed: to be watched by whose it is."""
    if job is None or (job.is_over and job.status != Job.Status.FAILED):
        return {"job": None}
    is_own = request.user.is_admin or job.by_id == request.user.pk
    return {"job": job if is_own else None, "job_of_another": None if is_own else job}


def tabs(release: Release, shown: str) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "title": title,
            "url": reverse(f"releases:{key}", args=[release.pk]),
            "is_shown": key == shown,
        }
        for key, title in TABS.items()
    ]
