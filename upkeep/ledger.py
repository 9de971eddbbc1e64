"""What a backup wants and has taken so far: on the disk, since there may be millions of files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from upkeep.holdings import Holding
from upkeep.places import Places
from upkeep.wanted import Wanted
from upkeep.writing import SUPERSEDED, Copied

SCHEMA = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
CREATE TABLE wanted (
    number INTEGER PRIMARY KEY, place TEXT, path TEXT, file TEXT, subject TEXT,
    size INTEGER, crc32 TEXT, sha256 TEXT, least INTEGER, is_due INTEGER,
    key TEXT
);
CREATE TABLE taken (
    number INTEGER PRIMARY KEY, place TEXT, path TEXT, size INTEGER, crc32 TEXT, sha256 TEXT,
    mtime_ns INTEGER, mode INTEGER, state TEXT, seen INTEGER, is_written INTEGER, subject TEXT
);
CREATE INDEX taken_at ON taken (place, path);
"""
AT_ONCE = 500
CHANGED, MISSING = "changed", "missing"


@dataclass(frozen=True, slots=True)
class Taken:
    """What went into the backup under a name, or why nothing did."""

    number: int
    place: str
    path: str
    size: int
    crc32: str
    sha256: str
    mtime_ns: int
    mode: int
    state: str
    """Empty: it is as the rows say."""
    seen: int
    """The last round that wanted it."""
    is_written: bool
    subject: str


def known(holding: Holding) -> tuple[Any, ...]:
    return (holding.size, holding.crc32, holding.sha256, holding.least, holding.is_due, holding.key)


class Ledger:
    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(SCHEMA)
        self.round = 0

    def begin(self, holdings: Iterable[Holding], places: Places) -> None:
        """Note what is wanted now; what was taken stays."""
        self.round += 1
        self._database.execute("DELETE FROM wanted")
        self._database.execute("BEGIN")
        self._database.executemany(
            "INSERT INTO wanted VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((*places.of(one.path), str(one.path), one.subject, *known(one)) for one in holdings),
        )
        self._database.execute("COMMIT")

    def wanted(self) -> Iterator[Wanted]:
        last = 0
        query = "SELECT * FROM wanted WHERE number > ? ORDER BY number LIMIT ?"
        while part := self._database.execute(query, (last, AT_ONCE)).fetchall():
            for row in part:
                yield Wanted(*row)
            last = part[-1][0]

    def bytes_wanted(self) -> int:
        query = "SELECT SUM(COALESCE(size, least, 0)) FROM wanted"
        (size,) = self._database.execute(query).fetchone()
        return size or 0

    def copy_of(self, wanted: Wanted) -> Taken | None:
        """Return what was taken of the same file, unless something newer took its place."""
        query = "SELECT * FROM taken WHERE place = ? AND path = ? AND state = '' AND is_written"
        row = self._database.execute(query, (wanted.place, wanted.path)).fetchone()
        return Taken(*row) if row else None

    def keep(self, taken: Taken) -> None:
        """Note that what was taken before is still wanted."""
        self._database.execute(
            "UPDATE taken SET seen = ? WHERE number = ?", (self.round, taken.number)
        )

    def drop(self, wanted: Wanted) -> None:
        """Note that what was taken before under this name does not count."""
        self._database.execute(
            "UPDATE taken SET state = ? WHERE place = ? AND path = ?",
            (SUPERSEDED, wanted.place, wanted.path),
        )

    def add(self, wanted: Wanted, copied: Copied | None, state: str) -> None:
        """Note what was taken, or that nothing was."""
        facts = copied or Copied(0, "", "", 0, 0)
        self._database.execute(
            "INSERT INTO taken VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(wanted.place, wanted.path, facts.size, facts.crc32, facts.sha256),
                *(facts.mtime_ns, facts.mode, state, self.round, copied is not None),
                wanted.subject,
            ),
        )

    def settle(self) -> None:
        """Give up what the last round did not want any more."""
        self._database.execute(
            "UPDATE taken SET state = ? WHERE seen < ?", (SUPERSEDED, self.round)
        )

    def taken(self) -> Iterator[Taken]:
        for row in self._database.execute("SELECT * FROM taken ORDER BY number"):
            yield Taken(*row)

    def lacking(self) -> list[Taken]:
        """Return what is not as the rows say, as this round found it."""
        query = "SELECT * FROM taken WHERE seen = ? AND state IN (?, ?) ORDER BY place, path"
        found = self._database.execute(query, (self.round, CHANGED, MISSING))
        return [Taken(*row) for row in found]

    def given_up(self) -> Iterator[str]:
        """Yield the names that nothing counts of any more."""
        query = (
            "SELECT DISTINCT place, path FROM taken AS old WHERE state = ? AND NOT EXISTS ("
            "SELECT 1 FROM taken WHERE place = old.place AND path = old.path AND state != ?)"
        )
        for place, path in self._database.execute(query, (SUPERSEDED, SUPERSEDED)):
            yield f"{place}/{path}"

    def totals(self) -> tuple[int, int]:
        """Return how many files count, and their bytes."""
        query = "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM taken WHERE state IN ('', ?)"
        number, size = self._database.execute(query, (CHANGED,)).fetchone()
        return int(number), int(size)

    def close(self) -> None:
        self._database.close()
