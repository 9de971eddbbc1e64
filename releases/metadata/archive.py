"""ZIP archives read as hostile: every read capped, names never used as paths on disk."""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from releases.metadata.fields import clean

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


class ArchiveError(Exception):
    """The archive, or one entry, cannot be read; the message is a sentence for the user."""


class Locked(ArchiveError):
    """The entry needs a password."""


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except _UNREADABLE as error:
        raise ArchiveError(
            "The archive has no readable directory: the file is damaged or cut short."
        ) from error
    with archive:
        yield archive


def read(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Return the content of the entry `name`, of at most `limit` bytes."""
    try:
        entry = archive.getinfo(name)
    except KeyError:
        raise ArchiveError(f"{clean(name)} is missing from the archive.") from None
    if is_locked(entry):
        raise Locked(f"{clean(name)} needs a password.")
    try:
        with archive.open(entry) as file:
            content = file.read(limit + 1)
    except _UNREADABLE as error:
        raise ArchiveError(f"{clean(name)} in the archive is damaged.") from error
    if len(content) > limit:
        raise ArchiveError(f"{clean(name)} is larger than the {limit >> 20} MiB that are read.")
    return content


def is_locked(entry: zipfile.ZipInfo) -> bool:
    return bool(entry.flag_bits & _ENCRYPTED)


def files(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    return (entry for entry in archive.infolist() if not entry.is_dir())


def structure(archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    listed = list(files(archive))[:STRUCTURE_LIMIT]
    return [
        {"path": clean(entry.filename, PATH_LIMIT), "size": entry.file_size} for entry in listed
    ]


def problems(archive: zipfile.ZipFile) -> Iterator[str]:
    """Say which entries are unsafe, explosive or damaged."""
    budget = VERIFY_LIMIT
    if len(archive.filelist) > ENTRY_LIMIT:
        yield f"The archive has {len(archive.filelist):,} entries, far more than a book needs."
    for entry in islice(files(archive), ENTRY_LIMIT):
        if not is_inside(entry.filename):
            yield f"The entry {clean(entry.filename)} points outside the archive."
        if _is_bomb(entry):
            yield (
                f"{clean(entry.filename)} unpacks to {entry.file_size >> 20} MiB"
                f" from {entry.compress_size >> 10} KiB: it looks like a decompression bomb."
            )
        elif entry.file_size <= budget and not is_locked(entry):
            budget -= entry.file_size
            if not _is_whole(archive, entry):
                yield f"{clean(entry.filename)} in the archive is damaged."


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


def _is_whole(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    try:
        with archive.open(entry) as file:
            while file.read(_PIECE):
                pass
    except _UNREADABLE:
        return False
    return True
