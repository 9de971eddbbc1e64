"""What one can do to a job, whatever its work."""

from collections.abc import Iterable
from contextlib import suppress

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from jobs.models import Job
from jobs.queue import Busy, enqueue
from jobs.subjects import done_with


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

    Raises:
        PermissionDenied: it is somebody else's.
        Refused: it is not over, another like it is active, or nothing is left to do.
    """
    require_own(job, by)
    if not job.can_run_again:
        raise Refused(_("Only a job that failed or was cancelled can be run again."))
    if done_with([job.subject]):
        raise Refused(_("What it was for is packed already or gone: there is nothing left to do."))
    try:
        return enqueue(job.work, by=by, subject=job.subject, **job.arguments)
    except Busy as busy:
        raise Refused(_("The same work is waiting or running already.")) from busy


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


def require_own(job: Job, by: User) -> None:
    if not Job.objects.visible_to(by).filter(pk=job.pk).exists():
        raise PermissionDenied("You don't have MOD permission on this job")
