"""Reading each file of a release once, to its end even where it is damaged."""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import Self

from releases.packing import rar, zip
from releases.packing.plan import PackedFile
from releases.packing.rar import Damaged

KINDS = {".zip": "volume", ".nfo": "nfo", ".diz": "diz", ".sfv": "sfv", ".sha256": "manifest"}
FOLDER_KINDS = {"sample": "sample", "proof": "proof"}
ORDER = ("volume", "nfo", "diz", "sfv", "sample", "proof", "manifest", "other")
TEXTS = {"nfo", "diz", "sfv", "manifest"}
NO_FILE = "%(file)s is a link or a device: a release holds files"
MAX_TEXT_BYTES = 1 << 22
"""More than the longest SFV or manifest has; the text of anything longer is not kept."""
MAX_TEXTS_BYTES = 1 << 23
"""Of all texts of a release; a folder of thousands would fill all memory with them."""
MAX_FILES = 100_000
MAX_ENTRIES = 200_000
"""Of all ZIPs of a release."""
TOO_MANY = "%(file)s holds more files than can be listed here"


class Budget:
    """How much of a release may still be kept in memory; several threads take from it."""

    def __init__(self) -> None:
        self._text_bytes, self._entries = MAX_TEXTS_BYTES, MAX_ENTRIES
        self._lock = Lock()

    def has_room_for_text(self, size: int) -> bool:
        """Take `size` bytes where they are left, and tell whether they were."""
        with self._lock:
            if size > min(self._text_bytes, MAX_TEXT_BYTES):
                return False
            self._text_bytes -= size
            return True

    def has_room_for_entries(self, count: int) -> bool:
        """Take `count` entries of ZIPs where they are left, and tell whether they were."""
        with self._lock:
            if count > self._entries:
                return False
            self._entries -= count
            return True


@dataclass(frozen=True, slots=True)
class Contents:
    """What of a file the others are compared with; nothing of it when the file is damaged."""

    text: bytes = b""
    """All of an NFO, an SFV, a manifest or a DIZ."""
    archive: zip.Contents | None = None
    volume: rar.Contents | None = None
    """The RAR volume, be it the file or in the ZIP."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One file read back."""

    path: PurePosixPath
    """Relative to the directory that holds the release folder."""
    size: int
    mode: int
    """The right to read, write and execute it, e.g. 0o644."""
    crc: int
    sha256: str
    """Nothing where no manifest lists it."""
    kind: str
    contents: Contents

    @property
    def is_zip(self) -> bool:
        return self.path.suffix.lower() == ".zip"

    def damaged(self, template: str, **values: object) -> Damaged:
        return Damaged(template, file=self.path, **values)

    def packed(self) -> PackedFile:
        return PackedFile(
            path=str(self.path),
            size=self.size,
            crc32=f"{self.crc:08x}",
            sha256=self.sha256,
            kind=self.kind,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What lies in a release, before it is opened."""

    path: Path
    root: Path
    """The directory that holds the release folder."""
    mode: int
    """As stat gives it, kind of file included."""
    size: int

    @classmethod
    def of(cls, path: Path, root: Path) -> Self:
        with rar.reading(path, Damaged):
            status = path.lstat()
        return cls(path, root, status.st_mode, status.st_size)

    @property
    def relative(self) -> PurePosixPath:
        return PurePosixPath(self.path.relative_to(self.root))

    @property
    def kind(self) -> str:
        return kind_of(self.relative)


def find(folder: Path) -> list[Found]:
    """Return what the release `folder` holds and what lies beside it, volumes first.

    Raises:
        Damaged: a folder of it may not be read, or it holds more files than a release can.
    """
    beside = (folder.parent / f"{folder.name}{end}" for end in (".sfv", ".sha256"))
    with rar.reading(folder, Damaged):
        inside = list(islice(_files(folder), MAX_FILES + 1))
        paths = [*inside, *(path for path in beside if _lies(path))]
    if len(inside) > MAX_FILES:
        raise Damaged(TOO_MANY, file=folder.name)
    return sorted((Found.of(path, folder.parent) for path in paths), key=_order)


def _lies(path: Path) -> bool:
    """Say whether a file is at `path`, which none can be where the name is too long for one."""
    try:
        return path.is_file()
    except OSError as fault:
        if fault.errno == errno.ENAMETOOLONG:
            return False
        raise


def _files(folder: Path) -> Iterator[Path]:
    """Yield all but folders, from folders nested deeper than a function may call itself."""
    folders = [folder]
    while folders:
        here = folders.pop()
        with rar.reading(here, Damaged), os.scandir(here) as entries:
            inner = list(entries)
        folders += [Path(one.path) for one in inner if one.is_dir(follow_symlinks=False)]
        yield from (Path(one.path) for one in inner if not one.is_dir(follow_symlinks=False))


def _order(found: Found) -> tuple[int, bool, str]:
    """Sort by kind, and .rar before .r00."""
    path = found.relative
    return ORDER.index(found.kind), path.suffix.lower() != ".rar", str(path)


def kind_of(path: PurePosixPath) -> str:
    """Return what a file of a release is, by its name and its folder."""
    folder = FOLDER_KINDS.get(path.parent.name.lower())
    if folder:
        return folder
    if rar.is_volume_name(path.name):
        return "volume"
    return KINDS.get(path.suffix.lower(), "other")


def read_file(
    found: Found,
    tick: rar.Tick = rar.unheard,
    budget: Budget | None = None,
    *,
    with_sha256: bool,
) -> tuple[Reading | None, list[Damaged]]:
    """Return what was read of a file, nothing where it cannot be, and what is wrong with it."""
    relative = found.relative
    if not stat.S_ISREG(found.mode):
        return None, [Damaged(NO_FILE, file=relative)]
    try:
        with rar.Tape(found.path, str(relative), tick, with_sha256=with_sha256) as tape:
            contents, faults = _contents(tape, found.kind, budget or Budget())
            tape.skip(tape.left)
    except Damaged as unreadable:
        return None, [Damaged(unreadable.template, **unreadable.values | {"file": relative})]
    reading = Reading(
        path=relative,
        size=tape.size,
        mode=stat.S_IMODE(found.mode),
        crc=tape.crc,
        sha256=tape.sha256,
        kind=found.kind,
        contents=contents,
    )
    return reading, faults


def _contents(tape: rar.Tape, kind: str, budget: Budget) -> tuple[Contents, list[Damaged]]:
    try:
        return _read(tape, kind, budget), []
    except Damaged as fault:  # a new one: the traceback of this holds the buffer of the tape
        return Contents(), [Damaged(fault.template, **fault.values)]


def _read(tape: rar.Tape, kind: str, budget: Budget) -> Contents:
    if kind == "volume" and tape.path.suffix.lower() == ".zip":
        archive = zip.read(tape)
        if not budget.has_room_for_entries(len(archive.entries)):
            raise tape.damaged(TOO_MANY)
        return Contents(archive=archive, volume=archive.volume)
    if kind == "volume":
        return Contents(volume=rar.read(tape, tape.left))
    if kind in TEXTS and budget.has_room_for_text(tape.left):
        return Contents(text=tape.take(tape.left))
    return Contents()
