"""A backup that was made before, whose copies a new one in the same folder takes over."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from upkeep.reading import Backup, Entry
from upkeep.sentences import Unsound
from upkeep.wanted import Wanted
from upkeep.writing import FILES

SCHEMA = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
CREATE TABLE listed (name TEXT PRIMARY KEY, sha256 TEXT);
"""


class Earlier:
    """Knows the sums of its copies: on the disk, since there may be millions."""

    def __init__(self, folder: Path, ledger: Path) -> None:
        self.folder = folder
        self._database = sqlite3.connect(ledger, isolation_level=None)
        self._database.executescript(SCHEMA)
        with suppress(Unsound), closing(Backup(folder)) as backup:  # what is damaged has none
            self._note(backup.entries())

    def _note(self, entries: Iterable[Entry]) -> None:
        rows = ((one.name, one.sha256) for one in entries)
        self._database.execute("BEGIN")
        try:
            self._database.executemany("INSERT OR REPLACE INTO listed VALUES (?, ?)", rows)
        finally:
            self._database.execute("COMMIT")

    def copy_of(self, wanted: Wanted) -> Path:
        return self.folder / FILES / wanted.name

    def is_sound(self, wanted: Wanted, sha256: str) -> bool:
        """Tell whether a copy that has this sum is what went into the backup."""
        query = "SELECT sha256 FROM listed WHERE name = ?"
        row = self._database.execute(query, (f"{FILES}/{wanted.name}",)).fetchone()
        return row is not None and row[0] == sha256

    def close(self) -> None:
        self._database.close()
