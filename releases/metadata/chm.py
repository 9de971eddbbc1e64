"""Compiled HTML help: its directory, and the system file that names it.

Source: docs/formats/chm.md.
"""

import struct
from collections.abc import Iterator
from locale import windows_locale
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from releases.metadata import fields
from releases.metadata.archive import PATH_LIMIT, STRUCTURE_LIMIT
from releases.metadata.candidate import Analysis
from releases.metadata.markup import LEGACY_ENCODINGS
from releases.metadata.problem import Problem, Unreadable, problem

SYSTEM = "/#SYSTEM"
SYSTEM_LIMIT = 1 << 20
CHUNK_LIMIT = 1 << 20
"""Bytes of one piece of the directory; compilers make them of 4 KiB."""
DIRECTORY_LIMIT = 16 << 20
TOPIC_SUFFIXES = (".htm", ".html", ".xhtml")

_HEADER = struct.Struct("<4s3I")  # ITSF, version, length, unknown
_SECTIONS_AT = 0x38
_SECTIONS = struct.Struct("<4Q")  # offset and length of the two sections of the header
_CONTENT_AT = 0x58
_CONTENT_VERSION = 3
_SIZE_AT = 8
_DIRECTORY = struct.Struct("<4s3II24xI")  # ITSP … chunk size … number of chunks
_LISTING = b"PMGL"
_LISTING_START = 0x14
_TITLE, _LANGUAGE, _COMPILER = 3, 4, 9


class Entry(NamedTuple):
    name: str
    section: int
    """0 holds what is not compressed."""
    offset: int
    size: int


class ChmError(Unreadable):
    """The file is not laid out as such a file is."""


def read(path: Path) -> Analysis:
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            return _read(file, size)
    except ChmError as error:
        return Analysis(format="chm", size=size, valid=False, problems=(error.problem,))
    except (struct.error, IndexError, OSError, ValueError):  # offsets beyond any file, too
        damaged = problem("The directory of the help file is damaged.")
        return Analysis(format="chm", size=size, valid=False, problems=(damaged,))


def cover(path: Path) -> bytes:
    """A help file has none."""
    return b""


def _read(file: BinaryIO, size: int) -> Analysis:
    file.seek(0)
    head = file.read(_CONTENT_AT + 8)
    magic, version, *_ = _HEADER.unpack_from(head)
    if magic != b"ITSF":
        raise ChmError("The file does not begin like a help file.")
    first, _, second, length = _SECTIONS.unpack_from(head, _SECTIONS_AT)
    content = second + length
    if version >= _CONTENT_VERSION:
        (content,) = struct.unpack_from("<Q", head, _CONTENT_AT)
    entries = [*_entries(file, second, length)]
    system = _system(file, entries, content)
    problems = tuple(_problems(file, first, size, entries, content))
    metadata, sources = _metadata(system)
    shown = [one for one in entries if _is_content(one.name)]
    topics = sum(one.name.lower().endswith(TOPIC_SUFFIXES) for one in shown)
    return Analysis(
        format="chm",
        size=size,
        valid=not problems,
        problems=problems,
        metadata=metadata,
        sources=sources,
        mediainfo={
            "format": "CHM",
            "version": version,
            "size": size,
            "topics": topics,
            "compiler": fields.clean(_text(system.get(_COMPILER, b""), "cp1252")),
        },
        structure=[_listed(one) for one in shown[:STRUCTURE_LIMIT]],
    )


def _listed(entry: Entry) -> dict[str, Any]:
    return {"path": fields.clean(entry.name.lstrip("/"), PATH_LIMIT), "size": entry.size}


def _is_content(name: str) -> bool:
    """Whether an author put it there; the compiler's own files begin with other signs."""
    return name.startswith("/") and not name.startswith(("/#", "/$")) and not name.endswith("/")


def _entries(file: BinaryIO, start: int, length: int) -> Iterator[Entry]:
    """Every entry of the directory, piece by piece."""
    file.seek(start)
    header = file.read(_DIRECTORY.size)
    magic, _, header_bytes, _, chunk_bytes, chunks = _DIRECTORY.unpack(header)
    if magic != b"ITSP" or not _LISTING_START < chunk_bytes <= CHUNK_LIMIT:
        raise ChmError("The directory of the help file is damaged.")
    if chunks * chunk_bytes > min(length, DIRECTORY_LIMIT):
        raise ChmError("The directory of the help file is larger than the file says.")
    for number in range(chunks):
        file.seek(start + header_bytes + number * chunk_bytes)
        chunk = file.read(chunk_bytes)
        if len(chunk) < chunk_bytes:
            raise ChmError("The file is cut short within its directory.")
        if chunk.startswith(_LISTING):
            yield from _listed_in(chunk)


def _listed_in(chunk: bytes) -> Iterator[Entry]:
    (free,) = struct.unpack_from("<I", chunk, 4)
    at, end = _LISTING_START, len(chunk) - free
    while at < end:
        length, at = _number(chunk, at)
        name = chunk[at : at + length].decode("utf-8", "replace")
        section, at = _number(chunk, at + length)
        offset, at = _number(chunk, at)
        size, at = _number(chunk, at)
        yield Entry(name, section, offset, size)


def _number(chunk: bytes, at: int) -> tuple[int, int]:
    """Return the number at `at`, seven bits a byte with the highest first, and where it ends."""
    value = 0
    while True:
        byte = chunk[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80 or value >> 63:  # noqa: PLR2004 - the bit that says: there is more
            return value, at


def _system(file: BinaryIO, entries: list[Entry], content: int) -> dict[int, bytes]:
    """The records of the system file by their code, the first of each."""
    entry = next((one for one in entries if one.name == SYSTEM and one.section == 0), None)
    if entry is None:
        return {}
    file.seek(content + entry.offset)
    data = file.read(min(entry.size, SYSTEM_LIMIT))
    records: dict[int, bytes] = {}
    at = 4  # after the version
    while at + 4 <= len(data):
        code, length = struct.unpack_from("<HH", data, at)
        records.setdefault(code, data[at + 4 : at + 4 + length])
        at += 4 + length
    return records


def _metadata(system: dict[int, bytes]) -> tuple[dict[str, Any], dict[str, str]]:
    tag = _language(system.get(_LANGUAGE, b""))
    encoding = LEGACY_ENCODINGS.get(tag.partition("-")[0], "cp1252")
    title = fields.known(_text(system.get(_TITLE, b""), encoding))
    told = {"title": (title, "CHM #SYSTEM title"), "language": (tag, "CHM #SYSTEM language")}
    known = {name: found for name, found in told.items() if found[0]}
    return (
        {name: value for name, (value, _) in known.items()},
        {name: source for name, (_, source) in known.items()},
    )


def _language(record: bytes) -> str:
    code = int.from_bytes(record[:4], "little")
    return fields.language(windows_locale.get(code, "").replace("_", "-"))


def _text(data: bytes, encoding: str) -> str:
    return data.partition(b"\0")[0].decode(encoding, "replace")


def _problems(
    file: BinaryIO, first: int, size: int, entries: list[Entry], content: int
) -> Iterator[Problem]:
    file.seek(first + _SIZE_AT)
    announced = int.from_bytes(file.read(8), "little")
    ends = [content + one.offset + one.size for one in entries if one.section == 0]
    if max([announced, *ends]) > size:
        yield problem("The file is cut short: its headers announce more than there is.")
    if not any(_is_content(one.name) for one in entries):
        yield problem("The help file has no topic: there is nothing to read.")
