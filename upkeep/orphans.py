"""Files in our folders that no row tells of, and that nobody is just making."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Q

from accounts.system import system
from delivery.models import Destination
from jobs.listing import FETCHES
from jobs.models import Job
from releases.copies import MARKS
from releases.models import Artifact, Release, Revision, Source, TemplateStorage, Upload
from releases.packing.exchange import LOCK
from upkeep.holdings import GONE, files_inside
from upkeep.sentences import reading_or_writing

AT_ONCE = 200
YOUNG_S = 900
"""What we name ourselves may lie there so long before its row does."""
TRASH, REVISIONS = ".trash", ".revisions"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FETCHING = ".fetching-"
OURS = re.compile(rf"\.upload-\w+|(?:\.(?:arriving|keeping|fetching)-)?{UUID.pattern}(?:\.jpg)?")
ASIDE = re.compile(rf"\.(?:{UUID.pattern}\.jpg|[0-9a-f]{{16}}\.fetched)")
"""What is written just before it gets the name that a row knows."""
LINTED = re.compile(r"\.?lint-(?P<handle>[0-9a-f]{32})(?:\.zip|-\d+)")
SURROGATE = re.compile(r"[\ud800-\udfff]")
"""What Python has in place of bytes that are no text."""

Look = Callable[[Sequence[Path]], Iterator[Path]]
"""Takes entries of a folder, and yields what of them, or in them, is an orphan."""


def orphans() -> Iterator[Path]:
    """Yield each orphan; every one was looked at twice, since rows and files move apart.

    Raises:
        Unable: a folder cannot be read.
    """
    for folder, look in looks():
        with reading_or_writing(folder):
            for entries in in_parts(folder):
                yield from orphans_among(entries, folder, look)


def orphans_among(entries: Sequence[Path], folder: Path, look: Look) -> Iterator[Path]:
    suspects = list(look(entries))
    tops = {folder / path.relative_to(folder).parts[0] for path in suspects}
    still = set(look(sorted(tops))) if tops else set()
    for path in suspects:
        if path in still and os.path.lexists(path) and not holds_ours(path):
            yield path


def nameable(paths: Iterable[Path]) -> list[Path]:
    """Return those of `paths` that are text, as all that rows name is: of others none is asked."""
    return [path for path in paths if not SURROGATE.search(str(path))]


def holds_ours(path: Path) -> bool:
    """Tell whether `path` is or holds what settings or other rows name: folders may be nested."""
    if any(place.is_relative_to(path) for place in our_places()):
        return True
    if not nameable([path]):
        return False
    inside = f"{path}{os.sep}"
    releases = Release.objects.filter(Q(root=str(path)) | Q(root__startswith=inside))
    noted = Source.objects.filter(Q(local_path=str(path)) | Q(local_path__startswith=inside))
    return releases.exists() or noted.exists()


def our_places() -> Iterator[Path]:
    now = system()
    yield from (now.uploads, now.cache, now.releases, settings.DATA_DIR, settings.INBOX_DIR)
    yield from (*settings.TEMPLATE_ROOTS, TemplateStorage.current().folder)
    yield from settings.DELIVERY_ROOTS
    local = Destination.objects.filter(type=Destination.Type.LOCAL).exclude(folder="")
    yield from map(Path, local.values_list("folder", flat=True))
    if connection.vendor == "sqlite":
        yield Path(str(connection.settings_dict["NAME"]))


def looks() -> Iterator[tuple[Path, Look]]:
    now = system()
    yield now.uploads, stray_uploads
    yield now.cache, stray_covers
    yield now.releases, stray_releases
    yield now.releases / TRASH, stray_trash
    yield now.releases / REVISIONS, stray_revisions
    storage = TemplateStorage.current()
    if storage.is_disk:
        yield storage.folder, stray_templates


def in_parts(folder: Path) -> Iterator[list[Path]]:
    """Yield the entries of `folder`, some at once."""
    with suppress(*GONE), os.scandir(folder) as found:
        entries = (Path(entry.path) for entry in found)
        while part := list(islice(entries, AT_ONCE)):
            yield sorted(part)


def stray_uploads(entries: Sequence[Path]) -> Iterator[Path]:
    known = {*handles_of(Source, entries), *handles_of(Upload, entries)}
    if any(entry.name.startswith(FETCHING) for entry in entries):
        known |= handles_being_fetched()
    for entry in entries:
        linted = LINTED.fullmatch(entry.name)
        if linted:
            is_known = Job.objects.about(f"zip:{linted['handle']}").active().exists()
        else:
            is_known = handle_in(entry) in known
        if not is_known and not is_young(entry):
            yield entry


def stray_covers(entries: Sequence[Path]) -> Iterator[Path]:
    known = handles_of(Source, entries)
    for entry in entries:
        if handle_in(entry) not in known and not is_young(entry):
            yield entry


def handles_being_fetched() -> set[str]:
    fetches = Job.objects.active().filter(work=FETCHES).values_list("arguments", flat=True)
    return {str(arguments.get("handle", "")) for arguments in fetches}


def handles_of(model: type[Source] | type[Upload], entries: Iterable[Path]) -> set[str]:
    asked = {handle for entry in entries if (handle := handle_in(entry))}
    return set(map(str, model.objects.filter(handle__in=asked).values_list("handle", flat=True)))


def handle_in(entry: Path) -> str:
    """Return the handle that a name of ours holds; nothing where it is another's."""
    if not OURS.fullmatch(entry.name):
        return ""
    found = UUID.search(entry.name)
    return found[0] if found else ""


def is_young(entry: Path) -> bool:
    """Tell whether it is of a name that we give, and so new that its row may yet come."""
    is_ours = any(names.fullmatch(entry.name) for names in (OURS, ASIDE, LINTED))
    return is_ours and is_new(entry)


def is_new(entry: Path) -> bool:
    with suppress(OSError):
        state = entry.lstat()
        return max(state.st_mtime, state.st_ctime) > time.time() - YOUNG_S
    return True  # it is gone


def stray_releases(entries: Sequence[Path]) -> Iterator[Path]:
    """Yield what lies among the releases and is of none; of those that are, unknown files."""
    shown = [entry for entry in entries if entry.name not in {TRASH, REVISIONS, MARKS}]
    if not shown:
        return
    into = shown[0].parent
    known = releases_in(into, nameable(shown))
    beside = paths_beside(into, nameable(shown))
    for entry in shown:
        release = known.get(entry.name)
        if release is not None:
            yield from stray_files(release, entry, into)
        elif entry.name not in beside and not is_being_made(entry):
            yield entry


def at(into: Path) -> Q:
    """Return what tells releases that are in the folder `into`, which is that of the site."""
    return Q(root="") | Q(root=str(into))


def releases_in(into: Path, entries: Iterable[Path]) -> dict[str, Release]:
    names = [entry.name for entry in entries]
    return {one.name: one for one in Release.objects.filter(at(into), name__in=names).brief()}


def paths_beside(into: Path, entries: Iterable[Path]) -> set[str]:
    """Return the names of `entries` that are lists beside a release, packed or being packed."""
    names = [entry.name for entry in entries if entry.suffix]
    stems = [name.rpartition(".")[0] for name in names]
    releases = Release.objects.filter(at(into))
    packed = Artifact.objects.filter(release__in=releases, path__in=names)
    found = set(packed.values_list("path", flat=True))
    at_work = {
        release.name for release in releases.filter(name__in=stems) if is_at_work(release.pk)
    }
    return found | {name for name in names if name.rpartition(".")[0] in at_work}


def stray_files(release: Release, folder: Path, into: Path) -> Iterator[Path]:
    """Yield the files in the folder of a release that are no part of it."""
    if is_at_work(release.pk):
        return
    known = set(release.artifacts.values_list("path", flat=True))
    if not known:  # never recorded: a job would be at it
        yield folder
        return
    for path in sorted(files_inside(folder)):
        if path.relative_to(into).as_posix() not in known:
            yield path


def is_at_work(pk: int) -> bool:
    job = Job.objects.about(f"release:{pk}").active().exists()
    return job or Revision.objects.unfinished().filter(release=pk).exists()


def is_being_made(entry: Path) -> bool:
    """Tell whether a process holds a hidden folder, or may just have written a hidden file."""
    if not entry.name.startswith("."):
        return False
    return is_held(entry) if entry.is_dir() else is_new(entry)


def is_held(folder: Path) -> bool:
    with suppress(OSError), (folder / LOCK).open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
    return is_new(folder)


def stray_trash(entries: Sequence[Path]) -> Iterator[Path]:
    for entry in entries:
        roots = map(str, nameable([entry]))
        release = Release.objects.filter(root__in=roots).brief().first()
        if release is None:
            yield entry
        else:
            yield from stray_beside_trashed(release, entry)


def stray_beside_trashed(release: Release, into: Path) -> Iterator[Path]:
    known = {Path(path).parts[0] for path in release.artifacts.values_list("path", flat=True)}
    for entries in in_parts(into):
        for inner in entries:
            if inner.name == release.name and inner.is_dir():
                yield from stray_files(release, inner, into)
            elif inner.name not in known:
                yield inner


def stray_revisions(entries: Sequence[Path]) -> Iterator[Path]:
    asked = map(str, nameable(entries))
    kept = Revision.objects.filter(kept__in=asked).values_list("kept", flat=True)
    known = set(kept)
    for entry in entries:
        number = entry.name.partition("-")[0]
        is_ours = number.isdecimal() and is_at_work(int(number))
        if str(entry) not in known and not is_ours:
            yield entry


def stray_templates(entries: Sequence[Path]) -> Iterator[Path]:
    """Yield what a write that died has left; any other file may become a template."""
    for entry in entries:
        if entry.name.startswith(".") and entry.name.endswith(".part") and not is_new(entry):
            yield entry
