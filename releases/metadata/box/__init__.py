"""Archives of pictures, whatever their kind: files by name, read within limits, none extracted."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol, cast

from releases.metadata.archive import (
    BOMB_BYTES,
    BOMB_RATIO,
    ENTRY_LIMIT,
    PATH_LIMIT,
    ArchiveError,
    is_inside,
)
from releases.metadata.fields import clean
from releases.metadata.problem import Problem, problem

KINDS: Mapping[str, str] = {"cbz": "zip", "cbr": "rar", "cb7": "seven", "cbt": "tar"}
"""The module that opens each format."""

Limits = Mapping[str, int]
"""The names of the files to read, and of how many bytes each may be."""


class Entry(NamedTuple):
    """A file of the archive."""

    name: str
    size: int
    packed: int
    """In bytes, as it lies in the archive; of what is compressed together, that of all."""
    is_locked: bool = False


@dataclass
class Findings:
    contents: dict[str, bytes] = field(default_factory=dict)
    """Of the files asked for, those that could be read."""
    problems: list[Problem] = field(default_factory=list)


class Box(Protocol):
    version: str
    """Of the format, where it has several."""
    comment: str
    entries: Sequence[Entry]
    """Its files, without its folders, in their order."""

    def contents(self, limits: Limits) -> dict[str, bytes]:
        """Return what can be read of the files asked for."""

    def examined(self, limits: Limits) -> Findings:
        """Read the files asked for, and look for what is wrong with all."""


def opened(path: Path, kind: str) -> AbstractContextManager[Box]:
    """Open `path`, an archive of the format `kind`.

    Raises:
        Locked: not even its names can be read without a password.
        ArchiveError: it is too damaged to be read at all.
    """
    module = import_module(f"{__name__}.{KINDS[kind]}")
    return cast("AbstractContextManager[Box]", module.opened(path))


def unsafe(entries: Sequence[Entry]) -> Iterator[Problem]:
    """Say which entries point outside the archive, or explode."""
    if len(entries) >= ENTRY_LIMIT:
        yield problem(
            "The archive has %(count)s entries, far more than a book needs.",
            count=f"{len(entries):,}",
        )
    for entry in islice(entries, ENTRY_LIMIT):
        if not is_inside(entry.name):
            yield problem(
                "The entry %(name)s points outside the archive.",
                name=clean(entry.name, PATH_LIMIT),
            )
        if entry.size > max(BOMB_BYTES, BOMB_RATIO * entry.packed):
            yield problem(
                "%(name)s unpacks to %(size)s MiB from %(packed)s KiB: "
                "it looks like a decompression bomb.",
                name=clean(entry.name, PATH_LIMIT),
                size=entry.size >> 20,
                packed=entry.packed >> 10,
            )


def oversized(name: str, limit: int) -> Problem:
    return problem(
        "%(name)s is larger than the %(megabytes)s MiB that are read.",
        name=clean(name, PATH_LIMIT),
        megabytes=limit >> 20,
    )


def damaged(name: str) -> Problem:
    return problem("%(name)s in the archive is damaged.", name=clean(name, PATH_LIMIT))


__all__ = ["KINDS", "ArchiveError", "Box", "Entry", "Findings", "Limits", "opened", "unsafe"]
