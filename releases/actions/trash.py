"""Releases out of the way, and back, and gone for good.

A release in the trash lies in `.trash/<number>` of the directory that held it, with all that lay
beside it, and its row says so: its name is free. The row is changed before files are moved there,
and after they are moved back, so that who does the same again ends what was begun.
"""

import logging
import os
import shutil
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from pathlib import Path

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from accounts.system import system
from jobs.models import Job
from releases import copies
from releases.actions.mending.asking import refuse_on_its_way
from releases.actions.mending.revisions import FOLDER
from releases.actions.refusal import Refused, ReleaseConflict
from releases.actions.sources import discard_source
from releases.models import Release, Source

TRASH = ".trash"
SWEPT_AT_ONCE = 200
AT_ONCE = 20
"""Releases that one look at the trash removes: who looks has more to do."""

logger = logging.getLogger(__name__)


def trash_release(release: Release, *, by: User) -> None:
    """Put `release` in the trash; where it is there, see that its files are.

    Raises:
        PermissionDenied: `by` may not delete it.
        Refused: a job is at it, or its files cannot be moved.
    """
    require(by, "releases", "delete", release)
    refuse_at_work(release)
    place = release.into / TRASH / str(release.pk)
    standing = Release.objects.standing().filter(pk=release.pk)
    won = standing.update(root=place, trashed_at=timezone.now(), trashed_from=release.root)
    release.refresh_from_db(fields=["root", "trashed_at", "trashed_from"])
    try:
        move(release, origin(release), release.into)
    except OSError as error:
        if won:
            back = {"root": release.trashed_from, "trashed_at": None, "trashed_from": ""}
            Release.objects.filter(pk=release.pk).update(**back)
        raise unmovable(release, error) from error


def refuse_at_work(release: Release) -> None:
    """Raise ReleaseConflict if a job is at it, or has left files that are to be put in place."""
    at_work = Job.objects.about(release.subject).active().exclude(work="bulk")
    if at_work.exists() or release.revisions.unfinished().exists():
        raise ReleaseConflict(
            _("A job is at work on %(name)s: wait, or cancel it.") % {"name": release}
        )
    refuse_on_its_way(release)


def restore_release(release: Release, *, by: User) -> None:
    """Put `release` back where it was; what was never in the trash stays as it is.

    Raises:
        PermissionDenied: `by` may not delete it.
        Refused: its name is taken meanwhile, or its files cannot be moved.
    """
    require(by, "releases", "delete", release)
    if not release.trashed_at:
        return
    place, back = release.into, origin(release)
    refuse_taken_place(release, back)
    try:
        move(release, place, back)
    except OSError as error:
        raise unmovable(release, error) from error
    try:
        with transaction.atomic():
            Release.objects.trashed().filter(pk=release.pk).update(
                root=release.trashed_from, trashed_at=None, trashed_from=""
            )
    except IntegrityError as error:
        move(release, back, place)
        raise taken(release, back) from error
    release.refresh_from_db(fields=["root", "trashed_at", "trashed_from"])
    forget_empty(place)


def refuse_taken_place(release: Release, back: Path) -> None:
    """Raise Refused if something else lies where `release` was."""
    others = Release.objects.filter(root=release.trashed_from, name=release.name)
    both = (
        os.path.lexists(release.into / entry) and os.path.lexists(back / entry)
        for entry in entries(release)
    )
    if others.exists() or any(both):
        raise taken(release, back)


def taken(release: Release, back: Path) -> Refused:
    sentence = _("%(folder)s has another %(name)s by now: put that away first.")
    return Refused(sentence % {"folder": back, "name": release})


def unmovable(release: Release, error: OSError) -> Refused:
    reason = {"name": release, "reason": error.strerror}
    return Refused(_("The files of %(name)s cannot be moved: %(reason)s") % reason)


def origin(release: Release) -> Path:
    """Return the directory that held a release before it was put in the trash."""
    return Path(release.trashed_from) if release.trashed_from else system().releases


def entries(release: Release) -> list[str]:
    """Return what of a release lies in its directory: its folder, and what is beside that."""
    paths = release.artifacts.values_list("path", flat=True)
    return sorted({release.name, *(Path(path).parts[0] for path in paths)})


def move(release: Release, start: Path, end: Path) -> None:
    """Move what lies in `start` of `release` to `end`, but nothing over anything."""
    for entry in entries(release):
        if os.path.lexists(start / entry) and not os.path.lexists(end / entry):
            end.mkdir(parents=True, exist_ok=True)
            (start / entry).rename(end / entry)


def forget_empty(place: Path) -> None:
    """Remove the folders of the trash that hold nothing any more."""
    for folder in (place, place.parent):
        with suppress(OSError):  # it is gone already, or holds others
            folder.rmdir()


def forget_release(release: Release, *, by: User) -> None:
    """Remove a release in the trash for good: its files, its row, what no one else needs.

    Raises:
        PermissionDenied: `by` may not delete it.
        Refused: it is not in the trash, or its files cannot be removed.
    """
    require(by, "releases", "delete", release)
    remove(release)


def remove(release: Release) -> None:
    refuse_put_back(release)
    try:
        remove_files(release)
    except OSError as error:
        reason = {"name": release, "reason": error.strerror}
        raise Refused(_("The files of %(name)s cannot be removed: %(reason)s") % reason) from error
    copies.forget_packages(release)  # while the row still tells of them, should the store be away
    source = release.source
    release.delete()
    discard_unneeded(source)


def refuse_put_back(release: Release) -> None:
    """Raise ReleaseConflict if `release` is not in the trash, whatever was known before."""
    if not Release.objects.trashed().filter(pk=release.pk, root=release.root).exists():
        raise ReleaseConflict(_("%(name)s is not in the trash.") % {"name": release})


def remove_files(release: Release) -> None:
    place = release.into
    if place.parent.name == TRASH and place.name == str(release.pk) and place.is_dir():
        shutil.rmtree(place)
        forget_empty(place)
    for revision in release.revisions.exclude(kept=""):
        kept = Path(revision.kept)
        is_ours = kept.parent.name == FOLDER and kept.name.startswith(f"{release.pk}-")
        if is_ours and kept.is_dir():
            shutil.rmtree(kept)


def discard_unneeded(source: Source) -> None:
    """Forget a sent file once nothing is made of it: it counts for the quota of who sent it."""
    if not is_needed(source):
        with suppress(ProtectedError):  # a release was made of it just now
            discard_source(source)


def is_needed(source: Source) -> bool:
    """Tell whether a release, a draft or a job is about `source`, or its file is not ours."""
    named = str(source.handle)
    drafts = apps.get_model("drafts", "Draft").objects  # an app above this one, so by name
    of_drafts = drafts.filter(
        Q(answers__source__file_path=named) | Q(typed__source__file_path__0=named)
    )
    return (
        bool(source.local_path)
        or source.releases.exists()
        or of_drafts.exists()
        or Job.objects.about(source.subject).active().exists()
    )


def sweep_sources() -> int:
    """Forget sent files of long ago that no release, draft or job is about; return how many."""
    if not (days := system().sources_days):
        return 0
    old = Source.objects.filter(
        created_at__lt=timezone.now() - timedelta(days=days), local_path="", releases=None
    )
    unneeded = (source for source in old.iterator() if not is_needed(source))
    forgotten = list(islice(unneeded, SWEPT_AT_ONCE))
    for source in forgotten:
        logger.info("%s of %s is forgotten: nothing was made of it", source, source.created_by)
        discard_unneeded(source)
    return len(forgotten)


def empty_trash() -> int:
    """Remove some of what lies in the trash for longer than it keeps; return how many."""
    if not (days := system().trash_days):
        return 0
    old = Release.objects.filter(trashed_at__lt=timezone.now() - timedelta(days=days))
    return sum(map(is_removed, old.order_by("trashed_at")[:AT_ONCE]))


def is_removed(release: Release) -> bool:
    try:
        remove(release)
    except Refused:
        logger.warning("The trash keeps %s", release, exc_info=True)
        return False
    return True
