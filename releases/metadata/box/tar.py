"""TAR archives as boxes. Nothing is compressed in them, and nothing locked."""

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tarfile import TarFile, TarInfo

from releases.metadata.archive import ENTRY_LIMIT, ArchiveError
from releases.metadata.box import Entry, Findings, Limits, damaged, oversized, unsafe
from releases.metadata.problem import problem

_BLOCK = tarfile.BLOCKSIZE
_UNREADABLE = (tarfile.TarError, OSError, ValueError, EOFError, OverflowError)


class Tar:
    version = ""
    comment = ""

    def __init__(self, file: TarFile, size: int) -> None:
        self.file = file
        self.size = size
        self.is_whole = True
        self.members: dict[str, TarInfo] = {}
        self.entries = []
        try:
            for member in islice(file, ENTRY_LIMIT):
                if member.isreg():
                    self.members[member.name] = member
                    self.entries.append(Entry(member.name, member.size, member.size))
        except _UNREADABLE:
            self.is_whole = False

    def contents(self, limits: Limits) -> dict[str, bytes]:
        return self._read(limits).contents

    def examined(self, limits: Limits) -> Findings:
        found = self._read(limits)
        if not self.is_whole or not self._is_ended():
            found.problems.insert(
                0, problem("The archive is damaged or cut short: its end is missing.")
            )
        return Findings(found.contents, [*unsafe(self.entries), *found.problems])

    def _read(self, limits: Limits) -> Findings:
        found = Findings()
        for name, limit in limits.items():
            content = self._content(name, limit + 1)
            if len(content) > limit:
                found.problems.append(oversized(name, limit))
            elif len(content) < self.members[name].size:
                found.problems.append(damaged(name))
            else:
                found.contents[name] = content
        return found

    def _content(self, name: str, limit: int) -> bytes:
        try:
            content = self.file.extractfile(self.members[name])
            return content.read(limit) if content else b""
        except _UNREADABLE:
            return b""

    def _is_ended(self) -> bool:
        """Whether a block of zeros follows the last entry, or nothing at all."""
        at = self.file.offset
        if len(self.entries) >= ENTRY_LIMIT:
            return True
        with Path(str(self.file.name)).open("rb") as file:
            file.seek(at)
            return at <= self.size and not file.read(_BLOCK).strip(b"\0")


@contextmanager
def opened(path: Path) -> Iterator[Tar]:
    try:
        file = tarfile.open(path, "r:")  # noqa: SIM115 - closed below
    except _UNREADABLE as error:
        raise ArchiveError("The archive is damaged: its first entry cannot be read.") from error
    with file:
        yield Tar(file, path.stat().st_size)
