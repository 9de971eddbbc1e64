"""Synchronizing with the site that lists the rules, as administrators start and plan it."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from accounts.http import Request
from accounts.models import User
from accounts.permissions import holds
from jobs.models import Job
from releases.actions import Refused
from rulebook import actions
from rulebook.actions.sync import SUBJECT, SYNC
from rulebook.forms import ScheduleForm
from rulebook.models import SyncPlan

OUTCOMES = {
    "new": gettext_lazy("new"),
    "changed": pgettext_lazy("rules", "changed"),
    "unchanged": gettext_lazy("unchanged"),
    "vanished": pgettext_lazy("rules", "vanished"),
    "failed": gettext_lazy("failed"),
}
MOST_NAMED = 20
FRESH = timedelta(minutes=10)
"""How long who asked for a synchronization sees at once what it did."""


def box(user: User) -> dict[str, Any]:
    """Return what the box of synchronization shows to those who may start one."""
    if not holds(user, "config", "mod"):
        return {}
    plan = SyncPlan.current()
    job = Job.objects.about(SUBJECT).filter(work=SYNC).newest_first().first()
    report = reported(job) if job else []
    return {
        "may_sync": True,
        "plan": plan,
        "schedule": ScheduleForm(initial={"interval": plan.interval}),
        "sync": job,
        "report": report,
        "news": [one for one in report if one["count"] and one["key"] != "unchanged"],
        "is_news": bool(job and is_news(job, user)),
    }


def is_news(job: Job, user: User) -> bool:
    if job.finished_at is None:
        return False
    is_own = job.by_id == user.pk and timezone.now() - job.finished_at < FRESH
    return is_own or job.status == Job.Status.FAILED


def reported(job: Job) -> list[dict[str, Any]]:
    """Return how many rules of each outcome a job reports, and their names where that is news."""
    result = job.result or {}
    found = []
    for key, label in OUTCOMES.items():
        names = result.get(key, [])
        named = [] if key == "unchanged" else names[:MOST_NAMED]
        about = [
            {"name": one, "reason": ""}
            if isinstance(one, str)
            else {"name": one[0], "reason": one[1]}
            for one in named
        ]
        found.append({"key": key, "label": label, "count": len(names), "names": about})
    return found if result else []


@login_required
@require_POST
def synchronize(request: Request) -> HttpResponse:
    actions.request_sync(by=request.user)
    messages.success(request, _("The synchronization is asked for: this page shows how far it is."))
    return redirect("rulebook:index")


@login_required
@require_POST
def schedule(request: Request) -> HttpResponse:
    try:
        plan = actions.plan_sync(request.POST.get("interval", ""), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        sentence = _("Synchronization: %(interval)s.")
        messages.success(request, sentence % {"interval": plan.get_interval_display()})
    return redirect("rulebook:index")
