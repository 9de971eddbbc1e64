"""Deliveries to a folder of this machine, inside those that the operator allows. No Django here."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path, PurePosixPath

from isal.isal_zlib import crc32

from delivery.endpoint import Endpoint, Full, NotPermitted, Pieces, Prepare, Sum
from network.addresses import NotAllowed, Unreachable
from network.deadline import Deadline

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_A_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LED_ASTRAY = {errno.ELOOP, errno.ENOTDIR}
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
PIECE = 256 * 1024
PATIENCE_S = 60.0


class Folder:
    """An open folder: whatever its path leads to later, this one is written to."""

    def __init__(self, number: int, deadline: Deadline, path: str) -> None:
        self._number = number
        self._deadline = deadline
        self._path = path

    def write(self, name: str, content: bytes) -> None:
        with open(os.open(name, _NEW_FILE, 0o644, dir_fd=self._number), "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(content)

    def size(self, name: str) -> int:
        return os.stat(name, dir_fd=self._number, follow_symlinks=False).st_size

    def remove(self, name: str) -> None:
        with self._around(name) as (folder, last):
            os.unlink(last, dir_fd=folder)

    def renew(self) -> None:
        """Let the delivery go on, unless it was ended."""
        self._deadline.renew(PATIENCE_S)
        self._deadline.wait_s(self._path)

    def found(self, name: str) -> int | None:
        with suppress(FileNotFoundError), self._around(name) as (folder, last):
            there = os.stat(last, dir_fd=folder, follow_symlinks=False)
            return there.st_size if stat.S_ISREG(there.st_mode) else None
        return None

    def make_folder(self, name: str) -> None:
        os.close(_entered(os.dup(self._number), PurePosixPath(name).parts))

    def ending(self, name: str, offset: int, length: int) -> bytes | None:
        with self._opened(name, os.O_RDONLY) as file:
            file.seek(offset)
            return file.read(length)

    def send(self, name: str, source: Pieces, offset: int) -> None:
        with self._opened(name, os.O_WRONLY | os.O_CREAT) as file:
            file.truncate(offset)
            file.seek(offset)
            for piece in source.pieces(offset):
                write_all(file, piece)
            os.fsync(file.fileno())

    def sum(self, name: str, _size: int, _prepare: Prepare) -> Sum | None:
        """Read the file back: that costs little here, and proves all."""
        crc = 0
        with self._opened(name, os.O_RDONLY) as file:
            while piece := file.read(PIECE):
                crc = crc32(piece, crc)
                self.renew()
        return Sum("CRC-32", "crc32", f"{crc:08x}")

    def rename(self, name: str, final: str) -> None:
        with self._around(name) as (folder, last):
            os.rename(last, PurePosixPath(final).name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)

    @contextmanager
    def _around(self, name: str) -> Iterator[tuple[int, str]]:
        """Open the folder that a file lies in, following no link; yield it and the last name."""
        path = PurePosixPath(name)
        folder = os.dup(self._number)
        try:
            for part in path.parent.parts:
                above = folder
                folder = os.open(part, _FOLDER, dir_fd=above)
                os.close(above)
            yield folder, path.name
        finally:
            os.close(folder)

    @contextmanager
    def _opened(self, name: str, way: int) -> Iterator[FileIO]:
        with self._around(name) as (folder, last):
            number = os.open(last, way | _A_FILE, 0o644, dir_fd=folder)
            with FileIO(number, "rb" if way == os.O_RDONLY else "wb") as file:
                if not stat.S_ISREG(os.fstat(number).st_mode):
                    raise OSError(errno.ELOOP, "This is no file")
                yield file


def write_all(file: FileIO, piece: bytes) -> None:
    """Write it whole: the system may take less at once."""
    left = memoryview(piece)
    while left:
        left = left[file.write(left) or 0 :]


@contextmanager
def opened(endpoint: Endpoint, deadline: Deadline) -> Iterator[Folder]:
    """Open the folder, and make it where it is missing.

    Raises:
        NotAllowed: it lies outside of the roots, a link leads there, or it is not for us.
        Unreachable: it cannot be written to.
    """
    root, parts = placed(endpoint.folder, endpoint.roots)
    try:
        root.mkdir(parents=True, exist_ok=True)
        number = _entered(os.open(root, _FOLDER & ~os.O_NOFOLLOW), parts)
        try:
            yield Folder(number, deadline, endpoint.folder or str(root))
        finally:
            os.close(number)
    except OSError as error:
        raise _told(error, endpoint.folder or str(root)) from None


def placed(folder: str, roots: tuple[Path, ...]) -> tuple[Path, tuple[str, ...]]:
    """Return the root that `folder` lies in, and the names that lead from there to it.

    A relative one lies in the first root.

    Raises:
        NotAllowed: it lies in none.
    """
    path = PurePosixPath(folder)
    if ".." not in path.parts:
        for root in roots:
            inside = root / path
            if inside.is_relative_to(root):
                return root, inside.relative_to(root).parts
    raise NotAllowed("The folder must lie in one of: %(roots)s.", roots=", ".join(map(str, roots)))


def _entered(number: int, parts: tuple[str, ...]) -> int:
    """Open each folder from the one above it, following no link, and close that one."""
    for part in parts:
        above = number
        try:
            number = _below(above, part)
        finally:
            os.close(above)
    return number


def _below(above: int, name: str) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=above)
    except FileNotFoundError:
        os.mkdir(name, 0o755, dir_fd=above)
        return os.open(name, _FOLDER, dir_fd=above)


def _told(error: OSError, folder: str) -> Unreachable:
    if error.errno in _NO_ROOM:
        return Full("There is no space left in the folder %(folder)s.", folder=folder)
    if error.errno in _LED_ASTRAY:
        return NotAllowed(
            "The path %(folder)s leads through a link or a file: choose a folder.", folder=folder
        )
    return NotPermitted(
        "The folder %(folder)s may not be written to: check who owns it.", folder=folder
    )
