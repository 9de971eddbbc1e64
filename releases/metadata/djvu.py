"""DjVu: its pages from the chunks themselves, its metadata through djvused where that is.

Source: docs/formats/djvu.md.
"""

import re
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from releases.metadata import fields
from releases.metadata.candidate import Analysis
from releases.metadata.problem import Problem, problem

CHUNK_LIMIT = 100_000
"""Chunks looked at: a page has a few."""
SAID_LIMIT = 256 << 10
"""Bytes heard of djvused."""
PICTURE_LIMIT = 8 << 20
TOOL_TIMEOUT_S = 5
COVER_SIZE = "480x720"

_FORM = struct.Struct(">4s4sI4s")  # AT&T, FORM, length, kind
_CHUNK = struct.Struct(">4sI")
_INFO = struct.Struct(
    ">HHBB"
)  # width, height, minor and major version; resolution is little-endian
_OUTER = 12
"""Bytes before what the outer FORM counts: AT&T, FORM, the count."""
_LINE = re.compile(r'^(\w[\w.-]*)\t"(.*)"$')
_ESCAPE = re.compile(r"\\([0-7]{1,3}|.)")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "v": "", "a": ""}
_SEVERAL = re.compile(r"\s*;\s*|\s+and\s+")


@dataclass(frozen=True, slots=True)
class Pages:
    count: int
    info: bytes
    """The INFO chunk of the first page."""
    is_whole: bool


def read(path: Path) -> Analysis:
    size = path.stat().st_size
    with path.open("rb") as file:
        _, _, length, kind = _FORM.unpack(file.read(_FORM.size).ljust(_FORM.size, b"\0"))
        pages = _pages(file, length, kind, size)
    problems = tuple(_problems(pages))
    metadata, sources = _metadata(_said(path)) if pages.count else ({}, {})
    if pages.count:
        metadata["pages"], sources["pages"] = pages.count, "DjVu pages"
    return Analysis(
        format="djvu",
        size=size,
        valid=not problems,
        problems=problems,
        metadata=metadata,
        sources=sources,
        mediainfo={"format": "DjVu", "size": size} | _geometry(pages.info),
        cover=bool(pages.count and shutil.which("ddjvu")),
    )


def cover(path: Path) -> bytes:
    """Return the first page as PNG, where the program that draws it is installed."""
    command = ["ddjvu", "-format=ppm", "-page=1", f"-size={COVER_SIZE}"]
    drawn = _output([*command, str(path.resolve()), "-"], PICTURE_LIMIT)
    if not drawn.startswith(b"P6"):
        return b""
    from PIL import Image  # noqa: PLC0415  # takes longer than reading a book

    png = BytesIO()
    with Image.open(BytesIO(drawn), formats=["PPM"]) as page:
        page.save(png, "PNG")
    return png.getvalue()


def _pages(file: BinaryIO, length: int, kind: bytes, size: int) -> Pages:
    """Count the pages: one, or those that are bundled."""
    end = _OUTER + length
    if kind == b"DJVU":
        return Pages(1, _info(file, _FORM.size, min(end, size)), end <= size)
    count, info = 0, b""
    at, is_whole = _FORM.size, end <= size
    for _ in range(CHUNK_LIMIT):
        file.seek(at)
        head = file.read(_CHUNK.size + 4)
        if at >= min(end, size) or len(head) < _CHUNK.size + 4:
            break
        name, chunk_bytes = _CHUNK.unpack_from(head)
        is_whole = is_whole and at + _CHUNK.size + chunk_bytes <= size
        if name == b"FORM" and head.endswith(b"DJVU"):
            count += 1
            info = info or _info(file, at + _CHUNK.size + 4, at + _CHUNK.size + chunk_bytes)
        at += _CHUNK.size + chunk_bytes + chunk_bytes % 2
    return Pages(count, info, is_whole)


def _info(file: BinaryIO, at: int, end: int) -> bytes:
    """The INFO chunk, which comes first on a page."""
    file.seek(at)
    name, length = _CHUNK.unpack(file.read(_CHUNK.size).ljust(_CHUNK.size, b"\0"))
    return file.read(length) if name == b"INFO" and at + length <= end else b""


def _geometry(info: bytes) -> dict[str, Any]:
    if len(info) < _INFO.size + 2:
        return {}
    width, height, minor, major = _INFO.unpack_from(info)
    dpi = int.from_bytes(info[_INFO.size : _INFO.size + 2], "little")
    return {"width": width, "height": height, "dpi": dpi, "version": f"{major}.{minor}"}


def _problems(pages: Pages) -> Iterator[Problem]:
    if not pages.is_whole:
        yield problem("The file is cut short: its headers announce more than there is.")
    if not pages.count:
        yield problem("The document has no page: there is nothing to read.")


def _said(path: Path) -> str:
    """What djvused prints: a name, a tab and a quoted value a line; nothing without it."""
    script = "print-meta; select 1; print-meta"
    command = ["djvused", str(path.resolve()), "-u", "-e", script]
    return _output(command, SAID_LIMIT).decode("utf-8", "replace")


def _output(command: list[str], limit: int) -> bytes:
    """Return what a program prints, up to `limit`; nothing where it is missing, fails or hangs."""
    if shutil.which(command[0]) is None:
        return b""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=TOOL_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if len(done.stdout) <= limit else b""


def _metadata(said: str) -> tuple[dict[str, Any], dict[str, str]]:
    given: dict[str, str] = {}
    for line in said.splitlines():
        if found := _LINE.match(line):
            given.setdefault(found[1].lower(), _ESCAPE.sub(_unescaped, found[2]))
    metadata: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for field, key, reading in KEYS:
        value = reading(given.get(key, ""))
        if value and field not in metadata:
            metadata[field] = value
            sources[field] = f"DjVu metadata {key}"
    return metadata, sources


def _unescaped(found: re.Match[str]) -> str:
    sign = found[1]
    return chr(int(sign, 8)) if sign.isdecimal() else _LETTERS.get(sign, sign)


def _authors(value: str) -> list[str]:
    return [name for part in _SEVERAL.split(value) if (name := fields.known(part))]


KEYS: tuple[tuple[str, str, Callable[[str], Any]], ...] = (
    ("title", "title", fields.known),
    ("title", "booktitle", fields.known),
    ("authors", "author", _authors),
    ("publisher", "publisher", fields.known),
    ("year", "year", fields.year),
    ("year", "date", fields.year),
    ("isbn", "isbn", fields.isbn),
    ("language", "language", fields.language),
    ("series", "series", fields.known),
    ("series_index", "number", fields.index),
    ("description", "subject", fields.known),
)
"""Field, key in lower case, what it is read as; the first that says something wins."""
