"""ZIP archives that lost their directory, which stands at the end: made anew from what is left.

Each file still has a header before it. Source: docs/formats/zip.md.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, NamedTuple

ENTRY_LIMIT = 20_000
MEASURE_LIMIT = 64 << 20
"""Bytes unpacked to find where files end whose headers do not say so."""

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_SIZE_FOLLOWS = 0x8
_DEFLATED = 8
_MOST = 0xFFFFFFFF
_PIECE = 64 << 10
_DESCRIPTOR_BYTES = 24
"""The longest that follows such a file: two sums and sizes, of 64 bits, and a mark."""


class Left(NamedTuple):
    """A file that is left whole."""

    end: int
    """Where the next one begins."""
    central: bytes
    """How a directory tells of it."""


class Torn(io.RawIOBase):
    """A file, and behind it the directory that it lost."""

    def __init__(self, file: BinaryIO, directory: bytes) -> None:
        self.file = file
        self.directory = directory
        self.size = file.seek(0, io.SEEK_END)
        self.at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        bases = {io.SEEK_CUR: self.at, io.SEEK_END: self.size + len(self.directory)}
        at = bases.get(whence, 0) + offset
        if at < 0:
            raise OSError("before the start")
        self.at = at
        return at

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        wanted = len(buffer)
        if self.at < self.size:
            self.file.seek(self.at)
            data = self.file.read(min(wanted, self.size - self.at))
        else:
            start = self.at - self.size
            data = self.directory[start : start + wanted]
        buffer[: len(data)] = data
        self.at += len(data)
        return len(data)


def mended(file: BinaryIO) -> io.BufferedReader | None:
    """Return `file` with a new directory behind it; nothing where no entry is left whole."""
    left = [*islice(_left(file), ENTRY_LIMIT)]
    if not left:
        return None
    size = file.seek(0, io.SEEK_END)
    directory = b"".join(entry.central for entry in left)
    end = _END.pack(b"PK\5\6", 0, 0, len(left), len(left), len(directory), size, 0)
    return io.BufferedReader(Torn(file, directory + end))


def _left(file: BinaryIO) -> Iterator[Left]:
    """The files that are left whole, from the start to the first that is not."""
    size = file.seek(0, io.SEEK_END)
    at = 0
    while at < min(size, _MOST):
        entry = _entry(file, at)
        if entry is None or entry.end > size:
            return
        yield entry
        at = entry.end


def _entry(file: BinaryIO, at: int) -> Left | None:
    file.seek(at)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(b"PK\3\4"):
        return None
    _, version, flags, method, time, date, *sums, name_bytes, extra_bytes = _LOCAL.unpack(head)
    name = file.read(name_bytes)
    start = at + _LOCAL.size + name_bytes + extra_bytes
    if flags & _SIZE_FOLLOWS and not sums[1]:
        sums = _measured(file, start) if method == _DEFLATED else []
    if not sums:
        return None
    summed, packed, size = sums
    end = start + packed
    return Left(
        end=_behind_descriptor(file, end) if flags & _SIZE_FOLLOWS else end,
        central=_CENTRAL.pack(
            *(b"PK\1\2", version, version, flags, method, time, date),
            *(summed, packed, size, len(name), 0, 0, 0, 0, 0, at),
        )
        + name,
    )


def _measured(file: BinaryIO, start: int) -> list[int]:
    """Return sum, length and size of what is compressed at `start`; nothing if it has no end."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    summed = packed = size = 0
    file.seek(start)
    while not unpacker.eof and size <= MEASURE_LIMIT:
        piece = file.read(_PIECE)
        if not piece:
            return []
        try:
            content = unpacker.decompress(piece)
        except zlib.error:
            return []
        summed, size = zlib.crc32(content, summed), size + len(content)
        packed += len(piece) - len(unpacker.unused_data)
    return [summed, packed, size] if unpacker.eof else []


def _behind_descriptor(file: BinaryIO, end: int) -> int:
    """Return where the next header begins, behind the sizes that follow a file."""
    file.seek(end)
    following = file.read(_DESCRIPTOR_BYTES + len(b"PK\3\4"))
    found = [at for at in map(following.find, (b"PK\3\4", b"PK\1\2")) if at >= 0]
    return end + min(found, default=0)
