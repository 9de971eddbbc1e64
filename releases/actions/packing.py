"""From a release's row to its folder on disk."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from accounts.models import User
from accounts.permissions import require
from jobs.lease import Lease
from jobs.models import Job, JobLog
from jobs.queue import Busy, enqueue, record
from releases import copies, packing, templating
from releases.actions.conformity import keep_report
from releases.actions.duplicates import refuse_same_file
from releases.actions.refusal import Refused, ReleaseConflict, told
from releases.actions.schemes import refuse_other_scheme
from releases.actions.sources import refuse_replaced
from releases.conformity import translated
from releases.models import Artifact, Release
from releases.packing import PackedFile, PackingError
from releases.packing.lint import judge, observation_of
from releases.packing.lint.rendering import summary


@transaction.atomic
def request_packing(release: Release, *, by: User, at_once: bool = False) -> Job:
    """Queue the packing of `release`, and return the job to watch.

    `at_once` records the job without waking a worker, for a caller that will run it itself.

    Raises:
        PermissionDenied: `by` may not pack it.
        Refused: it is packed, or waiting already, or its rule packs otherwise.
    """
    require(by, "releases", "write", release)
    if release.status == Release.Status.COMPLETED:
        raise ReleaseConflict(_("%(name)s is packed already.") % {"name": release})
    refuse_other_scheme(release.rule, release.format)
    ask = record if at_once else enqueue
    try:
        return ask("pack", by=by, subject=release.subject, release_id=release.pk)
    except Busy as busy:
        raise ReleaseConflict(_("%(name)s is being packed already.") % {"name": release}) from busy


def pack_release(lease: Lease, *, release_id: int) -> dict[str, Any]:
    """Do the packing that a job stands for, and return what was made. For workers.

    Running twice does no harm: an earlier attempt that published the folder, and died before it
    could say so, is verified and taken over.

    Raises:
        PermissionDenied: who asked lost the right meanwhile.
        Refused: it is in the trash.
        Duplicated: it turns out that a release of the same file stands already.
        PackingError: see `packing.pack`.
    """
    release = loaded(release_id)
    require(lease.job.by, "releases", "write", release)
    refuse_trashed(release)
    refuse_replaced(release.source)
    copies.have_source(release.source)
    refuse_same_file(release)
    log_confirmation(lease, release)
    plan = release.plan()
    lease.log(_("Packing %(name)s") % {"name": release})
    verdicts: list[packing.Verdict] = []
    package = published(lease, release, plan, verdicts)
    store(lease, release, plan, package.files)
    record_package(release, package.files, package.volumes)
    report_on(release, verdicts[0], lease)
    for note in package.notes:
        lease.log(told(note), JobLog.Level.WARNING)
    lease.log(
        ngettext(
            "%(volumes)d volume, %(size)s, read back and found right",
            "%(volumes)d volumes, %(size)s, read back and found right",
            package.volumes,
        )
        % {"volumes": package.volumes, "size": templating.format_size(package.bytes)}
    )
    return {"path": str(package.folder), "volumes": package.volumes, "bytes": package.bytes}


def published(
    lease: Lease, release: Release, plan: packing.Plan, verdicts: list[packing.Verdict]
) -> packing.Package:
    """Publish the folder of `release`; one that an earlier attempt published is taken over.

    Raises:
        PackingError: see `packing.pack`.
    """
    copies.forget_unrecorded(release, but=sum_of(plan))
    is_ours = lease.job.attempts > 1 or bool(copies.marked_key(release))
    if is_ours and release.folder.exists():
        return packing.adopt(plan, release.into, lease.progress, verdicts.append)
    copies.unmark(release)  # it was of another package, which is gone
    make_folder(release.into)
    return packing.pack(plan, release.into, lease.progress, verdicts.append)


def sum_of(plan: packing.Plan) -> str:
    """Return what tells `plan` from any other: a release may be edited after it was packed."""
    return sha256(repr(plan).encode()).hexdigest()


def store(
    lease: Lease, release: Release, plan: packing.Plan, files: tuple[PackedFile, ...]
) -> None:
    """Put a package that was published here into the store of files, if there is one.

    Raises:
        StoreAway: it cannot be; the next attempt goes on from here.
    """
    release.package_key = copies.marked_key(release) or copies.new_key(release)
    copies.mark(release, release.package_key, sum_of(plan))
    copies.store_package(release.package_key, release.into, files, lease)


@transaction.atomic
def loaded(release_id: int) -> Release:
    """Return the release, after any edit that is under way: none begins while a job is at it."""
    Release.objects.select_for_update().only("pk").get(pk=release_id)
    return Release.objects.select_related(
        "source", "rule", "group", "created_by", "duplicate_confirmed_by"
    ).get(pk=release_id)


def refuse_trashed(release: Release) -> None:
    """Raise Refused if `release` was put in the trash since its packing was asked for."""
    if release.trashed_at:
        raise Refused(_("%(name)s is in the trash: put it back first.") % {"name": release})


def log_confirmation(lease: Lease, release: Release) -> None:
    """Say who would have the release made though others like it stood."""
    if release.duplicate_of:
        names = [name or _("one that was not shown") for name in release.duplicate_of]
        values = {"user": release.duplicate_confirmed_by or "?", "names": ", ".join(names)}
        lease.log(_("%(user)s confirmed that it is packed beside: %(names)s") % values)


def report_on(release: Release, verdict: packing.Verdict, lease: Lease) -> None:
    """Keep the conformity report that reading the release back allows.

    What keeps it from being made fails no packing: it can be asked for at any time.
    """
    try:
        observed = observation_of(release.folder, verdict)
    except PackingError as error:
        lease.log(told(error), JobLog.Level.WARNING)
        return
    report = judge(observed, release.rule.spec, release.rule.name)
    keep_report(release, report)
    lease.log(summary(report, translated))


def make_folder(folder: Path) -> None:
    """Make `folder` where it is missing.

    Raises:
        PackingError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        template = gettext_noop("%(folder)s cannot be made (%(reason)s): choose another folder")
        raise PackingError(template, folder=folder, reason=error.strerror) from error


@transaction.atomic
def record_package(release: Release, files: tuple[PackedFile, ...], volumes: int) -> None:
    Artifact.objects.replace(release, files)
    release.status = Release.Status.COMPLETED
    release.size = sum(file.size for file in files)
    release.volumes = volumes
    release.packed_at = timezone.now()
    release.save(update_fields=["status", "size", "volumes", "packed_at", "package_key"])


def packing_failed(*, release_id: int) -> None:
    """Note that a release could not be packed. For workers."""
    Release.objects.filter(pk=release_id, status=Release.Status.DRAFT).update(
        status=Release.Status.FAILED
    )
