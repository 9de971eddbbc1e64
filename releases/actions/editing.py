"""What is changed of a release without packing it.

The row of a release that is packed says what stands on the disk, so its edits wait beside it: the
next repack takes them where it is given no other value. One that is not packed takes them at once.
"""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from releases import edits
from releases.actions.knowledge import checked_metadata
from releases.actions.mending.aims import COLUMNS, changed, worse
from releases.actions.mending.asking import refuse_busy, refuse_name
from releases.actions.mending.proposal import Change
from releases.actions.mending.recording import keep_base
from releases.actions.mending.repack import column_changes, edited, metadata_changes, with_nfo
from releases.actions.refusal import Refused, ReleaseConflict, told
from releases.models import Release

COLUMNS_TO_EDIT = ("format", "volume_bytes", "rar_version", "generate_sfv")


@transaction.atomic
def edit_release(
    release: Release, *, by: User, metadata: Mapping[str, Any], columns: Mapping[str, Any]
) -> Release:
    """Take what is given of `metadata`, and of COLUMNS_TO_EDIT; return the release as it is then.

    Raises:
        PermissionDenied: `by` may not edit it.
        WrongFields: a field of the metadata does not exist, or cannot have this value.
        ReleaseConflict: it lies in the trash, or is being packed for the first time.
        Refused: it cannot be packed with that.
    """
    require(by, "releases", "write", release)
    given = edits.from_options({**columns, "metadata": checked_metadata(metadata)})
    held = locked(release)
    if held.status != Release.Status.COMPLETED:
        return edited_at_once(held, given)
    held.edits = edits.still_due({**held.edits, **given}, held)
    held.save(update_fields=["edits"])
    return held


@transaction.atomic
def discard_edits(release: Release, *, by: User) -> None:
    """Forget what waits for a repack.

    Raises:
        PermissionDenied: `by` may not edit it.
        ReleaseConflict: it lies in the trash.
    """
    require(by, "releases", "write", release)
    held = locked(release)
    held.edits = {}
    held.save(update_fields=["edits"])


def locked(release: Release) -> Release:
    held = Release.objects.select_for_update().get(pk=release.pk)
    if held.trashed_at:
        raise ReleaseConflict(_("%(name)s is in the trash: put it back first.") % {"name": held})
    return held


def edited_at_once(release: Release, given: Mapping[str, Any]) -> Release:
    """Have the row of a release that is not packed take what is `given`."""
    refuse_busy(release, is_busy=release.jobs().active().exists())
    after = edited(release, edits.of_metadata(given))
    after = with_nfo(release, changed(after, **edits.of_columns(given)), {})
    if after.name != release.name:
        refuse_name(after)
    if broken := worse(release, after):
        raise Refused(" ".join(map(told, broken)), tuple(broken))
    try:
        with transaction.atomic():
            after.save(update_fields=COLUMNS)
    except IntegrityError as error:
        raise ReleaseConflict(_("Another release is called %(name)s.") % {"name": after}) from error
    keep_base(release, after)
    return after


def waiting_edits(release: Release) -> list[Change]:
    """Return what the next repack will change, as its edits say."""
    after = changed(release, metadata=release.edited_metadata, **edits.of_columns(release.edits))
    return [*column_changes(release, after), *metadata_changes(release, after)]
