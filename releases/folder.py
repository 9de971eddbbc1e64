"""A folder of this machine that people may look into, and nowhere else. No Django here.

Each part of a path is opened from the folder above it, and no link is followed on the way: what
was judged is what is opened, whoever changes the folder meanwhile.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

PER_PAGE = 50
DEPTH = 32
PART_BYTES = 255
PARTIAL = (".part", ".crdownload", ".tmp", ".temp", ".filepart", ".partial", ".download", ".aria2")
"""How programs call what they have not fetched whole; the file itself may lie beside."""
_UNNAMED = re.compile(r"[\x00-\x1f\x7f/\ud800-\udfff]")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_DIGITS = re.compile(r"(\d+)")


class NotThere(Exception):
    """Nothing lies there that may be looked at; it is not told why."""


class Order(StrEnum):
    NAME = "name"
    SIZE = "size"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    path: str
    """As seen from the root, with slashes."""
    is_folder: bool
    size: int = 0
    mtime: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """A file or a folder that was found, and what tells it from another put in its place."""

    path: Path
    size: int
    mtime_ns: int
    identity: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of what a folder holds."""

    path: str
    entries: Sequence[Entry]
    total: int
    page: int
    pages: int


def parts_of(path: str) -> tuple[str, ...]:
    """Return the names that `path` leads through.

    Raises:
        NotThere: one of them leads elsewhere, is hidden, or can be no name.
    """
    names = tuple(path.split("/")) if path else ()
    if len(names) > DEPTH or not all(map(is_name, names)):
        raise NotThere
    return names


def is_name(name: str) -> bool:
    """Say whether `name` is that of one visible entry of a folder."""
    if not name or name.startswith(".") or _UNNAMED.search(name):
        return False
    return len(name.encode()) <= PART_BYTES


def listing(
    root: Path,
    path: str,
    *,
    search: str = "",
    order: Order = Order.NAME,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Listing:
    """Return one page of the folder at `path` below `root`: folders first, then plain files.

    Raises:
        NotThere: there is no such folder.
    """
    with opened_folder(root, parts_of(path)) as folder:
        found = [entry for entry in entries(folder, path) if matches(entry.name, search)]
        if order is not Order.NAME:
            found = [known for entry in found if (known := measured(folder, entry))]
        found.sort(key=SORTED_BY[order])
        pages = max(1, -(-len(found) // per_page))
        page = min(max(page, 1), pages)
        shown = found[(page - 1) * per_page : page * per_page]
        if order is Order.NAME:
            shown = [known for entry in shown if (known := measured(folder, entry))]
    return Listing(path=path, entries=shown, total=len(found), page=page, pages=pages)


def entries(folder: int, path: str) -> Iterator[Entry]:
    """Yield the folders and plain files of an open folder; links, devices and pipes are none."""
    above = f"{path}/" if path else ""
    try:
        with os.scandir(folder) as found:
            for one in found:
                is_folder = one.is_dir(follow_symlinks=False)
                if is_name(one.name) and (is_folder or one.is_file(follow_symlinks=False)):
                    yield Entry(one.name, above + one.name, is_folder)
    except OSError:
        raise NotThere from None


def files_at(root: Path) -> dict[str, tuple[int, int]]:
    """Return the size and the age in nanoseconds of each whole file in `root`, by its path.

    Those of its folders count, what lies deeper does not, nor what a program is still fetching.
    """
    found: dict[str, tuple[int, int]] = {}
    for path in ("", *_folders_at(root)):
        try:
            with opened_folder(root, parts_of(path)) as folder:
                found |= _whole_files(folder, path)
        except NotThere:
            continue  # it went meanwhile
    return found


def _folders_at(root: Path) -> list[str]:
    with opened_folder(root, ()) as folder:
        return [entry.name for entry in entries(folder, "") if entry.is_folder]


def _whole_files(folder: int, path: str) -> dict[str, tuple[int, int]]:
    names = {entry.name: entry.path for entry in entries(folder, path) if not entry.is_folder}
    fetched = {name.removesuffix(end) for name in names for end in PARTIAL if name.endswith(end)}
    found = {}
    for name, its_path in names.items():
        if name.lower().endswith(PARTIAL) or name in fetched:
            continue
        try:
            state = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISREG(state.st_mode):
            found[its_path] = (state.st_size, state.st_mtime_ns)
    return found


def measured(folder: int, entry: Entry) -> Entry | None:
    """Return `entry` with its size and age, unless it is gone or became something else."""
    try:
        found = os.stat(entry.name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return None
    if stat.S_ISDIR(found.st_mode) if entry.is_folder else stat.S_ISREG(found.st_mode):
        size = 0 if entry.is_folder else found.st_size
        return Entry(entry.name, entry.path, entry.is_folder, size, found.st_mtime)
    return None


def matches(name: str, search: str) -> bool:
    """Say whether `name` holds each word of `search`, in any capitals."""
    folded = name.casefold()
    return all(word in folded for word in search.casefold().split())


def by_name(entry: Entry) -> tuple[object, ...]:
    return (not entry.is_folder, natural(entry.name), entry.name)


def natural(name: str) -> list[tuple[int, str]]:
    """Return what sorts names as people do: 2 before 10, in any capitals."""
    pieces = _DIGITS.split(name.casefold())
    return [(int(piece), "") if piece.isdecimal() else (-1, piece) for piece in pieces]


SORTED_BY = {
    Order.NAME: by_name,
    Order.SIZE: lambda entry: (not entry.is_folder, -entry.size, by_name(entry)),
    Order.NEWEST: lambda entry: (not entry.is_folder, -entry.mtime, by_name(entry)),
}


def has_folder(root: Path, path: str) -> bool:
    try:
        with opened_folder(root, parts_of(path)):
            return True
    except NotThere:
        return False


def located(root: Path, path: str) -> Place:
    """Return the plain file at `path` below `root`, as it is now.

    Raises:
        NotThere: no plain file lies there.
    """
    *above, name = parts_of(path) or ("",)
    with opened_folder(root, above) as folder:
        found = _stat(name, folder)
    if not stat.S_ISREG(found.st_mode):
        raise NotThere
    where = root / PurePosixPath(path)
    return Place(where, found.st_size, found.st_mtime_ns, (found.st_dev, found.st_ino))


def remove(root: Path, path: str, expected: Place) -> None:
    """Take the file at `path` out of the folder, if it is still the one `expected`.

    Raises:
        NotThere: it is gone, or another lies in its place.
    """
    *above, name = parts_of(path) or ("",)
    if located(root, path) != expected:
        raise NotThere
    with opened_folder(root, above) as folder:
        try:
            os.unlink(name, dir_fd=folder)
            os.fsync(folder)
        except OSError:
            raise NotThere from None


@contextmanager
def opened_folder(root: Path, names: Sequence[str]) -> Iterator[int]:
    """Open the folder that `names` lead to, from one to the next.

    Raises:
        NotThere: one of them is missing, may not be read, or is no real folder.
    """
    folder = _open(root, None)
    try:
        for name in names:
            inner = _open(name, folder)
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)


def _open(name: str | Path, above: int | None) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=above)
    except (OSError, ValueError):
        raise NotThere from None


def _stat(name: str, folder: int) -> os.stat_result:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except (OSError, ValueError):
        raise NotThere from None
