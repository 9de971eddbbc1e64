"""Deliveries to a folder of this machine, inside those that the operator allows. No Django here."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from delivery.endpoint import Endpoint, Full, NotPermitted
from network.addresses import NotAllowed, Unreachable
from network.deadline import Deadline

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LED_ASTRAY = {errno.ELOOP, errno.ENOTDIR}
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


class Folder:
    """An open folder: whatever its path leads to later, this one is written to."""

    def __init__(self, number: int) -> None:
        self._number = number

    def write(self, name: str, content: bytes) -> None:
        with open(os.open(name, _NEW_FILE, 0o644, dir_fd=self._number), "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(content)

    def size(self, name: str) -> int:
        return os.stat(name, dir_fd=self._number, follow_symlinks=False).st_size

    def remove(self, name: str) -> None:
        os.unlink(name, dir_fd=self._number)


@contextmanager
def opened(endpoint: Endpoint, _deadline: Deadline) -> Iterator[Folder]:
    """Open the folder, and make it where it is missing.

    Raises:
        NotAllowed: it lies outside of the roots, a link leads there, or it is not for us.
        Unreachable: it cannot be written to.
    """
    root, parts = placed(endpoint.folder, endpoint.roots)
    try:
        number = _entered(root, parts)
        try:
            yield Folder(number)
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


def _entered(root: Path, parts: tuple[str, ...]) -> int:
    """Open each folder from the one above it, following no link."""
    root.mkdir(parents=True, exist_ok=True)
    number = os.open(root, _FOLDER & ~os.O_NOFOLLOW)
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
