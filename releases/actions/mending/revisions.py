"""What was kept of a release each time it was changed, and how it is put back."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.system import system
from jobs.lease import Lease
from jobs.models import Job
from releases import copies, edits
from releases.actions.making import refuse_taken
from releases.actions.mending.aims import changed, take_fields
from releases.actions.mending.proposal import Change
from releases.actions.refusal import ReleaseConflict
from releases.bucket import StoreAway
from releases.models import Release, Revision
from releases.packing.exchange import OLD

FOLDER = ".revisions"
"""Beside the releases, so that what is kept is moved, not copied."""
PRUNED_AT_ONCE = 100


def home(release: Release) -> Path:
    return release.into / FOLDER


def place(release: Release, number: int, token: str) -> Path:
    """Return the folder of a revision: no two attempts at one share it."""
    return home(release) / f"{release.pk}-{number}-{token[:8]}"


def next_number(release: Release) -> int:
    latest = release.revisions.order_by("-number").values_list("number", flat=True).first()
    return (latest or 0) + 1


def kept_folder(revision: Revision) -> Path:
    """Return where the folder lies that `revision` replaced, under the name that it had."""
    return Path(revision.kept) / OLD / str(revision.before["name"])


def standing(release: Release) -> QuerySet[Revision]:
    """Return the revisions that were not taken back."""
    return release.revisions.filter(is_done=True, undone_by=None)


def with_standing(revisions: QuerySet[Revision]) -> QuerySet[Revision]:
    """Have `revisions` know what `can_be_undone` asks, at no query more."""
    undoing = Revision.objects.filter(undoes=OuterRef("pk"))
    return revisions.annotate(is_undone=Exists(undoing), was_called=KT("before__name"))


def can_be_undone(revision: Revision) -> bool:
    """Tell whether a revision of `with_standing` stands, and what it replaced is kept."""
    if not revision.is_done or revision.is_undone or not revision.kept:  # type: ignore[attr-defined]
        return False
    return (Path(revision.kept) / OLD / str(revision.was_called)).is_dir()  # type: ignore[attr-defined]


def later_ones() -> QuerySet[Revision, int]:
    """Return how many revisions stand that came after one."""
    after = Revision.objects.filter(
        release=OuterRef("release"), number__gt=OuterRef("number"), is_done=True, undone_by=None
    )
    counted = after.order_by().values("release").annotate(count=Count("pk"))
    return counted.values_list("count", flat=True)


def to_undo(release: Release, number: int | None) -> Revision:
    """Return revision `number`, or the latest one that was not taken back.

    It tells how many stand `later`, and whether a job `is_busy` with the release.

    Raises:
        ReleaseConflict: there is none, it was taken back, or nothing is kept of it.
    """
    found = standing(release).annotate(
        later=Coalesce(Subquery(later_ones()), 0), is_busy=Exists(release.jobs().active())
    )
    if number is None:
        revision = found.exclude(operation=Revision.Operation.UNDO).order_by("-number").first()
    else:
        revision = found.filter(number=number).first()
    if revision is None:
        raise ReleaseConflict(_("There is nothing to take back: no such change stands."))
    if not revision.kept or not kept_folder(revision).is_dir():
        raise ReleaseConflict(
            _("The files that revision %(number)d replaced are not kept any more.")
            % {"number": revision.number}
        )
    return revision


def as_before(release: Release, revision: Revision) -> Release:
    """Return the row as it was before `revision`; it is not saved.

    The edits that were packed since wait again; those that wait already stay.

    Raises:
        ReleaseConflict: another release has the name that it had.
    """
    before = changed(release)
    take_fields(before, revision.before)
    before.edits = edits.still_due({**taken_since(release, revision), **release.edits}, before)
    if before.name != release.name:
        refuse_taken(before.name, release.root)
    return before


def taken_since(release: Release, revision: Revision) -> dict[str, Any]:
    """Return the edits that `revision`, and those after it that stand, have packed."""
    found: dict[str, Any] = {}
    since = standing(release).filter(number__gte=revision.number).order_by("number")
    for before, after in since.values_list("before__edits", "after__edits"):
        found |= edits.taken(before or {}, after or {})
    return found


def undo_changes(revision: Revision) -> tuple[Change, ...]:
    values = {"number": revision.number}
    said = gettext_noop("The files and the data are again as they were before revision %(number)d.")
    found = [Change(said, values)]
    if revision.later:  # type: ignore[attr-defined]  # see to_undo
        also = gettext_noop("What was changed after it is taken back as well; revisions: %(count)d")
        found.append(Change(also, {"count": revision.later}))  # type: ignore[attr-defined]
    return tuple(found)


def edits_waiting(release: Release, after: Release) -> Iterator[Change]:
    if after.edits.items() - release.edits.items():
        yield Change(gettext_noop("What was edited before waits for the next repack again."))


def prune(release: Release, lease: Lease) -> None:
    """Remove the files that the oldest revisions replaced; the newest ones are kept.

    A store that is away is no reason to fail: what is left goes with the next sweep.
    """
    try:
        for number in pruned(release):
            lease.log(
                _("The files that revision %(number)d replaced are not kept any longer.")
                % {"number": number}
            )
    except StoreAway as away:
        lease.log(str(away), "WARNING")


def pruned(release: Release) -> Iterator[int]:
    """Remove them, and yield the numbers of their revisions.

    Raises:
        StoreAway: it keeps what it has of them, and the row tells so.
    """
    kept = release.revisions.exclude(kept="").filter(is_done=True).order_by("-number")
    most = system().revisions_kept
    for revision in kept[most:] if most else ():
        copies.forget_replaced(revision)
        Revision.objects.filter(pk=revision.pk).update(kept="")
        shutil.rmtree(revision.kept, ignore_errors=True)
        yield revision.number


def prune_all() -> int:
    """Remove what more revisions replaced than are kept by now; return of how many."""
    if not (most := system().revisions_kept):
        return 0
    counted = Revision.objects.exclude(kept="").filter(is_done=True).order_by().values("release")
    over = counted.annotate(count=Count("pk")).filter(count__gt=most).values("release")
    releases = Release.objects.filter(pk__in=over)[:PRUNED_AT_ONCE]
    return sum(1 for one in releases if not is_at_work(one) for _number in pruned(one))


def is_at_work(release: Release) -> bool:
    at_work = Job.objects.about(release.subject).active().exists()
    return at_work or release.revisions.unfinished().exists()


def sweep(release: Release) -> None:
    """Remove what attempts that died before they changed anything have left.

    So it does with what was kept of releases that are deleted.
    """
    folders = {folder.name: folder for folder in home(release).glob("*-*")}
    used = {Path(kept).name for kept in release.revisions.values_list("kept", flat=True)}
    others = {name.partition("-")[0] for name in folders} - {str(release.pk)}
    standing = Release.objects.filter(pk__in=filter(str.isdecimal, others))
    living = set(map(str, standing.values_list("pk", flat=True)))
    for name, folder in folders.items():
        if name not in used and name.partition("-")[0] not in living:
            shutil.rmtree(folder, ignore_errors=True)
