"""What workers do. The queue delivers at least once, so a job is claimed before it is run."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actions.logins import sweep_logins_now_and_then
from api.models import forget_old_answers
from jobs.lease import Cancelled, Heard, Lease, LeaseLost
from jobs.models import Job
from jobs.queue import resend_forgotten, send
from packer_site.hints import died, hint, interrupted, unforeseen
from releases import actions
from releases.actions import mending
from releases.actions.fetching import fetching_failed
from releases.actions.inbox import EXAMINES, MOVES, examination_failed, move_out, watch_inbox
from releases.actions.uploads import sweep_now_and_then
from releases.packing import PackingError

EXPECTED = (actions.Refused, PackingError, PermissionDenied)  # their messages are for the user

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    do: Callable[..., dict[str, Any]]
    """Takes the lease and the job's arguments; returns the job's result."""
    failed: Callable[..., None] | None = None
    """Hears the arguments of a job that failed for good."""


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
    "pack": Work(actions.pack_release, failed=actions.packing_failed),
    "migrate": Work(actions.migrate_templates),
    "sync": Work(sync),
    "lint": Work(actions.check_conformity, failed=actions.checking_failed),
    "bulk": Work(actions.do_bulk),
    "repack": Work(mending.mend_release, failed=mending.mending_failed),
    "nfofix": Work(mending.mend_release, failed=mending.mending_failed),
    "readnfo": Work(mending.mend_release, failed=mending.mending_failed),
    "dirfix": Work(mending.mend_release, failed=mending.mending_failed),
    "undo": Work(mending.undo, failed=mending.mending_failed),
    "download": Work(fetch, failed=fetching_failed),
    EXAMINES: Work(examine, failed=examination_failed),
    MOVES: Work(move_out),
}


def run(job_id: int, heard: Heard | None = None) -> None:
    """Claim the job, do its work, record how it ended; `heard` hears of its progress."""
    job = Job.objects.claim(job_id)
    if job is None:
        return
    with translation.override(job.language or settings.LANGUAGE_CODE):
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
        job.log(_("Cancelled"), "WARNING")
        job.cancel()
    except LeaseLost:
        logger.warning("%s was given to another worker", job)
    except Exception as error:
        reference = uuid4().hex[:8]
        logger.exception("%s failed, reference %s", job, reference)
        fail(job, *unforeseen(error, reference))
    except BaseException:  # django-q2 ends a job that is out of time by SystemExit
        fail(job, *interrupted())
        raise
    else:
        job.finish(result)
        logger.info("Job %s is done", job.pk)


def fail(job: Job, error: str, hint: str = "") -> None:
    if not job.fail(error, hint):
        return
    job.log(error, "ERROR")
    work = WORK.get(job.work)  # none where another version of the program asked for it
    if work and work.failed:
        work.failed(**job.arguments)


def reclaim() -> None:
    """Give the jobs of dead workers to living ones."""
    for job in Job.objects.abandoned().select_related("by"):
        if job.attempts >= settings.JOB_ATTEMPTS:
            with translation.override(job.language or settings.LANGUAGE_CODE):
                fail(job, *died(job.attempts))
        elif job.release_to_queue():
            job.log(_("The worker died; the job is given to another."), "WARNING")
            send(job)


def sync_when_due() -> None:
    from rulebook.actions import start_due_sync  # noqa: PLC0415  # as above

    start_due_sync()


CHORES: tuple[Callable[[], object], ...] = (
    reclaim,
    resend_forgotten,
    mending.finish_all,
    sync_when_due,
    sweep_now_and_then,
    actions.empty_trash,
    watch_inbox,
    forget_old_answers,
    sweep_logins_now_and_then,
)
"""What nobody asks for. One that fails must not keep others from being done."""


def recover() -> None:
    """Do the chores: jobs of dead workers, forgotten messages, what is half done or is due.

    To be called every few seconds by whatever supervises workers; any number may do so.

    Raises:
        OperationalError: the database is away.
    """
    for chore in CHORES:
        try:
            chore()
        except OperationalError:
            raise
        except Exception:
            logger.exception("%s failed; it is tried again", chore.__name__)
