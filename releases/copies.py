"""This machine's copies of what the store of files holds. Where no store is set nothing is done.

What is received or packed goes to the store before its row says so; what is missing here is
fetched before it is read. A mark in `.copies` tells which package of a release lies here: it is
taken away before another package takes its place, and set when that one is whole.
"""

import fcntl
import json
import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from uuid import uuid4

from django.db import DatabaseError
from django.utils.translation import gettext_noop

from accounts.system import system
from jobs.lease import Lease
from releases import bucket
from releases.bucket import Content, StoreAway
from releases.models import Artifact, Release, Revision, Source
from releases.packing import PackedFile
from releases.packing.exchange import BESIDE, LOCK, Held, sync
from releases.packing.exchange import held as held_folder

MARKS = ".copies"
STAGE = "store"

logger = logging.getLogger(__name__)


class Unsettled(StoreAway):
    """Another process is just putting a package in its place here."""

    template = gettext_noop(
        "%(name)s is just being put in its place on this machine: try again in a minute."
    )


def key_of_source(source: Source) -> str:
    return f"sources/{source.handle}"


def is_shared(source: Source) -> bool:
    """Tell whether the store holds it: what only was noted on a disk stays there alone."""
    return bucket.is_set() and not source.local_path


def store_source(source: Source) -> None:
    """Put a file that was received into the store, before its row is there.

    Raises:
        StoreAway: it cannot be.
    """
    if is_shared(source):
        bucket.put(source.path, key_of_source(source))


def have_source(source: Source) -> None:
    """See that the file of `source` lies here, where the store holds it.

    Raises:
        StoreAway: it cannot be had.
    """
    path = source.path
    if not is_shared(source) or (path.is_file() and path.stat().st_size == source.size):
        return
    bucket.fetch(key_of_source(source), path, Content(source.size, sha256=source.sha256))
    os.utime(path, (as_of := int(source.created_at.timestamp()), as_of))


def forget_source(source: Source) -> None:
    if is_shared(source):
        bucket.remove(key_of_source(source))
    if bucket.is_set():  # whatever the latest analysis says of a cover
        bucket.remove(key_of_cover(source))


# Covers

COVER_STORED = "cover_stored"
"""What the analysis of a source says where the store holds its cover."""


def key_of_cover(source: Source) -> str:
    """Return what its cover is called there; other machines want also that of a noted file."""
    return f"covers/{source.handle}.jpg"


def store_cover(source: Source) -> None:
    """Put its cover, if it has one, into the store, and note that in its analysis, unsaved.

    Raises:
        StoreAway: it cannot be.
    """
    if bucket.is_set() and source.cover_path.is_file():
        bucket.put(source.cover_path, key_of_cover(source), anew=True)
        source.analysis[COVER_STORED] = True


def has_cover(source: Source) -> bool:
    """Tell whether its cover lies here, or can be fetched; the store is not asked."""
    return source.cover_path.is_file() or has_stored_cover(source)


def has_stored_cover(source: Source) -> bool:
    return bucket.is_set() and bool(source.analysis.get(COVER_STORED))


def have_cover(source: Source) -> bool:
    """See that its cover, if it has one, lies here, and tell whether it does."""
    if source.cover_path.is_file() or not has_stored_cover(source):
        return source.cover_path.is_file()
    try:
        bucket.fetch(key_of_cover(source), source.cover_path, Content(None))
    except StoreAway as away:
        logger.warning("The cover of %s cannot be had: %s", source, away)
        return False
    return True


# Packages


def home_of(release: Release) -> str:
    return f"packages/{release.pk}/"


def new_key(release: Release) -> str:
    """Return where a new package of `release` goes in the store; nothing where none is set."""
    return f"{home_of(release)}{uuid4().hex}" if bucket.is_set() else ""


@contextmanager
def new_package(release: Release) -> Iterator[str]:
    """Give the key of a package that is made and recorded meanwhile; else nothing of it stays."""
    key = new_key(release)
    try:
        yield key
    except BaseException:
        with suppress(StoreAway, DatabaseError):
            forget_unnamed(release, key)
        raise


def forget_unnamed(release: Release, key: str) -> None:
    """Remove the package `key` from the store, unless a row names it.

    Raises:
        StoreAway: it cannot be.
    """
    before_and_after = release.revisions.values_list("before__package_key", "after__package_key")
    named = set(chain.from_iterable(before_and_after))
    present = Release.objects.filter(pk=release.pk).values_list("package_key", flat=True)
    if key and bucket.is_set() and key not in named.union(present):
        bucket.remove_all(f"{key}/")


def store_package(key: str, root: Path, files: Iterable[PackedFile], lease: Lease) -> None:
    """Put `files`, which lie in `root`, into the store under `key`.

    Raises:
        StoreAway: it cannot be; what went stays, and is not sent again.
    """
    if not key:
        return
    chosen = list(files)
    done, total = 0, sum(file.size for file in chosen)
    lease.enter(STAGE)
    for file in chosen:
        bucket.put(root / file.path, f"{key}/{file.path}")
        lease.progress(STAGE, done := done + file.size, total)


def is_gone(release: Release) -> bool:
    """Tell whether its folder is neither here nor in the store."""
    is_stored = bucket.is_set() and bool(release.package_key)
    return not is_stored and not release.folder.is_dir()


def have_package(release: Release) -> None:
    """See that the package of `release`, as its row tells of it, lies here.

    Raises:
        StoreAway: it cannot be had.
        Unsettled: a change of it is just being put in its place here.
    """
    if not is_elsewhere(release):
        note_reading(release)
        return
    with held(release):
        if not is_here(release):
            refuse_unsettled(release)
            bring(release, list(release.artifacts.all()))


def refuse_unsettled(release: Release) -> None:
    """Raise Unsettled while what lies here is to be kept for the way back, and is not yet."""
    kept = release.revisions.unfinished().exclude(kept="").values_list("kept", flat=True)
    if any(Path(folder).is_dir() for folder in kept):
        raise Unsettled(name=release)


def note_reading(release: Release) -> None:
    """Have the mark tell when its copy was read: one that nobody reads may be removed."""
    if bucket.is_set() and release.package_key:
        with suppress(OSError):
            mark_path(release).touch()


def is_elsewhere(release: Release) -> bool:
    """Tell whether the store holds its package, and this machine none, or another one."""
    return bucket.is_set() and bool(release.package_key) and not is_here(release)


def is_here(release: Release) -> bool:
    return marked_key(release) == release.package_key and release.folder.is_dir()


def bring(release: Release, artifacts: list[Artifact]) -> None:
    """Fetch the package aside, and put it in the place of what lies there.

    Raises:
        StoreAway: it cannot be had.
        Unsettled: somebody is at what was fetched.
    """
    aside = release.into / f".fetching-{release.pk}"
    shutil.rmtree(aside, ignore_errors=True)
    try:
        with held_folder(aside):  # nobody takes it for something left behind
            fetch_all(release, artifacts, aside)
            put_in_place(release, artifacts, aside)
    except Held as error:
        raise Unsettled(name=release) from error
    shutil.rmtree(aside, ignore_errors=True)
    sync(release.into)
    mark(release, release.package_key)


def fetch_all(release: Release, artifacts: list[Artifact], aside: Path) -> None:
    as_of = int(release.packed_at.timestamp()) if release.packed_at else 0
    for one in artifacts:
        wanted = Content(one.size, one.crc32, one.sha256)
        bucket.fetch(f"{release.package_key}/{one.path}", aside / one.path, wanted)
        os.utime(aside / one.path, (as_of, as_of))


def put_in_place(release: Release, artifacts: list[Artifact], aside: Path) -> None:
    """Put what was fetched in the place of what lies there, unless it is not whole any more."""
    if not all(is_as_long(aside / one.path, one.size) for one in artifacts):
        raise Unsettled(name=release)
    refuse_unsettled(release)
    forget_copy(release)
    for entry in aside.iterdir():
        if entry.name != LOCK:
            replace(entry, release.into / entry.name)


def is_as_long(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def forget_unrecorded(release: Release, *, but: str) -> None:
    """Remove a package that was published here and never recorded, unless it is of the plan `but`.

    Where a mark tells of it, it is ours. What of it is in the store goes if that answers.
    """
    marked = read_mark(release)
    key, is_recorded = marked.get("key", ""), release.artifacts.exists()
    if not bucket.is_set() or not key or is_recorded or marked.get("plan") == but:
        return
    if (marked.get("name"), marked.get("into")) == (release.name, str(release.into)):
        shutil.rmtree(release.folder, ignore_errors=True)
        for end in BESIDE:
            (release.into / f"{release.name}{end}").unlink(missing_ok=True)
    unmark(release)
    with suppress(StoreAway):
        forget_unnamed(release, key)


def replace(entry: Path, place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    entry.replace(place)


def forget_copy(release: Release) -> None:
    """Remove an earlier copy that was called otherwise, and the mark of any."""
    marked = read_mark(release)
    name = marked.get("name", "")
    mark_path(release).unlink(missing_ok=True)
    if name and name != release.name and not Release.objects.filter(name=name).exists():
        shutil.rmtree(release.into / name, ignore_errors=True)


def mark(release: Release, key: str, plan: str = "") -> None:
    """Note that the package `key` of `release` lies here, whole; by which `plan` it was made."""
    if not key:
        return
    path = mark_path(release)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{uuid4().hex}")
    told = {"key": key, "name": release.name, "into": str(release.into), "plan": plan}
    aside.write_text(json.dumps(told))
    aside.replace(path)


def unmark(release: Release) -> None:
    if bucket.is_set():
        mark_path(release).unlink(missing_ok=True)


def marked_key(release: Release) -> str:
    """Return which package of `release` lies here, as far as is known."""
    return read_mark(release).get("key", "")


def read_mark(release: Release) -> dict[str, str]:
    with suppress(OSError, ValueError):
        found: dict[str, str] = json.loads(mark_path(release).read_text())
        return found
    return {}


def mark_path(release: Release) -> Path:
    return system().releases / MARKS / str(release.pk)


@contextmanager
def held(release: Release) -> Iterator[None]:
    """Let one process of this machine fetch the package of `release`; others wait for it."""
    lock = mark_path(release).with_suffix(".lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def forget_packages(release: Release) -> None:
    """Remove all packages that `release` ever had from the store, and the mark of its copy."""
    if not bucket.is_set():
        return
    bucket.remove_all(home_of(release))
    mark_path(release).unlink(missing_ok=True)
    mark_path(release).with_suffix(".lock").unlink(missing_ok=True)


def is_built_elsewhere(revision: Revision) -> bool:
    """Tell whether what `revision` puts in place was built on another machine, and is stored."""
    is_stored = bucket.is_set() and bool(revision.after.get("package_key"))
    undone = revision.undoes  # what it kept is what is put back
    built = (revision.kept, undone.kept if undone else "")
    return is_stored and not any(Path(folder).exists() for folder in built if folder)


def forget_replaced(revision: Revision) -> None:
    """Remove the package that `revision` replaced from the store, unless another needs it."""
    key = str(revision.before.get("package_key") or "")
    if not key or not bucket.is_set():
        return
    others = revision.release.revisions.exclude(kept="").exclude(pk=revision.pk)
    needed = {one.before.get("package_key") for one in others}
    present = Release.objects.values_list("package_key", flat=True).get(pk=revision.release_id)
    if key not in needed | {present}:
        bucket.remove_all(f"{key}/")
