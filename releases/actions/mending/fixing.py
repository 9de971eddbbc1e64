"""The release that corrects another one: a folder of its own beside it, with a row of its own.

Source: docs/formats/fixes.md.
"""

from copy import copy
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.lease import Lease
from jobs.models import JobLog
from releases import packing
from releases.actions.making import refuse_taken, volume_base
from releases.actions.mending.aims import as_new, changed
from releases.actions.packing import published, record_package, report_on, store
from releases.actions.refusal import Refused, told
from releases.models import Release
from releases.nfo_mending import with_field
from releases.packing import NamingError, nfo

KINDS = {"nfofix": "NFOFIX", "dirfix": "DIRFIX", "repack": "REPACK", "readnfo": "REPACK"}
LABEL = "Fixes"
"""What its NFO calls the name of the release that it corrects."""


def refuse_impossible(operation: str, release: Release, after: Release) -> None:
    """Raise Refused if no fix of `release` can be written beside it."""
    refuse_taken(name_of(operation, after), release.root)


def name_of(operation: str, after: Release) -> str:
    """Return the name of the fix, which a directory fix takes from the corrected one.

    Raises:
        Refused: there is no such fix of this release.
    """
    try:
        return packing.fix_name(after.name, KINDS[operation])
    except NamingError as error:
        raise Refused(told(error)) from error


def write_fix(lease: Lease, operation: str, release: Release, *, corrects: str) -> dict[str, Any]:
    """Write the fix of what was called `corrects`, and return what was made. For workers.

    Running twice does no harm: a fix that was published is verified and taken over.

    Raises:
        PackingError: see `packing.pack`.
    """
    name = name_of(operation, release)
    fix = Release.objects.filter(name=name, root=release.root, corrects=corrects).first()
    if fix is None:
        fix = recorded_fix(lease, release, name, corrects)
    if fix.status != Release.Status.COMPLETED:
        pack(lease, fix)
    return {"fix": fix.pk, "fix_path": str(fix.folder)}


def recorded_fix(lease: Lease, release: Release, name: str, corrects: str) -> Release:
    """Record the row of a fix.

    Raises:
        Refused: its name is taken, or no names are left for its volumes.
    """
    refuse_taken(name, release.root)
    base = volume_base(name, release.group, as_new(release))
    fix = copy(release)
    fix.pk, fix._state.adding = None, True  # so Django copies rows
    text = with_field(release.nfo, LABEL, corrects)
    row = changed(
        fix,
        name=name,
        corrects=corrects,
        nfo=nfo.carrier(release.nfo_encoding)(text),
        nfo_is_own=True,
        volume_base=base,
        status=Release.Status.DRAFT,
        created_by=lease.job.by,
    )
    forget_results(row)
    row.save()
    return row


def forget_results(row: Release) -> None:
    """Take from a copied row what came of packing the one it was copied from."""
    row.size = row.volumes = 0
    row.packed_at = row.checked_at = None
    row.package_key = ""
    row.edits = {}
    row.conformity, row.duplicate_of, row.duplicate_confirmed_by = {}, [], None
    if row.is_fix:
        row.generate_sfv = False
    row.created_at = timezone.now()


def pack(lease: Lease, fix: Release) -> None:
    verdicts: list[packing.Verdict] = []
    lease.log(_("Packing %(name)s") % {"name": fix})
    plan = fix.plan()
    package = published(lease, fix, plan, verdicts)
    store(lease, fix, plan, package.files)
    record_package(fix, package.files, package.volumes)
    report_on(fix, verdicts[0], lease)
    for note in package.notes:
        lease.log(told(note), JobLog.Level.WARNING)
