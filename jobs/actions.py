"""What one can do to a job, whatever its work."""

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Denied, scope
from accounts.sweeping import BATCH, MOST
from accounts.system import system
from jobs.models import Job
from jobs.queue import Busy, enqueue
from jobs.stages import RIGHTS
from jobs.subjects import done_with

NEEDS = "packer_site.needs.NEEDS"
"""Each tells why a job that is over is still needed, or nothing."""
NEEDED = "packer_site.needs.needed"
"""Tells the same of many jobs at once."""

logger = logging.getLogger(__name__)


class Refused(Exception):
    """The job is not in a state that allows this; the message is for the user."""


def cancel_job(job: Job, *, by: User) -> None:
    """Stop `job`: at once while it waits, at its next step while it runs.

    Raises:
        PermissionDenied: it is somebody else's.
        Refused: it is over.
    """
    require_own(job, by)
    if job.status == Job.Status.PENDING and job.cancel():
        return
    if not Job.objects.active().filter(pk=job.pk).update(cancel_requested=True):
        raise Refused(_("The job is over: there is nothing to cancel."))


@transaction.atomic
def rerun_job(job: Job, *, by: User) -> Job:
    """Queue the work of `job` again as a new job, and return that one.

    It is again of whom the first was: what it fetches or makes is theirs, whoever asks.

    Raises:
        PermissionDenied: it is somebody else's, or beyond what the token of `by` allows.
        Refused: it is not over, another like it is active, or nothing is left to do.
    """
    require_own(job, by)
    require_within(by, *RIGHTS[job.work])
    if not job.can_run_again:
        raise Refused(_("Only a job that failed or was cancelled can be run again."))
    if done_with([job.subject]):
        raise Refused(_("What it was for is packed already or gone: there is nothing left to do."))
    with translation.override(job.language or None):
        try:
            again = enqueue(job.work, by=job.by, subject=job.subject, **job.arguments)
        except Busy as busy:
            raise Refused(_("The same work is waiting or running already.")) from busy
        if by != job.by:
            again.log(_("%(user)s has it run again.") % {"user": by})
    return again


@transaction.atomic
def delete_job(job: Job, *, by: User) -> None:
    """Forget `job`, which is over, and its log.

    Raises:
        PermissionDenied: it is somebody else's.
        Refused: it is not over, or needed for something else.
    """
    require_own(job, by)
    if not Job.objects.select_for_update().filter(pk=job.pk, status__in=Job.OVER).exists():
        raise Refused(_("The job is not over: cancel it first."))
    needs: Iterable[Callable[[Job], str]] = import_string(NEEDS)
    if reason := next(filter(None, (needed(job) for needed in needs)), ""):
        raise Refused(reason)
    logger.info("%s deletes job %s (%s)", by, job.pk, job.work)
    job.delete()


def rerun_all(jobs: Iterable[Job], *, by: User) -> tuple[list[Job], list[Job]]:
    """Queue the work of each of `jobs` again; return the new jobs, and those that were refused.

    Raises:
        PermissionDenied: one is somebody else's.
    """
    again: list[Job] = []
    refused: list[Job] = []
    for job in jobs:
        try:
            again.append(rerun_job(job, by=by))
        except Refused:
            refused.append(job)
    return again, refused


def cancel_all(jobs: Iterable[Job], *, by: User) -> int:
    """Cancel each of `jobs`, and return how many were not over meanwhile.

    Raises:
        PermissionDenied: one is somebody else's.
    """
    cancelled = 0
    for job in jobs:
        with suppress(Refused):
            cancel_job(job, by=by)
            cancelled += 1
    return cancelled


def require_within(by: User, resource: str, action: str) -> None:
    """Refuse work that the token which `by` asks with does not allow; a login allows all.

    Whether they may do it is asked by the work itself.
    """
    if by.scopes is not None and scope(resource, action) not in by.scopes:
        raise Denied(resource, action)


def require_own(job: Job, by: User) -> None:
    if not Job.objects.visible_to(by).filter(pk=job.pk).exists():
        raise PermissionDenied("You don't have MOD permission on this job")


def sweep_jobs() -> int:
    """Forget jobs that are over for long, and their logs, but what is needed; return how many."""
    if not (days := system().jobs_days):
        return 0
    needed: Callable[[Sequence[Job]], set[int]] = import_string(NEEDED)
    since = timezone.now() - timedelta(days=days)
    old = Job.objects.filter(status__in=Job.OVER, finished_at__lt=since)
    gone, last = 0, 0
    while gone < MOST and (batch := list(old.filter(pk__gt=last).order_by("pk")[:BATCH])):
        last = batch[-1].pk
        forgettable = {job.pk for job in batch} - needed(batch)
        gone += Job.objects.filter(pk__in=forgettable).delete()[1].get("jobs.Job", 0)
    return gone
