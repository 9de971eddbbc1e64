"""The moment from which a release is another one, and who may bring it about."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jobs.lease import Lease, LeaseLost
from jobs.models import Job
from releases import edits
from releases.actions.mending.aims import ANSWERS, COLUMNS, files_in, kept_fields
from releases.actions.refusal import ReleaseConflict
from releases.models import Artifact, Release, Revision, VolumeBase
from releases.packing import PackedFile


def as_it_is(release: Release) -> dict[str, Any]:
    """Return what a revision keeps of `release`: its row, and what lies in its folder."""
    return kept_fields(release) | {"files": [list(file) for file in files_in(release.folder)]}


@transaction.atomic
def recorded(
    lease: Lease,
    release: Release,
    after: Release,
    files: Iterable[PackedFile],
    revision: Revision,
) -> None:
    """Record that `release` is `after` from now on: what follows is only to move its files.

    Raises:
        LeaseLost: another worker has the job.
        ReleaseConflict: the row was changed meanwhile, or another release has the name.
    """
    fence(lease.job)
    held = Release.objects.select_for_update().get(pk=release.pk)
    if answers(held) != answers(release) or held.trashed_at:
        raise ReleaseConflict(
            _("The release was changed meanwhile: look at what would change now.")
        )
    present = edits.carried_over(release.edits, after.edits, held.edits)
    after.edits = edits.still_due(present, after)
    revision.before["edits"] = held.edits
    revision.release, revision.is_done = release, False
    revision.job, revision.by = lease.job, lease.job.by
    try:
        with transaction.atomic():
            after.save(update_fields=[*COLUMNS, "edits"])
    except IntegrityError as error:
        raise ReleaseConflict(_("Another release is called %(name)s.") % {"name": after}) from error
    Artifact.objects.replace(release, files)
    keep_base(release, after)
    revision.after = kept_fields(after)
    revision.save()


def answers(release: Release) -> dict[str, Any]:
    return {name: getattr(release, name) for name in ANSWERS}


def keep_base(release: Release, after: Release) -> None:
    """Let the names of its volumes be those of the release under its new name."""
    if release.name == after.name:
        return
    held = VolumeBase.objects.filter(group=release.group, base=release.volume_base)
    with suppress(IntegrityError), transaction.atomic():
        held.filter(name=release.name).update(name=after.name)


def fence(job: Job) -> None:
    """Make sure, to the end of the transaction, that `job` is still this worker's.

    Raises:
        LeaseLost: it was given to another one.
    """
    ours = Job.objects.select_for_update().filter(
        pk=job.pk, token=job.token, status=Job.Status.RUNNING
    )
    if not ours.exists():
        raise LeaseLost
