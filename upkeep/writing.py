"""How a backup is written: as a folder, or as one file (a tar)."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from isal.isal_zlib import crc32

from upkeep.wanted import Wanted

if TYPE_CHECKING:
    from upkeep.earlier import Earlier

PIECE_BYTES = 1 << 20
FILES = "files"
SUPERSEDED = "superseded"
"""The state of a file that was taken again, or that nobody wanted any more in the end."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What went into a backup."""

    size: int
    sha256: str
    crc32: str
    mtime_ns: int
    mode: int
    is_whole: bool = True
    """Whether the disk gave all of it."""


class Summing:
    """Reads a file and sums what is read; at most `most` bytes of it, or with `pads` just those.

    What the disk does not give ends it, and is told; or it is made up by zeros.
    """

    def __init__(self, file: BinaryIO, most: int, *, pads: bool = False) -> None:
        self.file, self.left, self.pads = file, most, pads
        self.size, self.crc, self.sha256, self.is_whole = 0, 0, hashlib.sha256(), True

    def read(self, size: int = -1) -> bytes:
        size = self.left if size < 0 else min(size, self.left)
        piece = self._given(size)
        if self.pads and len(piece) < size:
            self.is_whole = False
            piece += bytes(size - len(piece))
        self.left -= len(piece)
        self.size += len(piece)
        self.crc = crc32(piece, self.crc)
        self.sha256.update(piece)
        return piece

    def _given(self, size: int) -> bytes:
        try:
            return self.file.read(size) if self.is_whole else b""
        except OSError:
            self.is_whole = False
            return b""

    def told(self, state: os.stat_result) -> Copied:
        return Copied(
            size=self.size,
            sha256=self.sha256.hexdigest(),
            crc32=f"{self.crc:08x}",
            mtime_ns=state.st_mtime_ns,
            mode=state.st_mode & 0o7777,
            is_whole=self.is_whole,
        )


class FolderWriter:
    """Copies into a folder, or gives what an `earlier` backup has a second name here."""

    def __init__(self, folder: Path, earlier: Earlier | None = None) -> None:
        self.folder, self.earlier = folder, earlier

    def take(self, wanted: Wanted, file: BinaryIO, state: os.stat_result) -> Copied:
        """Have the open `file` here under its name."""
        path = self.folder / FILES / wanted.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # of an earlier try
        return self.linked(wanted, path, state) or copied(wanted, file, state, path)

    def linked(self, wanted: Wanted, path: Path, state: os.stat_result) -> Copied | None:
        """Give the copy that an earlier backup has a second name, if it is still what is wanted."""
        if self.earlier is None or wanted.least is not None:
            return None
        copy = self.earlier.copy_of(wanted)
        with suppress(OSError), copy.open("rb") as file:
            there = os.fstat(file.fileno())
            if (there.st_size, there.st_mtime_ns) == (state.st_size, state.st_mtime_ns):
                summing = Summing(file, there.st_size)
                drain(summing)
                found = summing.told(state)
                if found.is_whole and self.is_wanted(wanted, found):
                    path.hardlink_to(copy)
                    return found
        return None

    def is_wanted(self, wanted: Wanted, found: Copied) -> bool:
        """Tell whether a copy is as the rows say, or where they give no sum, as it once was."""
        if not wanted.fits(found.size, found.crc32, found.sha256):
            return False
        is_sound = self.earlier is not None and self.earlier.is_sound(wanted, found.sha256)
        return wanted.is_summed or is_sound

    def again(self, wanted: Wanted) -> Copied | None:
        """Have here what an earlier backup has, if it is what is wanted by all that is known."""
        is_known = wanted.is_summed or wanted.size is not None
        if self.earlier is None or not is_known:
            return None
        copy = self.earlier.copy_of(wanted)
        if not copy.is_file():
            return None
        path = self.folder / FILES / wanted.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # of an earlier try
        return self.linked(wanted, path, copy.stat())

    def put(self, name: str, path: Path) -> None:
        """Move the finished part `path` to where it belongs."""
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)

    def keeps(self, state: str) -> bool:
        """Tell whether what is in this state lies there, to be listed."""
        return state != SUPERSEDED

    def forget(self, names: Iterable[str]) -> None:
        for name in names:
            (self.folder / FILES / name).unlink(missing_ok=True)

    def close(self) -> None:
        if self.earlier:
            self.earlier.close()


def copied(wanted: Wanted, file: BinaryIO, state: os.stat_result, path: Path) -> Copied:
    summing = Summing(file, wanted.most)
    with path.open("xb") as target:
        while piece := summing.read(PIECE_BYTES):
            target.write(piece)
    os.utime(path, ns=(state.st_mtime_ns, state.st_mtime_ns))
    return summing.told(state)


def drain(summing: Summing) -> None:
    while summing.read(PIECE_BYTES):
        pass


class TarWriter:
    """Appends to a tar; of a name that comes twice the last one counts."""

    def __init__(self, path: Path) -> None:
        self.tar = tarfile.open(path, "w", format=tarfile.PAX_FORMAT)  # noqa: SIM115  # see close

    def take(self, wanted: Wanted, file: BinaryIO, state: os.stat_result) -> Copied:
        """Append the open `file`, as long as it is now: what it loses meanwhile is zeros."""
        entry = tarfile.TarInfo(f"{FILES}/{wanted.name}")
        entry.size = min(wanted.most, state.st_size)
        entry.mtime, entry.mode = state.st_mtime, state.st_mode & 0o777
        summing = Summing(file, entry.size, pads=True)
        self.add(entry, summing)
        return summing.told(state)

    def again(self, wanted: Wanted) -> Copied | None:
        """Return nothing: no earlier backup is asked."""
        return None

    def put(self, name: str, path: Path) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = path.stat().st_size, 0o600
        with path.open("rb") as file:
            self.add(entry, file)
        path.unlink()

    def add(self, entry: tarfile.TarInfo, file: object) -> None:
        self.tar.addfile(entry, file)  # type: ignore[arg-type]  # only read is asked of it
        self.tar.members.clear()  # type: ignore[attr-defined]  # of a million it would hold each

    def keeps(self, state: str) -> bool:
        """Tell whether what is in this state lies there: all does, also what does not count."""
        return True

    def close(self) -> None:
        self.tar.close()
