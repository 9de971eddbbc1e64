"""RTF: the group that holds its information, and whether its groups are closed.

Source: docs/formats/rtf.md.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from locale import windows_locale
from pathlib import Path
from typing import Any

from releases.metadata import fields, people
from releases.metadata.candidate import Analysis
from releases.metadata.problem import Problem, problem

HEAD_BYTES = 8 << 20
INFO_BYTES = 1 << 20
DESCRIPTION_LIMIT = 10_000

CHARACTER_SETS = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
DEFAULT_SET = "cp1252"
TEXTS = ("title", "subject", "author", "company", "operator", "category", "doccomm")
DATES = ("creatim", "revtim")
COUNTS = ("nofpages", "nofwords", "nofchars")
SYMBOLS = {
    "emdash": "\u2014",
    "endash": "\u2013",
    "lquote": "\u2018",
    "rquote": "\u2019",
    "ldblquote": "\u201c",
    "rdblquote": "\u201d",
    "bullet": "\u2022",
    "emspace": " ",
    "enspace": " ",
    "tab": " ",
    "line": " ",
    "par": " ",
    "~": "\u00a0",
    "_": "\u2011",
    "-": "",
    "{": "{",
    "}": "}",
    "\\": "\\",
}
"""Letters that are written as words or after a backslash."""

_TOKEN = re.compile(
    rb"\\'(?P<byte>[0-9a-fA-F]{2})"
    rb"|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?"
    rb"|\\(?P<symbol>[^a-zA-Z])"
    rb"|(?P<brace>[{}])"
    rb"|(?P<line>[\r\n]+)"
    rb"|(?P<text>[^\\{}\r\n]+)"
)
_INFO = re.compile(rb"\{\s*\\info\b")
_VERSION = re.compile(rb"\{\\rtf(\d{1,4})")
_CODE_PAGE = re.compile(rb"\\ansicpg(\d{1,5})")
_CHARACTER_SET = re.compile(rb"\\(mac|pca|pc)(?![a-z])")
_LANGUAGES = (re.compile(rb"\\deflang(\d{1,5})"), re.compile(rb"\\lang(\d{1,5})"))
_BINARY = re.compile(rb"\\bin\d")
_GENERATOR = re.compile(rb"\{\\\*\\generator ([^{}]{1,200})\}")
_PIECE = 1 << 20


@dataclass(frozen=True)
class Group:
    """What holds until a brace closes."""

    place: str = ""
    """The field that text belongs to."""
    is_hidden: bool = False
    """Whether it began with a word that those who do not know it are to pass over."""
    replaced: int = 1
    """How many letters stand in for one in Unicode."""


@dataclass
class Information:
    """The information group, read word by word."""

    character_set: str
    written: dict[str, list[bytes | str]] = field(default_factory=dict)
    """By field: bytes in the character set, and letters in Unicode."""
    numbers: dict[str, int] = field(default_factory=dict)
    """By name; those of a date with the name of the date before: `creatim yr`."""
    groups: list[Group] = field(default_factory=list)
    to_skip: int = 0
    """Letters that only stand in for one that was read."""

    def read(self, tokens: Iterable[re.Match[bytes]]) -> None:
        """Read to the end of the group that `tokens` begin with."""
        for token in tokens:
            if token["brace"] == b"{":
                self.groups.append(self.groups[-1] if self.groups else Group())
            elif token["brace"]:
                self.groups.pop()
            elif token["word"]:
                self._word(token["word"].decode(), int(token["number"] or 0))
            elif token["symbol"]:
                self._symbol(token["symbol"].decode("latin-1"))
            elif not token["line"]:
                code = token["byte"]
                self._add(bytes.fromhex(code.decode()) if code else token["text"])
            if not self.groups:
                return

    def text(self, name: str, limit: int = fields.TEXT_LIMIT) -> str:
        told, waiting = "", b""
        for part in [*self.written.get(name, ()), ""]:
            if isinstance(part, bytes):
                waiting += part
                continue
            told += waiting.decode(self.character_set, "replace") + part
            waiting = b""
        joined = told.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return fields.known(joined, limit)

    def date(self, name: str) -> str:
        year, month, day = (self.numbers.get(f"{name} {unit}", 0) for unit in ("yr", "mo", "dy"))
        return f"{year:04}-{month:02}-{day:02}" if year else ""

    def _word(self, word: str, number: int) -> None:
        place = self.groups[-1].place
        if word in SYMBOLS:
            self._letter(SYMBOLS[word])
        elif word == "u":
            self._letter(chr(number % 0x10000))
            self.to_skip = self.groups[-1].replaced
        elif word == "uc":
            self.groups[-1] = replace(self.groups[-1], replaced=max(number, 0))
        elif word in (*TEXTS, *DATES):
            self.groups[-1] = replace(self.groups[-1], place=word, is_hidden=False)
            self.written[word] = []
        elif word == "ud":  # the same again, in Unicode
            self.groups[-1] = replace(self.groups[-1], is_hidden=False)
        else:
            self.numbers[f"{place} {word}" if place in DATES else word] = number

    def _symbol(self, symbol: str) -> None:
        if symbol == "*":
            self.groups[-1] = replace(self.groups[-1], is_hidden=True)
        elif symbol in SYMBOLS:
            self._letter(SYMBOLS[symbol])

    def _letter(self, letter: str) -> None:
        if self.to_skip:
            self.to_skip -= 1
        else:
            self._append(letter)

    def _add(self, content: bytes) -> None:
        skipped = min(self.to_skip, len(content))
        self.to_skip -= skipped
        self._append(content[skipped:])

    def _append(self, part: bytes | str) -> None:
        group = self.groups[-1]
        if group.place in TEXTS and not group.is_hidden:
            self.written[group.place].append(part)


def read(path: Path) -> Analysis:
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    information = _information(head)
    found = dict(_found(head, information))
    problems = (*_problems(path),)
    return Analysis(
        format="rtf",
        size=size,
        valid=not problems,
        problems=problems,
        metadata={name: value for name, (value, _) in found.items()},
        sources={name: f"RTF {source}" for name, (_, source) in found.items()},
        mediainfo={"format": "RTF", "size": size} | _facts(head, information),
    )


def cover(path: Path) -> bytes:
    """A text has none."""
    return b""


def _information(head: bytes) -> Information:
    information = Information(_character_set(head))
    start = _INFO.search(head)
    if start:
        information.read(_TOKEN.finditer(head, start.start(), start.start() + INFO_BYTES))
    return information


def _character_set(head: bytes) -> str:
    page, named = _CODE_PAGE.search(head), _CHARACTER_SET.search(head)
    name = f"cp{page[1].decode()}" if page else CHARACTER_SETS[named[1].decode()] if named else ""
    try:
        return codecs.lookup(name).name
    except LookupError:
        return DEFAULT_SET


def _found(head: bytes, information: Information) -> Iterator[tuple[str, tuple[Any, str]]]:
    parts = people.parted(information.text("author"))
    authors = people.distinct(person for part in parts for person in people.joined(part))
    for name, value, source in (
        ("title", information.text("title"), "info title"),
        ("authors", authors, "info author"),
        ("description", information.text("doccomm", DESCRIPTION_LIMIT), "info doccomm"),
        ("pages", information.numbers.get("nofpages", 0), "info nofpages"),
        ("language", _language(head), "language"),
    ):
        if value:
            yield name, (value, source)


def _language(head: bytes) -> str:
    """The default language, or that of the first style."""
    for pattern in _LANGUAGES:
        stated = pattern.search(head)
        if stated:
            return fields.language(windows_locale.get(int(stated[1]), ""))
    return ""


def _facts(head: bytes, information: Information) -> dict[str, Any]:
    version, program = _VERSION.match(head), _GENERATOR.search(head)
    told = {
        "version": version[1].decode() if version else "",
        "encoding": information.character_set,
        "program": fields.clean(program[1].decode("latin-1")).rstrip(";") if program else "",
        "company": information.text("company"),
        "created": information.date("creatim"),
        "modified": information.date("revtim"),
        "words": information.numbers.get("nofwords", 0),
        "characters": information.numbers.get("nofchars", 0),
    }
    return {name: value for name, value in told.items() if value}


def _problems(path: Path) -> Iterator[Problem]:
    open_groups, is_binary, last = 0, False, b""
    for piece in _pieces(path):
        plain = piece.replace(rb"\\", b"")
        opened, closed = (plain.count(brace) - plain.count(b"\\" + brace) for brace in (b"{", b"}"))
        open_groups += opened - closed
        is_binary = is_binary or bool(_BINARY.search(piece))
        last = piece.rstrip(b"\0 \t\r\n")[-1:] or last
    if is_binary:  # the braces among its bytes are none
        open_groups = int(last != b"}")
    if open_groups > 0:
        yield problem("The file is cut short: not all of its groups are closed.")


def _pieces(path: Path) -> Iterator[bytes]:
    """The file, never parted within an escape."""
    rest = b""
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(_PIECE), b""):
            whole = rest + piece
            cut = len(whole) - (len(whole) - len(whole.rstrip(b"\\"))) % 2
            rest = whole[cut:]
            yield whole[:cut]
    yield rest
