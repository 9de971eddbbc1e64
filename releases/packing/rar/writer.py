"""Writing the volumes: first all data, each volume on its own, then the headers that sum it."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from isal.isal_zlib import crc32, crc32_combine

from releases.packing.plan import PackingError, Payload
from releases.packing.rar.files import PIECE_BYTES, Output, Tick, reading, unreadable
from releases.packing.rar.parts import Member, Part, Volume

Read = Callable[[int, int], memoryview]
"""Takes (offset, size) and gives that piece, good until the next call."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file or a folder as it was when the layout was made."""

    path: Path
    member: Member
    identity: tuple[int, ...]
    names: tuple[str, ...] = ()
    """Of what lies in the folder."""

    @classmethod
    def of(cls, payload: Payload) -> Self:
        """Look at `payload`, without opening it; at a folder, not at what lies in it.

        Raises:
            PackingError: it is not there, or neither a file nor a folder.
        """
        path = payload.path
        with reading(path):
            status = path.lstat()
            is_folder = stat.S_ISDIR(status.st_mode)
            names = _names(path) if is_folder else ()
        if not (is_folder or stat.S_ISREG(status.st_mode)):
            raise PackingError(
                "%(path)s is neither a file nor a folder: links and devices are not packed",
                path=path,
            )
        member = Member(payload.name, 0 if is_folder else status.st_size, is_folder)
        return cls(path, member, _identity(status), names)

    @contextmanager
    def opened(self) -> Iterator[Read]:
        """Open the file for reading; at the end it must still be the one looked at."""
        buffer = memoryview(bytearray(PIECE_BYTES))
        with reading(self.path):
            fd = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)

        def read(offset: int, size: int) -> memoryview:
            try:
                got = os.preadv(fd, [buffer[:size]], offset)
            except OSError as fault:
                raise unreadable(self.path, fault) from fault
            if not got:
                raise self._changed()
            return buffer[:got]

        try:
            yield read
            self._check(fd)
        finally:
            with reading(self.path):
                os.close(fd)

    def _check(self, fd: int) -> None:
        with reading(self.path):
            is_same = _identity(os.fstat(fd)) == self.identity
            if is_same and self.member.is_folder:
                is_same = _names(fd) == self.names
        if not is_same:
            raise self._changed()

    def _changed(self) -> PackingError:
        return PackingError(
            "%(path)s changed while it was packed: pack again when nothing writes to it",
            path=self.path,
        )


def _identity(status: os.stat_result) -> tuple[int, ...]:
    if stat.S_ISDIR(status.st_mode):  # the times of a folder are too coarse to tell a change
        return (status.st_dev, status.st_ino)
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _names(folder: Path | int) -> tuple[str, ...]:
    return tuple(sorted(os.listdir(folder)))  # noqa: PTH208 - an open folder has no path


def copy(
    volume: Volume, sources: Sequence[Source], output: Output, base: int, tick: Tick
) -> tuple[int, ...]:
    """Copy the data of `volume`, which begins at `base` of `output`, to its place.

    Returns the CRC-32 of each part. Knows no other volume.
    """
    output.reserve(base + volume.size)
    return tuple(
        _copy_part(part, sources[part.index], output, base + part.data_at, tick)
        for part in volume.parts
    )


def _copy_part(part: Part, source: Source, output: Output, at: int, tick: Tick) -> int:
    crc = done = 0
    with source.opened() as read:
        while done < part.size:
            piece = read(part.offset + done, min(PIECE_BYTES, part.size - done))
            crc = crc32(piece, crc)
            output.write(piece, at + done)
            done += len(piece)
            tick(len(piece))
    return crc


def member_sums(volumes: Sequence[Volume], part_crcs: Sequence[Sequence[int]]) -> dict[int, int]:
    """Return the CRC-32 of each whole member, by its place in the archive."""
    sums: dict[int, int] = {}
    for volume, crcs in zip(volumes, part_crcs, strict=True):
        for part, crc in zip(volume.parts, crcs, strict=True):
            sums[part.index] = crc32_combine(sums.get(part.index, 0), crc, part.size)
    return sums


@dataclass(frozen=True, slots=True)
class Sums:
    """The CRC-32s the headers of one volume need: of its parts, and of all whole members."""

    parts: Sequence[int]
    members: dict[int, int]


def seal(volume: Volume, sums: Sums, output: Output, base: int, dated: date) -> int:
    """Write the headers of `volume` around its data, and return the CRC-32 of the volume."""
    dialect = volume.dialect
    head = dialect.head(volume)
    output.write(head, base)
    crc = crc32(head)
    for part, part_crc in zip(volume.parts, sums.parts, strict=True):
        header_crc = sums.members[part.index] if part.is_last else part_crc
        header = dialect.file_block(part, header_crc, dated)
        output.write(header, base + part.at)
        crc = crc32_combine(crc32(header, crc), part_crc, part.size)
    end = dialect.end_block(volume, crc)
    output.write(end, base + volume.end_at)
    return crc32(end, crc)
