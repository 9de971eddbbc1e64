"""How a backup is read: nothing is believed that its sums do not tell."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import stat
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from upkeep.manifest import LISTING, MOST_BYTES, NAME, ROWS, Manifest, read_manifest
from upkeep.sentences import Unsound
from upkeep.shape import is_entry, stays_inside
from upkeep.writing import FILES, PIECE_BYTES, SUPERSEDED

UNREADABLE = (OSError, EOFError, zlib.error, tarfile.TarError, ValueError, RecursionError)
MOST_LINE_BYTES = 64 << 20
"""Of a row: so much is held at once, and then some."""
MOST_PARTS = 10_000
"""Of a tar, besides its files."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as the listing tells of it."""

    place: str
    path: str
    size: int
    sha256: str
    mtime_ns: int
    mode: int
    state: str

    @property
    def name(self) -> str:
        return f"{FILES}/{self.place}/{self.path}"

    @property
    def counts(self) -> bool:
        return self.state != SUPERSEDED


class FolderBackup:
    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def part(self, name: str) -> Iterator[BinaryIO]:
        with open(self.path / name, "rb", opener=plainly) as file:  # Path has no opener
            yield file

    @contextmanager
    def file(self, entry: Entry) -> Iterator[BinaryIO]:
        with self.part(entry.name) as file:
            yield file

    def rewind(self) -> None:
        """Files are found by their names."""

    def close(self) -> None:
        """Nothing is held open."""


def plainly(path: str, flags: int) -> int:
    """Open a plain file alone: a pipe or a device would never end."""
    found = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(found).st_mode):
        return found
    os.close(found)
    raise FileNotFoundError(path)


class TarBackup:
    """Its parts are found once; its files are read in the order of the listing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tar = tarfile.open(path, "r:")  # noqa: SIM115  # see close
        try:
            self.parts = self._found_parts()
        except BaseException:
            self.tar.close()
            raise

    def _found_parts(self) -> dict[str, tarfile.TarInfo]:
        found = {}
        for one in self.members():
            if not is_file(one.name):
                found[one.name] = one
            if len(found) > MOST_PARTS:
                raise tarfile.ReadError
        return found

    def members(self) -> Iterator[tarfile.TarInfo]:
        while (one := self.tar.next()) is not None:
            self.tar.members.clear()  # type: ignore[attr-defined]  # of a million it would hold each
            yield one

    @contextmanager
    def part(self, name: str) -> Iterator[BinaryIO]:
        if name not in self.parts:
            raise FileNotFoundError(name)
        yield self.content(self.parts[name])

    @contextmanager
    def file(self, entry: Entry) -> Iterator[BinaryIO]:
        """Open the next file, which must be that of `entry`."""
        member = self.tar.next()
        self.tar.members.clear()  # type: ignore[attr-defined]  # see members
        if member is None or member.name != entry.name:
            raise FileNotFoundError(entry.name)
        yield self.content(member)

    def content(self, member: tarfile.TarInfo) -> BinaryIO:
        found = self.tar.extractfile(member) if member.isreg() else None
        if found is None or member.issparse():  # what has holes may be of any size
            raise FileNotFoundError(member.name)
        return io.BufferedReader(found)  # type: ignore[type-var]  # as typeshed has it

    def rewind(self) -> None:
        self.tar.close()
        self.tar = tarfile.open(self.path, "r:")  # noqa: SIM115  # as above

    def close(self) -> None:
        self.tar.close()


def is_file(name: str) -> bool:
    return name.startswith(f"{FILES}/")


class Backup:
    """A backup that was opened, and what it says of itself.

    Raises:
        Unsound: it is none, or its manifest is damaged.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise Unsound(_("There is no backup at %(path)s.") % {"path": path})
        try:
            self._kept = FolderBackup(path) if path.is_dir() else TarBackup(path)
            self.manifest = self._read_manifest()
        except UNREADABLE as error:
            raise Unsound(
                _("%(path)s is no whole backup: it was cut short, or is something else.")
                % {"path": path}
            ) from error

    def _read_manifest(self) -> Manifest:
        try:
            with self._kept.part(NAME) as file:
                return read_manifest(file.read(MOST_BYTES))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._kept.close()

    def rows(self, table: str) -> Iterator[list[Any]]:
        """Yield the rows of a table; what cannot be read is told at the end of what can."""
        width = len(self.manifest.tables[table]["columns"])
        for row in self._lines(f"{ROWS}/{table}.jsonl.gz"):
            if not isinstance(row, list) or len(row) != width:
                raise damaged(f"{ROWS}/{table}.jsonl.gz")
            yield row

    def entries(self) -> Iterator[Entry]:
        if not self.manifest.files:
            return
        for values in self._lines(LISTING):
            if not is_entry(values):
                raise damaged(LISTING)
            entry = Entry(*values)
            refuse_way_out(entry, self.manifest)
            yield entry

    def _lines(self, name: str) -> Iterator[Any]:
        with self._part(name) as file, gzip.open(file) as plain:
            while line := plain.readline(MOST_LINE_BYTES):
                if not line.endswith(b"\n"):
                    raise damaged(name)
                yield json.loads(line)

    def files(self) -> Iterator[tuple[Entry, BinaryIO]]:
        """Yield every file that counts, open; each is read before the next."""
        self._kept.rewind()
        for entry in self.entries():
            with self._kept.file(entry) as file:
                if entry.counts:
                    yield entry, file

    def verify(self, heard: Any) -> None:
        """Read all of it back.

        Raises:
            Unsound: a part is missing or damaged; names it.
        """
        for table, facts in self.manifest.tables.items():
            self._verify_part(f"{ROWS}/{table}.jsonl.gz", str(facts["sha256"]))
        if self.manifest.files:
            self._verify_part(LISTING, str(self.manifest.files["sha256"]))
            self._verify_files(heard)

    def _verify_part(self, name: str, sha256: str) -> None:
        with self._part(name) as file:
            if sum_of(file) != sha256:
                raise damaged(name)

    def _verify_files(self, heard: Any) -> None:
        done, total, count = 0, int(self.manifest.files["bytes"]), 0
        name = LISTING
        try:
            for entry, file in self.files():
                name = entry.name
                if sum_of(file) != entry.sha256:
                    raise damaged(entry.name)
                done, count = done + entry.size, count + 1
                heard("verify", done, total)
        except UNREADABLE as error:
            raise damaged(str(error) if isinstance(error, FileNotFoundError) else name) from error
        if count != self.manifest.files["count"]:
            raise damaged(LISTING)

    @contextmanager
    def _part(self, name: str) -> Iterator[BinaryIO]:
        try:
            with self._kept.part(name) as file:
                yield file
        except UNREADABLE as error:
            raise damaged(name) from error


def refuse_way_out(entry: Entry, manifest: Manifest) -> None:
    """Make sure that a file stays in its place, whoever wrote the listing."""
    if entry.place not in manifest.places or not stays_inside(entry.path):
        raise damaged(LISTING)


def sum_of(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := file.read(PIECE_BYTES):
        digest.update(piece)
    return digest.hexdigest()


def damaged(name: str) -> Unsound:
    return Unsound(
        _("%(part)s of the backup is missing or damaged: use another backup.") % {"part": name}
    )
