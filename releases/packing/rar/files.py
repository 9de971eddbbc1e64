"""Files being made, and files read back."""

import ctypes
import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import TracebackType
from typing import Self

from isal.isal_zlib import crc32

from releases.packing.plan import PackingError

PIECE_BYTES = 1 << 20
"""What is read, summed and written at a time: it stays in the processor's cache."""

WINDOW_BYTES = 8 << 20
"""What is waited for at a time while the disk catches up: a moment, even on a slow one."""

Tick = Callable[[int], None]
"""Hears how many more bytes are done."""


def unheard(size: int) -> None:
    """Tick for those who do not count."""


UNREADABLE = {
    errno.EACCES: "%(path)s may not be read: give the packer the right to read it",
    errno.ENOENT: "%(path)s is not there: put it back, or choose another",
    errno.ELOOP: "%(path)s has become a link: links are not packed",
    errno.EIO: "The disk failed while %(path)s was read: check the disk, then pack again",
}
UNWRITABLE = {
    errno.ENOENT: "%(path)s is not there: make the folder first",
    errno.ENOTDIR: "%(path)s is not a folder: choose one",
    errno.ENOSPC: "No space left to write %(path)s: free some, then pack again",
    errno.EDQUOT: "The disk quota leaves no space to write %(path)s: free some, then pack again",
    errno.EACCES: "%(path)s may not be written: give the packer the right to write there",
    errno.EEXIST: "%(path)s exists already: move it away, or choose another name",
    errno.ENOTEMPTY: "%(path)s exists already: move it away, or choose another name",
    errno.EROFS: "%(path)s lies on a disk that may only be read: choose another folder",
    errno.EIO: "The disk failed while %(path)s was written: check the disk, then pack again",
}


class Damaged(PackingError):
    """A file read back is not what a release may hold."""


@contextmanager
def reading(path: Path, error: type[PackingError] = PackingError) -> Iterator[None]:
    """Turn what the system says of reading `path` into a sentence, raised as `error`."""
    try:
        yield
    except OSError as fault:
        raise unreadable(path, fault, error) from fault


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says of writing `path` into a sentence."""
    try:
        yield
    except OSError as fault:
        raise unwritable(path, fault) from fault


def unreadable(
    path: Path, fault: OSError, error: type[PackingError] = PackingError
) -> PackingError:
    template = UNREADABLE.get(fault.errno or 0, "%(path)s cannot be read: %(reason)s")
    return error(template, path=path, reason=fault.strerror)


def unwritable(path: Path, fault: OSError) -> PackingError:
    template = UNWRITABLE.get(fault.errno or 0, "%(path)s cannot be written: %(reason)s")
    return PackingError(template, path=path, reason=fault.strerror)


LIBC = ctypes.CDLL(None, use_errno=True)
WRITE, WRITE_AND_WAIT = 0x2, 0x7
"""What sync_file_range(2) is asked to do."""
UNKNOWN_HERE = {errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.ESPIPE}


def sync_range(fd: int, at: int, size: int, what: int) -> None:
    """Have the disk write a part of a file, where the system can be asked for a part.

    A file is safe only after an fsync; this is so that it can be heard and ended meanwhile.
    """
    _check(LIBC.sync_file_range(fd, ctypes.c_int64(at), ctypes.c_int64(size), what))


def reserve(fd: int, size: int) -> None:
    """Take the room of a file on the disk at once, where that can be done at no cost.

    What is written then is spread less, and a full disk is noticed before the work.
    """
    _check(LIBC.fallocate(fd, 0, ctypes.c_int64(0), ctypes.c_int64(size)))


def _check(result: int) -> None:
    reason = ctypes.get_errno() if result else 0
    if reason and reason not in UNKNOWN_HERE:
        raise OSError(reason, os.strerror(reason))


class Output:
    """A file being made, written at any offset in any order."""

    def __init__(self, path: Path, *, is_new: bool = True) -> None:
        self.path = path
        new = os.O_CREAT | os.O_EXCL if is_new else 0
        with writing(path):
            self.fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC | new, 0o644)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with writing(self.path):
            os.close(self.fd)

    def reserve(self, size: int) -> None:
        """Take the room of all that will be written."""
        with writing(self.path):
            reserve(self.fd, size)

    def write(self, data: bytes | memoryview, at: int) -> None:
        rest = memoryview(data)
        try:
            while rest:
                done = os.pwrite(self.fd, rest, at)
                rest, at = rest[done:], at + done
        except OSError as fault:
            raise unwritable(self.path, fault) from fault

    def date(self, dated: date) -> None:
        """Give the file its mode and its date."""
        midnight = datetime.combine(dated, time(), UTC).timestamp()
        with writing(self.path):
            os.fchmod(self.fd, 0o644)
            os.utime(self.fd, (midnight, midnight))

    def hand_over(self, tick: Tick = unheard) -> None:
        """Have the disk begin to write the file; `tick` hears how far that is."""
        self._sync_ranges(WRITE, tick)

    def settle(self, tick: Tick = unheard) -> None:
        """Wait until the disk has the file; `tick` hears how far it is."""
        self._sync_ranges(WRITE_AND_WAIT, tick)
        with writing(self.path):
            os.fsync(self.fd)

    def _sync_ranges(self, what: int, tick: Tick) -> None:
        with writing(self.path):
            size = os.fstat(self.fd).st_size
        for at in range(0, size, WINDOW_BYTES):
            with writing(self.path):
                sync_range(self.fd, at, WINDOW_BYTES, what)
            tick(min(WINDOW_BYTES, size - at))


class Tape:
    """A file read once from front to back, which sums all that passes."""

    def __init__(
        self, path: Path, name: str, tick: Tick = unheard, *, with_sha256: bool = True
    ) -> None:
        self.path = path
        self.name = name
        """What faults call the file."""
        self.tick = tick
        self.position = self.crc = 0
        self._sha256 = hashlib.sha256() if with_sha256 else None
        self._buffer = memoryview(bytearray(PIECE_BYTES))
        with reading(path, Damaged):
            self.fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            self.size = os.fstat(self.fd).st_size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with reading(self.path, Damaged):
            os.close(self.fd)

    @property
    def left(self) -> int:
        return self.size - self.position

    @property
    def sha256(self) -> str:
        """Of what has passed, in hexadecimal; nothing where it was not asked for."""
        return self._sha256.hexdigest() if self._sha256 else ""

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes: of headers and small files, since all stay in memory."""
        if size > self.left:
            raise self.damaged("%(file)s ends too early")
        return b"".join(bytes(piece) for piece in self.pieces(size))

    def skip(self, size: int) -> int:
        """Pass over `size` bytes, and return their CRC-32."""
        crc = 0
        for piece in self.pieces(size):
            crc = crc32(piece, crc)
        return crc

    def pieces(self, size: int) -> Iterator[memoryview]:
        """Yield the next `size` bytes, each piece good until the next one."""
        while size:
            piece = self._next(min(size, PIECE_BYTES))
            self._sum(piece)
            size -= len(piece)
            yield piece

    def damaged(self, template: str, **values: object) -> Damaged:
        return Damaged(template, file=self.name, **values)

    def _next(self, size: int) -> memoryview:
        try:
            got = os.readv(self.fd, [self._buffer[:size]])
        except OSError as fault:
            raise unreadable(self.path, fault, Damaged) from fault
        if not got:
            raise self.damaged("%(file)s ends too early")
        return self._buffer[:got]

    def _sum(self, piece: memoryview) -> None:
        self.position += len(piece)
        self.crc = crc32(piece, self.crc)
        if self._sha256:
            self._sha256.update(piece)
        self.tick(len(piece))
