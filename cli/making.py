"""A release from its options to its folder, and what is told of it."""

import hashlib
import math
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.utils.translation import gettext as _

from accounts.models import User
from cli.answering import created
from cli.doors import is_remote
from cli.exits import Exit, Stop, database_away
from cli.interruption import LISTENER
from cli.output import tell
from jobs import actions as jobs
from jobs.models import Job, JobLog
from jobs.outages import is_outage, patiently
from jobs.queue import run_here
from releases import actions
from releases.actions import Duplicated, Refused, told
from releases.bucket import StoreAway
from releases.models import Artifact, Release
from releases.packing import Progress

POLL_S = 0.1
PATIENCE_S = 5
"""How long a job may wait for a worker before that is said."""


Begun = Callable[[Job], None]
"""Hears of the job, before it runs."""


def unheeded(job: object) -> None:
    """Nobody asks which job it is."""


def made(options: Namespace, heard: Progress, begun: Begun = unheeded) -> dict[str, Any]:
    """Make the release of `options.file`, and return what there is to say of it.

    Raises:
        Stop: it cannot be done; says why.
    """
    if is_remote():
        from cli.remote.making import made_there  # noqa: PLC0415  # a client that few need

        return made_there(options, heard, unheeded)
    began_s = time.monotonic()
    user = acting_user(options.username)
    LISTENER.check()
    with refusals_told():
        release = patiently(partial(created, options, user))
        job = packed(release, options, user, heard, begun)
    return outcome(job, options, began_s)


def outcome(job: Job, options: Namespace, began_s: float) -> dict[str, Any]:
    """Return what there is to say of a job that is over.

    Raises:
        Stop: it failed; says why.
    """
    if options.verbose:
        for line in job.lines.all():
            tell(f"{line.level} {line.message}")
    if job.status != Job.Status.COMPLETED:
        raise Stop(Exit.FAILED, job.error or str(job.get_status_display()))
    release = Release.objects.get(pk=job.arguments["release_id"])
    said = {"release": release.name, "release_id": release.pk}
    said |= {"path": str(release.folder), "notes": notes(job)}
    details = described(release, job) if options.json else {}
    return said | details | {"seconds": round(time.monotonic() - began_s, 3)}


def notes(job: Job) -> list[str]:
    """Return what the release lacks, and why."""
    warnings = job.lines.filter(level=JobLog.Level.WARNING)
    return list(warnings.values_list("message", flat=True))


def acting_user(username: str | None) -> User:
    """Return the user named, or the first administrator: who can run this owns the machine."""
    if username is None:
        user = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    else:
        user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Stop(Exit.NOT_FOUND, nobody(username))
    return user


def nobody(username: str | None) -> str:
    """Say that there is no such user, or on a new instance no administrator yet."""
    if username is None:
        return _("There is no administrator yet: run “packer setup”, or open the site.")
    return _("There is no user %(name)s.") % {"name": username}


def packed(
    release: Release, options: Namespace, user: User, heard: Progress, begun: Begun = unheeded
) -> Job:
    """Pack the release; return the job, over."""
    with LISTENER.held(heard) as told:
        at_once = not options.with_job
        job = patiently(partial(actions.request_packing, release, by=user, at_once=at_once))
        begun(job)
        return wait_for(job, user, told, runs=not options.with_job)


def continued(job: Job, options: Namespace, heard: Progress) -> dict[str, Any]:
    """Go on with a job whose process died, and return what there is to say of it.

    Whether that was a command or a worker: one that is not heard of any more has it no longer.

    Raises:
        Stop: it failed; says why.
    """
    began_s = time.monotonic()
    LISTENER.check()
    with refusals_told(), LISTENER.held(heard) as told:
        job = wait_for(job, acting_user(options.username), told, runs=not options.with_job)
    return outcome(job, options, began_s)


@contextmanager
def refusals_told() -> Iterator[None]:
    """Give what is refused here its exit code."""
    try:
        yield
    except PermissionDenied as denied:
        raise Stop(Exit.NOT_PERMITTED, str(denied)) from denied
    except Duplicated as refusal:
        raise Stop(Exit.NOT_CONFORMING, in_our_words(refusal)) from refusal
    except Refused as refusal:
        code = Exit.NOT_CONFORMING if refusal.violations else Exit.INVALID
        raise Stop(code, str(refusal)) from refusal
    except StoreAway as away:
        raise Stop(Exit.FAILED, told(away)) from away
    except DatabaseError as error:
        if not is_outage(error):
            raise
        raise database_away(error) from error
    except OSError as error:
        sentence = _("%(path)s cannot be used (%(reason)s).")
        values = {"path": error.filename or "?", "reason": error.strerror or error}
        raise Stop(Exit.INVALID, sentence % values) from error


def in_our_words(refusal: Duplicated) -> str:
    if not refusal.may_confirm:
        return str(refusal)
    return f"{refusal} {_('Here, --allow-duplicate confirms it.')}"


def wait_for(job: Job, user: User, heard: Progress, *, runs: bool = False) -> Job:
    """Wait until `job` is done, by a worker or, if `runs`, by us; an interruption cancels it."""
    hint_at_s = time.monotonic() + PATIENCE_S
    try:
        while not job.is_over:
            if runs and is_left(job) and run_here(job, heard).is_over:
                break
            time.sleep(POLL_S)
            job.refresh_from_db()
            if job.status == Job.Status.PENDING and time.monotonic() > hint_at_s:
                tell(_("No worker has taken the job yet: packer serve or packer worker runs one."))
                hint_at_s = math.inf
            heard(job.stage, job.bytes_done, job.bytes_total)
    except KeyboardInterrupt:
        with suppress(jobs.Refused):  # it was over before it could be cancelled
            jobs.cancel_job(job, by=user)
        raise
    return job


def is_left(job: Job) -> bool:
    """Tell whether nobody is at `job`; who was is noted to be gone."""
    if Job.objects.abandoned().filter(pk=job.pk).exists():
        job.release_to_queue()
    return job.status == Job.Status.PENDING


def described(release: Release, job: Job) -> dict[str, Any]:
    """Return the numbers of what was made, as `--json` prints them."""
    return {
        "files": [summed(file, release.into) for file in release.artifacts.all()],
        "volumes": release.volumes,
        "bytes": release.size,
        "job_id": job.pk,
    }


def summed(file: Artifact, folder: Path) -> dict[str, Any]:
    """Return a file with its sums; where no list of SHA-256 was asked for, it is read for its."""
    sha256 = file.sha256 or sha256_of(folder / file.path)
    return {"path": file.path, "size": file.size, "crc32": file.crc32, "sha256": sha256}


def sha256_of(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
