"""ZIP archives as boxes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

from releases.metadata import archive
from releases.metadata.archive import ArchiveError
from releases.metadata.box import Entry, Findings, Limits


class Zip:
    version = ""

    def __init__(self, file: ZipFile) -> None:
        self.file = file
        self.comment = file.comment.decode("utf-8", "replace")
        self.entries = [
            Entry(one.filename, one.file_size, one.compress_size, archive.is_locked(one))
            for one in archive.files(file)
        ]

    def contents(self, limits: Limits) -> dict[str, bytes]:
        return self._read(limits).contents

    def examined(self, limits: Limits) -> Findings:
        found = Findings(problems=[*archive.problems(self.file)])
        read = self._read(limits)
        new = [problem for problem in read.problems if problem not in found.problems]
        return Findings(read.contents, found.problems + new)

    def _read(self, limits: Limits) -> Findings:
        found = Findings()
        for name, limit in limits.items():
            try:
                found.contents[name] = archive.read(self.file, name, limit)
            except archive.Locked:
                continue  # told as a protection
            except ArchiveError as error:
                found.problems.append(error.problem)
        return found


@contextmanager
def opened(path: Path) -> Iterator[Zip]:
    with archive.opened(path) as file:
        yield Zip(file)
