"""ZIP archives read as hostile: every read capped, names never used as paths on disk."""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from releases.metadata import torn
from releases.metadata.fields import clean
from releases.metadata.problem import Problem, Unreadable, problem

XML_LIMIT = 8 << 20
IMAGE_LIMIT = 32 << 20
ENTRY_LIMIT = 20_000
"""Entries checked of one archive."""
STRUCTURE_LIMIT = 2_000
"""Entries listed of one archive."""
PATH_LIMIT = 200
"""Characters listed of one entry's name."""
VERIFY_LIMIT = 256 << 20
"""Bytes unpacked to check checksums; what lies beyond stays unchecked."""
BOMB_BYTES = 64 << 20
BOMB_RATIO = 200
NO_DIRECTORY = problem("The archive has no readable directory: the file is damaged or cut short.")

UNCOMMON_METHODS = {9, 93, 95, 98}
"""Deflate64, Zstandard, XZ, PPMd: what archivers write, and nothing here unpacks."""

_PIECE = 256 << 10
_ENCRYPTED = 0x1
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # a compression method that is not built in
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,  # names that are not the encoding their flag says
)


class ArchiveError(Unreadable):
    """The archive, or one entry, cannot be read."""


class Uncommon(ArchiveError):
    """The entry is packed in a way that is not read; whether it is whole, nobody here can tell."""

    def __init__(self, name: str) -> None:
        super().__init__("%(name)s is compressed by a method that is not read.", name=clean(name))
        self.problem = replace(self.problem, is_flaw=True)


class Locked(ArchiveError):
    """The entry needs a password."""


class Mended(zipfile.ZipFile):
    """An archive that lost its directory: the files that are left whole."""


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open the archive `path`; of one that is cut short what is left, as `problems` tells."""
    with path.open("rb") as file:
        try:
            archive = _opened(file)
        except _UNREADABLE as error:
            raise ArchiveError(NO_DIRECTORY.template) from error
        with archive:
            yield archive


def _opened(file: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except zipfile.BadZipFile:
        left = torn.mended(file)
        if left is None:
            raise
        return Mended(left)


def read(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Return the content of the entry `name`, of at most `limit` bytes."""
    try:
        entry = archive.getinfo(name)
    except KeyError:
        raise ArchiveError("%(name)s is missing from the archive.", name=clean(name)) from None
    if is_locked(entry):
        raise Locked("%(name)s needs a password.", name=clean(name))
    if entry.compress_type in UNCOMMON_METHODS:
        raise Uncommon(name)
    try:
        with archive.open(entry) as file:
            content = file.read(limit + 1)
    except _UNREADABLE as error:
        raise ArchiveError("%(name)s in the archive is damaged.", name=clean(name)) from error
    if len(content) > limit:
        raise ArchiveError(
            "%(name)s is larger than the %(megabytes)s MiB that are read.",
            name=clean(name),
            megabytes=limit >> 20,
        )
    return content


def is_locked(entry: zipfile.ZipInfo) -> bool:
    return bool(entry.flag_bits & _ENCRYPTED)


def files(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """Yield the entries that are no folders; one may well have no name."""
    return (entry for entry in archive.infolist() if not entry.filename.endswith("/"))


def structure(archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    listed = list(files(archive))[:STRUCTURE_LIMIT]
    return [
        {"path": clean(entry.filename, PATH_LIMIT), "size": entry.file_size} for entry in listed
    ]


def problems(archive: zipfile.ZipFile) -> Iterator[Problem]:
    """Say which entries are unsafe, explosive or damaged."""
    budget = VERIFY_LIMIT
    if isinstance(archive, Mended):
        yield NO_DIRECTORY
    if len(archive.filelist) > ENTRY_LIMIT:
        yield problem(
            "The archive has %(count)s entries, far more than a book needs.",
            count=f"{len(archive.filelist):,}",
        )
    for entry in islice(files(archive), ENTRY_LIMIT):
        if not is_inside(entry.filename):
            yield problem(
                "The entry %(name)s points outside the archive.", name=clean(entry.filename)
            )
        if _is_bomb(entry):
            yield problem(
                "%(name)s unpacks to %(size)s MiB from %(packed)s KiB: "
                "it looks like a decompression bomb.",
                name=clean(entry.filename),
                size=entry.file_size >> 20,
                packed=entry.compress_size >> 10,
            )
        elif entry.file_size <= budget and _is_readable(entry):
            budget -= entry.file_size
            if not _is_whole(archive, entry):
                yield problem("%(name)s in the archive is damaged.", name=clean(entry.filename))


def is_inside(name: str) -> bool:
    """Whether `name` stays under the root of the archive on every system."""
    parts = name.replace("\\", "/").split("/")
    return parts[0] != "" and ":" not in parts[0] and ".." not in parts


def resolve(archive: zipfile.ZipFile, reference: str, base: str = "") -> str:
    """Return the entry that `reference`, written in the entry `base`, names; or nothing."""
    try:
        link = urlsplit(reference)
    except ValueError:
        return ""
    if link.scheme or link.netloc:
        return ""
    names = archive.NameToInfo
    for written in (unquote(link.path), link.path, reference):
        name = posixpath.normpath(posixpath.join(posixpath.dirname(base), written))
        if name in names:
            return name
    return ""


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > max(BOMB_BYTES, BOMB_RATIO * entry.compress_size)


def _is_readable(entry: zipfile.ZipInfo) -> bool:
    return entry.compress_type not in UNCOMMON_METHODS and not is_locked(entry)


def _is_whole(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    try:
        with archive.open(entry) as file:
            while file.read(_PIECE):
                pass
    except _UNREADABLE:
        return False
    return True
