"""Palm databases: a name, a kind, and numbered records.

Source: docs/formats/mobi.md.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from releases.metadata.problem import Problem, Unreadable, problem

HEADER_BYTES = 78

_NAME_BYTES = 32
_KIND = slice(60, 68)
_COUNT_AT = 76
_ENTRY = struct.Struct(">II")


@dataclass(frozen=True)
class Database:
    path: Path
    name: bytes
    kind: bytes
    """Type and creator: `BOOKMOBI`, or `TEXtREAd` of the oldest books."""
    count: int
    """Records it says to have."""
    offsets: tuple[int, ...]
    """Where the records start that its table tells of."""

    @cached_property
    def size(self) -> int:
        return self.path.stat().st_size

    def record(self, number: int, limit: int) -> bytes:
        """Return at most the first `limit` bytes of a record; nothing where there is none."""
        if not 0 <= number < len(self.offsets):
            return b""
        start = self.offsets[number]
        end = (*self.offsets, self.size)[number + 1]
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(min(max(end - start, 0), limit))

    def problems(self) -> Iterator[Problem]:
        lost = self.count - sum(offset < self.size for offset in self.offsets)
        if lost:
            yield problem(
                "The file is cut short: %(missing)s of its %(count)s records are missing.",
                missing=lost,
                count=self.count,
            )
        elif any(start > end for start, end in pairwise(self.offsets)):
            yield problem("The table of records is damaged: they are not in order.")
        if not self.count:
            yield problem("The file holds no records: there is nothing to read.")


def database(path: Path) -> Database:
    """Return the database that `path` is.

    Raises:
        Unreadable: it is too short to be one.
    """
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
        if len(header) < HEADER_BYTES:
            raise Unreadable("The file is cut short: its header is not complete.")
        (count,) = struct.unpack_from(">H", header, _COUNT_AT)
        table = file.read(count * _ENTRY.size)
    whole = len(table) - len(table) % _ENTRY.size
    offsets = tuple(offset for offset, _ in _ENTRY.iter_unpack(table[:whole]))
    return Database(path, header[:_NAME_BYTES], header[_KIND], count, offsets)
