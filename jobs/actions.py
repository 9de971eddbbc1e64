"""What one can do to a job, whatever its work."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from jobs.models import Job
from jobs.queue import Busy, enqueue


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
        Refused: it is not over, or another like it is active.
    """
    require_own(job, by)
    if job.status not in {Job.Status.FAILED, Job.Status.CANCELLED}:
        raise Refused(_("Only a job that failed or was cancelled can be run again."))
    try:
        return enqueue(job.work, by=by, subject=job.subject, **job.arguments)
    except Busy as busy:
        raise Refused(_("The same work is waiting or running already.")) from busy


def require_own(job: Job, by: User) -> None:
    if not Job.objects.visible_to(by).filter(pk=job.pk).exists():
        raise PermissionDenied("You don't have MOD permission on this job")
