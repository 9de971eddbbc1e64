"""What workers do: build aside, verify, record, put in place. Whole or not at all, and once."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext as _

from accounts.permissions import require
from jobs.lease import Lease
from jobs.models import Job, JobLog
from releases import copies, packing
from releases.actions.mending import finishing, fixing, revisions
from releases.actions.mending.aims import Aim, files_in, token_of
from releases.actions.mending.asking import aim_of, refuse_stale, refuse_unready
from releases.actions.mending.building import built
from releases.actions.mending.proposal import kept
from releases.actions.mending.recording import as_it_is, recorded
from releases.actions.refusal import Refused, told
from releases.models import Release, Revision
from releases.packing import PackedFile
from releases.packing.exchange import NEW, Held, inode_of
from releases.packing.rar import writing


def mend_release(
    lease: Lease,
    *,
    release_id: int,
    options: dict[str, Any],
    writes_fix: bool,
    token: str,
) -> dict[str, Any]:
    """Do the operation that a job stands for. For workers.

    Running twice does no harm: what an earlier attempt recorded is finished, not done again.

    Raises:
        PermissionDenied: who asked lost the right meanwhile.
        Refused: the release was changed meanwhile, or would break its rule.
        PackingError: it cannot be built, or is not right when it is read back.
    """
    operation = lease.job.work
    release = claimed(lease, release_id)
    done = finished_by(lease.job)
    if done is None:
        refuse_unready(release, but=lease.job.pk)
        copies.have_source(release.source)
        refuse_stale(token, token_of(operation, options, release))
        done = mended(lease, release, aim_of(operation, release, options, by=lease.job.by))
    release = loaded(release_id)
    result = result_of(release, done)
    if writes_fix:
        result |= fixing.write_fix(lease, operation, release, corrects=done.before["name"])
    revisions.prune(release, lease)
    return result


def undo(lease: Lease, *, release_id: int, number: int) -> dict[str, Any]:
    """Put back what a revision replaced. For workers.

    Raises:
        PermissionDenied: who asked lost the right meanwhile.
        Refused: it is not there any more, or damaged.
    """
    release = claimed(lease, release_id)
    done = finished_by(lease.job)
    if done is None:
        refuse_unready(release, but=lease.job.pk)
        done = restored(lease, release, revisions.to_undo(release, number))
    return result_of(loaded(release_id), done)


def claimed(lease: Lease, release_id: int) -> Release:
    """Return the release, once what an earlier worker left of it is finished."""
    release = loaded(release_id)
    require(lease.job.by, "releases", "mod", release)
    with putting_in_place(release):
        finishing.finish_left(release)
    release = loaded(release_id)
    copies.have_package(release)
    return release


def loaded(release_id: int) -> Release:
    found = Release.objects.select_related("source", "rule", "group", "nfo_template", "created_by")
    release = found.filter(pk=release_id).first()
    if release is None:
        raise Refused(_("The release is gone."))
    return release


def finished_by(job: Job) -> Revision | None:
    """Return what an earlier attempt at this job recorded, which is finished by now."""
    return Revision.objects.filter(job=job).first()


@contextmanager
def putting_in_place(release: Release) -> Iterator[None]:
    """Turn what keeps files from their places into a sentence."""
    try:
        with writing(release.folder):
            yield
    except Held as error:
        raise Refused(
            _("A job is at work on %(name)s: wait for it.") % {"name": release}
        ) from error


def mended(lease: Lease, release: Release, aim: Aim) -> Revision:
    """Build what `aim` says, and have it take the place of what is there."""
    for change in aim.changes:
        lease.log(str(change))
    for remark in aim.remarks:
        lease.log(str(remark), JobLog.Level.WARNING)
    revisions.sweep(release)
    number = revisions.next_number(release)
    aside = revisions.place(release, number, lease.job.token)
    with writing(aside):
        (aside / NEW).mkdir(parents=True)
        aside.parent.chmod(0o700)
    try:
        with copies.new_package(release) as key:
            after, files = built(lease, release, aim.release, aside, key)
            lease.enter("publish")
            revision = Revision(
                number=number,
                operation=lease.job.work,
                changes=kept(aim.changes),
                before=as_it_is(release),
                kept=str(aside),
                inode=inode_of(aside / NEW / after.name),
            )
            recorded(lease, release, after, files, revision)
    except BaseException:
        with suppress(DatabaseError):  # what it may have recorded before it went away stays
            revisions.sweep(release)
        raise
    with putting_in_place(release):
        finishing.finish(revision)
    copies.mark(after, after.package_key)
    return revision


def restored(lease: Lease, release: Release, revision: Revision) -> Revision:
    """Put back the files and the data that `revision` replaced, as a revision of its own."""
    after = revisions.as_before(release, revision)
    folder = revisions.kept_folder(revision)
    if [list(file) for file in files_in(folder)] != revision.before["files"]:
        raise Refused(
            _("What revision %(number)d replaced is not whole any more: it stays aside.")
            % {"number": revision.number}
        )
    for fault in packing.verify(folder, lease.progress).faults:
        lease.log(told(fault), JobLog.Level.WARNING)
    lease.enter("restore")
    number = revisions.next_number(release)
    back = Revision(
        number=number,
        operation=Revision.Operation.UNDO,
        changes=kept(revisions.undo_changes(revision)),
        before=as_it_is(release),
        kept=str(revisions.place(release, number, lease.job.token)),
        inode=inode_of(folder),
        undoes=revision,
    )
    kept_files = [files_of(file) for file in revision.before["artifacts"]]
    with copies.new_package(release) as key:
        if not after.package_key:  # it was replaced before there was a store
            after.package_key = key
            copies.store_package(key, folder.parent, kept_files, lease)
        recorded(lease, release, after, kept_files, back)
    with putting_in_place(release):
        finishing.finish(back)
    copies.mark(after, after.package_key)
    return back


def files_of(kept: list[Any]) -> PackedFile:
    path, kind, size, crc32, sha256 = kept
    return PackedFile(path=path, kind=kind, size=size, crc32=crc32, sha256=sha256)


def result_of(release: Release, revision: Revision) -> dict[str, Any]:
    return {
        "revision": revision.number,
        "path": str(release.folder),
        "volumes": release.volumes,
        "bytes": release.size,
    }


def mending_failed(*, release_id: int, **_others: Any) -> None:
    """Remove what a job that failed has built aside, and finish what it recorded. For workers."""
    release = Release.objects.filter(pk=release_id).first()
    if release is None:
        return
    with suppress(Held, OSError):
        finishing.finish_left(release)
    revisions.sweep(release)
