"""Plain text: its encoding, its lines, and the header that Project Gutenberg writes.

Source: docs/formats/txt.md.
"""

import codecs
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from releases.metadata import fields, people
from releases.metadata.candidate import Analysis
from releases.metadata.problem import Problem, problem

SAMPLE_BYTES = 32 << 10
"""What an encoding is guessed from, beginning with the first letter that tells."""
HEADER_BYTES = 8 << 10
READ_LIMIT = 256 << 20

MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",  # begins like the next one
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
NAMES = {"cp932": "shift_jis", "cp949": "euc-kr"}
"""Encodings as people call them, by the name of what Microsoft made of them."""
FALLBACK = "windows-1252"
LINE_ENDS = {"\r\n": "CRLF", "\n": "LF", "\r": "CR", None: ""}

_PIECE = 1 << 20
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_GUTENBERG = re.compile(r"\bproject gutenberg\b", re.IGNORECASE)
_START = re.compile(r"^\*{3} ?START ", re.MULTILINE)
_STATEMENT = re.compile(r"^(\w[\w ]*):[ \t]*(\S.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)


class Encoding(NamedTuple):
    name: str
    source: str
    """By what it is known."""
    codec: str
    """What Python reads it by."""


class Survey(NamedTuple):
    """What was counted in a text."""

    lines: int
    characters: int
    line_ends: str
    has_nul: bool


def read(path: Path) -> Analysis:
    size = path.stat().st_size
    encoding = _encoding(path)
    survey = _survey(path, encoding.codec)
    metadata, sources = _header(path, encoding.codec)
    problems = (*_problems(survey),)
    return Analysis(
        format="txt",
        size=size,
        valid=not problems,
        problems=problems,
        metadata={"encoding": encoding.name} | metadata,
        sources={"encoding": encoding.source} | sources,
        mediainfo={
            "format": "TXT",
            "size": size,
            "encoding": encoding.name,
            "lines": survey.lines,
            "characters": survey.characters,
            "line_ends": survey.line_ends,
        },
    )


def cover(path: Path) -> bytes:
    """A text has none."""
    return b""


def _encoding(path: Path) -> Encoding:
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    for mark, name in MARKS.items():
        if head.startswith(mark):
            codec = "utf-8-sig" if name == "utf-8" else name
            return Encoding(name, "byte order mark", codec)
    if b"\0" in head or b"\x1b" in head:  # two bytes a letter, or switched by escapes
        return _guessed(head)
    sample = _telling(path)
    if not sample:
        return Encoding("ascii", "every byte", "ascii")
    return Encoding("utf-8", "every byte", "utf-8") if _is_utf8(path) else _guessed(sample)


def _telling(path: Path) -> bytes:
    """A sample from the first line that is not ASCII; nothing where all is."""
    before = b""
    for piece in _pieces(path):
        found = _BEYOND_ASCII.search(piece)
        if found:
            line = before + piece[: found.start()]
            start = line[line.rfind(b"\n") + 1 :][-SAMPLE_BYTES // 2 :]
            return (start + piece[found.start() :])[:SAMPLE_BYTES]
        before = piece[-SAMPLE_BYTES:]
    return b""


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in _pieces(path):
            decoder.decode(piece)
        decoder.decode(b"", final=path.stat().st_size <= READ_LIMIT)
    except UnicodeDecodeError:
        return False
    return True


def _guessed(sample: bytes) -> Encoding:
    from chardet import EncodingEra, detect  # noqa: PLC0415  # its tables take time to load

    rare = EncodingEra.LEGACY_REGIONAL | EncodingEra.MAINFRAME  # they win where a text is short
    found = detect(sample, encoding_era=EncodingEra.ALL & ~rare)
    said = str(found["encoding"] or FALLBACK).lower()
    try:
        codec = codecs.lookup(said).name
    except LookupError:
        said = codec = FALLBACK
    return Encoding(NAMES.get(said, said), "guessed from the letters", codec)


def _survey(path: Path, codec: str) -> Survey:
    lines = characters = 0
    has_nul, last = False, ""
    with path.open(encoding=codec, errors="replace", newline=None) as file:
        for piece in islice(iter(lambda: file.read(_PIECE), ""), READ_LIMIT // _PIECE):
            lines += piece.count("\n")
            characters += len(piece)
            has_nul = has_nul or "\0" in piece
            last = piece[-1]
        ends: Any = file.newlines
    return Survey(
        lines=lines + (last not in ("", "\n")),
        characters=characters,
        line_ends="mixed" if isinstance(ends, tuple) else LINE_ENDS[ends],
        has_nul=has_nul,
    )


def _problems(survey: Survey) -> Iterator[Problem]:
    if survey.has_nul:
        yield problem("The text holds zero bytes: it is damaged, or no text.")


def _header(path: Path, codec: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What the header says that Project Gutenberg puts before its texts; no other is known."""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES).decode(codec, "replace")
    header = _START.split("\n".join(head.splitlines()))[0]
    if not _GUTENBERG.search(header[:1000]):
        return {}, {}
    stated = {name.lower(): text for name, text in reversed(_STATEMENT.findall(header))}
    found = {
        "title": (fields.known(stated.get("title", "")), "Title"),
        "authors": (people.listed(stated.get("author", "").replace("\n", ";")), "Author"),
        "language": (fields.language(stated.get("language", "")), "Language"),
        "year": (fields.year(stated.get("original publication", "")), "Original publication"),
    }
    given = {name: one for name, one in found.items() if one[0]}
    return (
        {name: value for name, (value, _) in given.items()},
        {name: f"Gutenberg header {key}" for name, (_, key) in given.items()},
    )


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from islice(iter(lambda: file.read(_PIECE), b""), READ_LIMIT // _PIECE)
