"""What workers do. The queue delivers at least once, so a job is claimed before it is run."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.trace import NONE, of_job
from jobs.duties import do_due
from jobs.lease import Cancelled, Heard, Lease, LeaseLost
from jobs.models import Job
from jobs.outages import is_outage, patiently
from jobs.queue import send
from monitoring.tallies import count_end
from notifications.actions import tell_of
from packer_site.hints import died, hint, interrupted, unforeseen
from releases import actions
from releases.actions import mending
from releases.actions.delivering import deliver_by_itself, deliver_release
from releases.actions.fetching import fetching_failed
from releases.actions.inbox import EXAMINES, MOVES, examination_failed, move_out
from releases.bucket import StoreAway
from releases.models import DELIVERS
from releases.packing import PackingError

EXPECTED = (actions.Refused, PackingError, PermissionDenied, StoreAway)
"""Their messages are for the user."""

logger = logging.getLogger(__name__)


def nothing(*_job: Job, **_arguments: Any) -> None:
    """Have nothing follow the end of a job."""


@dataclass(frozen=True, slots=True)
class Work:
    do: Callable[..., dict[str, Any]]
    """Takes the lease and the job's arguments; returns the job's result."""
    noted: Callable[..., None] = nothing
    """Notes in the rows of its arguments that a job failed for good; both are recorded, or none."""
    failed: Callable[..., None] = nothing
    """Hears the arguments of a job that failed for good, maybe twice; takes away what it left."""
    done: Callable[..., None] = nothing
    """Hears of a job that is done, and its arguments; what it queues is queued with that."""


def enrich(lease: Lease, **arguments: Any) -> dict[str, Any]:
    from enrichment.actions import enrich  # noqa: PLC0415  # 0.1 s that few jobs need

    return enrich(lease, **arguments)


def sync(lease: Lease) -> dict[str, Any]:
    from rulebook.actions import sync_rules  # noqa: PLC0415  # as above

    return sync_rules(lease)


def fetch(lease: Lease, **arguments: Any) -> dict[str, Any]:
    from drafts.fetching import fetch  # noqa: PLC0415  # as above

    return fetch(lease, **arguments)


def examine(lease: Lease, **arguments: Any) -> dict[str, Any]:
    from drafts.inbox import examine  # noqa: PLC0415  # as above

    return examine(lease, **arguments)


WORK = {
    "analysis": Work(actions.analyse_source),
    "enrich": Work(enrich),
    "pack": Work(actions.pack_release, noted=actions.packing_failed, done=deliver_by_itself),
    "migrate": Work(actions.migrate_templates),
    "sync": Work(sync),
    "lint": Work(actions.check_conformity, failed=actions.checking_failed),
    "bulk": Work(actions.do_bulk),
    "repack": Work(mending.mend_release, failed=mending.mending_failed, done=deliver_by_itself),
    "nfofix": Work(mending.mend_release, failed=mending.mending_failed),
    "readnfo": Work(mending.mend_release, failed=mending.mending_failed),
    "dirfix": Work(mending.mend_release, failed=mending.mending_failed),
    "undo": Work(mending.undo, failed=mending.mending_failed),
    "download": Work(fetch, failed=fetching_failed),
    EXAMINES: Work(examine, noted=examination_failed),
    MOVES: Work(move_out),
    DELIVERS: Work(deliver_release),
}
UNKNOWN = Work(lambda _lease, **_arguments: {})
"""That of a job which another version of the program asked for; it is never done."""


def run(job_id: int, heard: Heard | None = None, request: str = NONE) -> None:
    """Claim the job, do its work, record how it ended; `heard` hears of its progress.

    `request` is the id of the one that asked for it, for the log.
    """
    job = Job.objects.claim(job_id)
    if job is None:
        return
    language = job.language or settings.LANGUAGE_CODE
    with of_job(job_id, request), translation.override(language):
        attempt(job, heard)


def attempt(job: Job, heard: Heard | None = None) -> None:
    """Do the work of a claimed job. Whatever happens, no row is left running."""
    try:
        with Lease(job, heard) as lease:
            logger.info("Job %s begins: %s", job.pk, job.work)
            result = WORK[job.work].do(lease, **job.arguments)
    except EXPECTED as error:
        logger.info("Job %s fails", job.pk)
        fail(job, actions.told(error), hint(error))
    except Cancelled:
        patiently(partial(cancel, job))
    except LeaseLost:
        logger.warning("%s was given to another worker", job)
    except Exception as error:
        fail_unforeseen(job, error)
    except KeyboardInterrupt:  # of whoever runs it at a terminal
        patiently(partial(cancel, job))
        raise
    except BaseException:  # django-q2 ends a job that is out of time by SystemExit
        fail(job, *interrupted())
        raise
    else:
        follow = partial(WORK[job.work].done, job, **job.arguments)
        patiently(partial(end, job, partial(job.finish, result), follow))
        logger.info("Job %s is done", job.pk)


def fail_unforeseen(job: Job, error: Exception) -> None:
    """Record an `error` that nobody expected, for people by a reference to the log.

    Raises:
        DatabaseError: it was that the database is away: another worker goes on.
    """
    if is_outage(error):
        logger.warning("%s is for another worker: the database is away", job)
        raise error  # no row is changed: nobody prolongs the lease any more
    reference = uuid4().hex[:8]
    logger.exception("%s failed, reference %s", job, reference)
    fail(job, *unforeseen(error, reference))


def fail(job: Job, error: str, hint: str = "") -> None:
    """Record that `job` failed; then take away what it left, unless another recorded its end."""
    work, at = WORK.get(job.work, UNKNOWN), timezone.now()
    failed, follow = partial(job.fail, error, hint, at=at), partial(work.noted, **job.arguments)
    patiently(partial(end, job, failed, follow, (error, "ERROR")))
    if job.finished_at == at:  # by the first try, or by a later one
        patiently(partial(work.failed, **job.arguments))


def cancel(job: Job) -> None:
    end(job, job.cancel, nothing, (_("Cancelled"), "WARNING"))


@transaction.atomic
def end(
    job: Job,
    recorded: Callable[[], bool],
    follow: Callable[[], None],
    line: tuple[str, str] | None = None,
) -> None:
    """Record that `job` is over, and with it all that follows: everything, or nothing.

    Nothing is left to do where another has recorded an end, or an earlier try, whose answer
    was lost.
    """
    if not recorded():
        return
    if line:
        job.log(*line)
    for act in (follow, partial(tell_of, job), partial(count_end, job)):
        beside(job, act)


def beside(job: Job, act: Callable[[], None]) -> None:
    """Do `act` within the transaction; a fault in it undoes nothing else."""
    try:
        with transaction.atomic():
            act()
    except Exception as error:
        if is_outage(error):
            raise
        logger.exception("Of the end of %s, something is not recorded", job)


def reclaim() -> int:
    """Give the jobs of dead workers to living ones; return how many there were."""
    jobs = list(Job.objects.abandoned().select_related("by"))
    for job in jobs:
        if job.attempts >= settings.JOB_ATTEMPTS:
            with translation.override(job.language or settings.LANGUAGE_CODE):
                fail(job, *died(job.attempts))
        elif job.release_to_queue():
            job.log(_("The worker died; the job is given to another."), "WARNING")
            send(job)
    return len(jobs)


def recover(meanwhile: Callable[[], None] = nothing) -> None:
    """Do the chores that are due: jobs of dead workers, what is half done, what is old.

    To be called every few seconds by whatever supervises workers; any number may do so.
    `meanwhile` is done between two of them.

    Raises:
        OperationalError: the database is away.
    """
    do_due(unforeseen, meanwhile)
