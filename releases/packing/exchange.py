"""A package takes the place of another one, which is kept: whatever dies, either is whole.

What is built lies in `aside`, in the folder `new`; what it replaces goes to the folder `old` there.
Every step can be done twice, so that who finds an exchange unfinished does all of it again.
"""

import ctypes
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

LIBC = ctypes.CDLL(None, use_errno=True)
CURRENT_FOLDER, EXCHANGE = -100, 2
"""What renameat2(2) is told."""
UNKNOWN_HERE = {errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP}
BESIDE = (".sfv", ".sha256")
"""The ends of the lists that lie beside a release, called as it is."""
NEW, OLD, DONE, LOCK = "new", "old", ".done", ".lock"


class Held(Exception):
    """Another process is at it."""


class Lost(Exception):
    """What was built is neither aside nor in its place: somebody took it away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    into: Path
    """Where releases lie."""
    aside: Path
    old: str
    """Name of the release that is replaced."""
    new: str
    """Name of the one that takes its place; it may be the same."""
    inode: str
    """Of the folder that was built, as `inode_of` tells it."""
    source: Path | None = None
    """Where what is built lies at first, if not in `aside`."""

    @property
    def built(self) -> Path:
        return self.aside / NEW / self.new

    @property
    def kept(self) -> Path:
        return self.aside / OLD / self.old

    @property
    def place(self) -> Path:
        return self.into / self.new

    @property
    def is_placed(self) -> bool:
        return inode_of(self.place) == self.inode


def inode_of(folder: Path) -> str:
    """Return what tells `folder` from any other, wherever it is moved; nothing where it is not."""
    with suppress(FileNotFoundError, NotADirectoryError):
        return str(folder.stat(follow_symlinks=False).st_ino)
    return ""


def exchange(wanted: Exchange) -> None:
    """Put the package in its place and keep the one that was there, from wherever it stands.

    Raises:
        Held: another process does so just now.
        Lost: there is nothing to put in place.
        OSError: the disk does not let it; nothing is lost, and it can be done again.
    """
    with held(wanted.aside):
        fetch(wanted)
        if not (wanted.aside / NEW).exists() and not wanted.is_placed:
            raise Lost(wanted.new)
        if (wanted.aside / NEW).exists():
            put_in_place(wanted)
        shutil.rmtree(wanted.aside / DONE, ignore_errors=True)


def put_in_place(wanted: Exchange) -> None:
    if not wanted.is_placed:
        keep_lists(wanted)
        place(wanted)
    keep_folder(wanted)
    place_lists(wanted)
    sync(wanted.into)
    sync(wanted.aside)
    (wanted.aside / NEW).rename(wanted.aside / DONE)  # from here on there is nothing to do again


@contextmanager
def held(aside: Path) -> Iterator[None]:
    """Hold `aside` by a lock that a process lets go of when it dies."""
    aside.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(aside / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Held(str(aside)) from error
        yield
    finally:
        os.close(lock)


def fetch(wanted: Exchange) -> None:
    """Bring here what an earlier exchange has kept, where that is to be put back."""
    if wanted.source and not (wanted.aside / NEW).exists() and wanted.source.exists():
        wanted.source.rename(wanted.aside / NEW)


def keep_lists(wanted: Exchange) -> None:
    """Copy the lists beside the old release: they are small, and stay where they are."""
    wanted.kept.parent.mkdir(exist_ok=True)
    for end in BESIDE:
        shown = wanted.into / f"{wanted.old}{end}"
        if shown.is_file():
            copy(shown, wanted.kept.parent / shown.name)


def place(wanted: Exchange) -> None:
    """Put the built folder in its place; where one of its name lies there, they change places."""
    if wanted.old == wanted.new and wanted.place.exists():
        change_places(wanted.built, wanted.place, wanted.kept)
    else:
        wanted.built.rename(wanted.place)


def change_places(built: Path, shown: Path, kept: Path) -> None:
    """Exchange two folders: in one step, where the file system can."""
    if not exchanged(built, shown):
        shown.rename(kept)
        built.rename(shown)


def exchanged(one: Path, other: Path) -> bool:
    """Tell whether the two changed places, or this system knows no such step."""
    call = getattr(LIBC, "renameat2", None)
    if call is None:
        return False
    if not call(CURRENT_FOLDER, os.fsencode(one), CURRENT_FOLDER, os.fsencode(other), EXCHANGE):
        return True
    reason = ctypes.get_errno()
    if reason in UNKNOWN_HERE:
        return False
    raise OSError(reason, os.strerror(reason), str(other))


def keep_folder(wanted: Exchange) -> None:
    """Move the old folder to where it is kept, from wherever it is by now."""
    wanted.kept.parent.mkdir(exist_ok=True)
    left = wanted.built if wanted.old == wanted.new else wanted.into / wanted.old
    if left.exists() and inode_of(left) != wanted.inode:
        left.rename(wanted.kept)


def place_lists(wanted: Exchange) -> None:
    """Put the new lists beside the release, and take away the old ones."""
    for end in BESIDE:
        built = wanted.aside / NEW / f"{wanted.new}{end}"
        shown = wanted.into / built.name
        if built.is_file():
            copy(built, shown)
        else:
            shown.unlink(missing_ok=True)
        if wanted.old != wanted.new:
            (wanted.into / f"{wanted.old}{end}").unlink(missing_ok=True)


def copy(file: Path, target: Path) -> None:
    """Copy a small file with its times, whole or not at all."""
    half = target.with_name(f".{target.name}.{token_hex(4)}"[-255:])
    try:
        shutil.copy2(file, half)
        with half.open("rb") as written:
            os.fsync(written.fileno())
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Wait until the disk knows what `folder` holds."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
