"""The bytes of an NFO: encodings, what they cannot carry, and reading what others wrote.

Source: docs/formats/nfo.md.
"""

import re
import unicodedata
from dataclasses import dataclass

from anyascii import anyascii

from releases.packing.plan import PackingError

COLUMNS = 80
ENCODINGS = ("cp437", "utf-8", "ascii")

# What the screen of a PC shows for control codes; those that viewers obey are left out:
# NUL, tab, both line ends, end of file and escape.
GLYPHS = {
    code: glyph
    for code, glyph in enumerate("\0☺☻♥♦♣♠•◘\t\n♂♀\r♫☼►◄↕‼¶§▬↨↑↓\x1a\x1b∟↔▲▼")
    if glyph >= " "
} | {0x7F: "⌂"}
CODES = {ord(glyph): code for code, glyph in GLYPHS.items()}

SAUCE = re.compile(rb"\x1a[^\x1a]*SAUCE00.{121}\Z", re.DOTALL)
"""End of file, perhaps a comment block, and the record of 128 bytes."""

MISREAD_LATIN = re.compile(r"[A-Za-z][ΘΦαΓσ÷┘Σ][A-Za-z]")
"""What é è à â å ö Ù ä of Windows become in code page 437."""


@dataclass(frozen=True, slots=True)
class Decoded:
    text: str
    """With LF line ends."""
    encoding: str


def encode(text: str, encoding: str) -> bytes:
    """Return `text` in `encoding` with CRLF line ends; what it cannot carry is transliterated.

    Raises:
        PackingError: no NFO is written in `encoding`.
    """
    if encoding not in ENCODINGS:
        raise PackingError(
            "An NFO cannot be written in %(encoding)s: choose one of %(encodings)s",
            encoding=encoding,
            encodings=", ".join(ENCODINGS),
        )
    return b"".join(_encoded(char, encoding) for char in "\r\n".join(lines(text)))


def _encoded(char: str, encoding: str) -> bytes:
    exact = _exact(char, encoding)
    if exact is None:
        return anyascii(char).encode("ascii") or b"?"
    return exact


def _exact(char: str, encoding: str) -> bytes | None:
    """Return `char` in `encoding`, or None where it has none."""
    if encoding == "cp437" and ord(char) in CODES:
        return bytes([CODES[ord(char)]])
    try:
        return char.encode(encoding)
    except UnicodeEncodeError:
        return None


def losses(text: str, encoding: str) -> tuple[str, ...]:
    """Return the characters of `text` that `encoding` cannot carry, each once, in order."""
    return tuple(char for char in dict.fromkeys(text) if _exact(char, encoding) is None)


def too_wide(text: str, columns: int = COLUMNS) -> tuple[int, ...]:
    """Return the numbers, from 1, of the lines of `text` wider than `columns`."""
    numbered = enumerate(lines(text), 1)
    return tuple(number for number, line in numbered if width(line) > columns)


def lines(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text)


def width(line: str) -> int:
    """Return how many columns `line` takes on a screen."""
    return sum(char_width(char) for char in line)


def char_width(char: str) -> int:
    """Return how many columns `char` takes."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def decode(data: bytes) -> Decoded:
    """Read an NFO of unknown encoding: UTF-8, else code page 437, else Windows 1252.

    A SAUCE record at its end is left out.
    """
    data = SAUCE.sub(b"", data).removeprefix(b"\xef\xbb\xbf")
    text, encoding = _decoded(data)
    return Decoded(re.sub(r"\r\n|\r", "\n", text), encoding)


def _decoded(data: bytes) -> tuple[str, str]:
    if data.isascii() and not any(code in GLYPHS for code in data):
        return data.decode("ascii"), "ascii"
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    text = data.decode("cp437").translate(GLYPHS)
    if MISREAD_LATIN.search(text):
        return data.decode("cp1252", "replace"), "cp1252"
    return text, "cp437"
