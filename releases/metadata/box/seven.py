"""7z archives as boxes, through py7zr."""

import lzma
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice, takewhile
from pathlib import Path

import py7zr
from py7zr.exceptions import ArchiveError as SevenZipError
from py7zr.exceptions import CrcError, PasswordRequired, UnsupportedCompressionMethodError
from py7zr.io import Py7zIO, WriterFactory

from releases.metadata.archive import (
    IMAGE_LIMIT,
    NO_DIRECTORY,
    VERIFY_LIMIT,
    ArchiveError,
    Locked,
    is_inside,
)
from releases.metadata.box import Entry, Findings, Limits, damaged, oversized, unsafe
from releases.metadata.problem import Problem, flaw, problem

_UNREADABLE = (
    SevenZipError,
    lzma.LZMAError,
    zlib.error,
    ArithmeticError,
    AssertionError,
    AttributeError,  # of parts that a damaged header does not tell of
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    struct.error,
    TypeError,
    ValueError,
)


class Seven:
    version = ""
    comment = ""

    def __init__(self, file: py7zr.SevenZipFile, size: int) -> None:
        self.file = file
        is_locked = file.needs_password()
        self.entries = [
            Entry(one.filename, one.uncompressed, one.compressed or size, is_locked)
            for one in file.list()
            if one.is_file
        ]

    def contents(self, limits: Limits) -> dict[str, bytes]:
        return self._read(limits, set(limits)).contents

    def examined(self, limits: Limits) -> Findings:
        is_small = sum(entry.size for entry in self.entries) <= VERIFY_LIMIT
        every = {entry.name for entry in self.entries} if is_small else set(limits)
        found = self._read(limits, every)
        giants = (oversized(one.name, IMAGE_LIMIT) for one in self.entries if _is_giant(one))
        return Findings(
            found.contents, [*unsafe(self.entries), *islice(giants, 1), *found.problems]
        )

    def _read(self, limits: Limits, names: set[str]) -> Findings:
        """Unpack `names`, keep what is asked for, and stop at the first that is damaged."""
        shelf = Shelf(limits)
        if any(entry.is_locked for entry in self.entries):
            return shelf.findings()
        try:
            self.file.reset()
            self.file.extract(targets=[*self._reachable(names)], factory=shelf)
        except CrcError as error:
            shelf.spoil(str(error.filename or "A file"))
        except UnsupportedCompressionMethodError:
            shelf.problems.append(flaw("The archive is compressed by a method that is not read."))
        except MemoryError:
            shelf.problems.append(
                problem("The archive needs too much memory to unpack: it may be a trap.")
            )
        except _UNREADABLE:
            shelf.problems.append(problem("The archive is damaged: it cannot be unpacked."))
        return shelf.findings()

    def _reachable(self, names: set[str]) -> Iterator[str]:
        """Those of `names` before the first giant, which would be unpacked in one piece."""
        for entry in takewhile(lambda one: not _is_giant(one), self.entries):
            if entry.name in names and is_inside(entry.name):
                yield entry.name


def _is_giant(entry: Entry) -> bool:
    return entry.size > IMAGE_LIMIT


class Shelf(WriterFactory):
    """Where py7zr puts what it unpacks, which is kept as far as it is asked for."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.products: dict[str, Product] = {}
        self.problems: list[Problem] = []

    def create(self, filename: str) -> Py7zIO:
        self.products[filename] = Product(self.limits.get(filename, -1) + 1)
        return self.products[filename]

    def spoil(self, name: str) -> None:
        """Take back what turned out to be damaged."""
        self.products.pop(name, None)
        self.problems.append(damaged(name))

    def findings(self) -> Findings:
        found = Findings(problems=self.problems)
        for name, product in self.products.items():
            limit = self.limits.get(name, -1)
            if len(product.content) > limit >= 0:
                found.problems.append(oversized(name, limit))
            elif limit >= 0 and product.is_whole:
                found.contents[name] = bytes(product.content)
        return found


class Product(Py7zIO):
    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.content = bytearray()
        self.is_whole = False

    def write(self, s: bytes | bytearray) -> int:
        self.content += s[: self.limit - len(self.content)]
        return len(s)

    def read(self, size: int | None = None) -> bytes:
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def flush(self) -> None:
        """Nothing waits to be written."""

    def size(self) -> int:
        return len(self.content)

    def close(self) -> None:
        self.is_whole = True


@contextmanager
def opened(path: Path) -> Iterator[Seven]:
    with path.open("rb") as file:  # a path would be opened again, by threads
        try:
            box = Seven(py7zr.SevenZipFile(file), path.stat().st_size)
        except PasswordRequired as error:
            raise Locked("The archive needs a password, even for its names.") from error
        except (*_UNREADABLE, MemoryError) as error:
            raise ArchiveError(NO_DIRECTORY.template) from error
        yield box
