"""The bytes of an NFO: encodings, what they cannot carry, and reading what others wrote.

Source: docs/formats/nfo.md.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from anyascii import anyascii

from releases.packing import sauce
from releases.packing.plan import PackingError
from rules.columns import char_width, width

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
UPPER_HALF = re.escape(bytes(range(0x80, 0x100)).decode("cp437"))
LOST = {
    "cp437": re.compile(rf"[^\t\n\r -~{UPPER_HALF}{''.join(GLYPHS.values())}]"),
    "utf-8": re.compile("[^\t\n\r -~\xa0-\ud7ff\ue000-\U0010ffff]"),
    "ascii": re.compile(r"[^\t\n\r -~]"),
}
"""What each encoding cannot carry. No NFO carries control codes: a screen would obey them."""

MISREAD_LATIN = re.compile(r"[A-Za-z][ΘΦαΓσ÷┘Σ][A-Za-z]")
"""What é è à â å ö Ù ä of Windows become in code page 437."""
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF_8_MARK = b"\xef\xbb\xbf"
READ_ENCODINGS = (*ENCODINGS, "cp1252", "utf-16")
"""What others write NFOs in."""


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
    whole = carrier(encoding)("\r\n".join(lines(text)))
    return (whole.translate(CODES) if encoding == "cp437" else whole).encode(encoding)


@cache  # so that the same encoding has the same carrier, whose work others may keep
def carrier(encoding: str) -> Callable[[str], str]:
    """Return what makes of a text the one that `encoding` carries.

    Raises:
        PackingError: no NFO is written in `encoding`.
    """
    if encoding not in ENCODINGS:
        raise PackingError(
            "An NFO cannot be written in %(encoding)s: choose one of %(encodings)s",
            encoding=encoding,
            encodings=", ".join(ENCODINGS),
        )
    return partial(carried, encoding)


def transliterated(char: str) -> str:
    """Return letters of ASCII for `char`; nothing for what takes no room."""
    if unicodedata.category(char) == "Cc":
        return ""
    return anyascii(char) or "?" * char_width(char)


def carried(encoding: str, text: str, become: Callable[[str], str] = transliterated) -> str:
    """Return `text` as `encoding` carries it; what it cannot carry is what it may `become`."""
    if (text.isascii() and text.isprintable()) or not LOST[encoding].search(text):
        return text
    composed = unicodedata.normalize("NFC", text)
    return LOST[encoding].sub(lambda lost: become(lost[0]), composed)


def losses(text: str, encoding: str) -> tuple[str, ...]:
    """Return the characters of `text` that `encoding` cannot carry, each once, in order."""
    return tuple(dict.fromkeys(LOST[encoding].findall(text)))


def too_wide(text: str, columns: int = COLUMNS) -> tuple[int, ...]:
    """Return the numbers, from 1, of the lines of `text` wider than `columns`."""
    numbered = enumerate(lines(text), 1)
    return tuple(number for number, line in numbered if width(line) > columns)


def lines(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text)


def decode(data: bytes) -> Decoded:
    """Read an NFO of unknown encoding: UTF-8, else code page 437, else Windows 1252.

    UTF-16 is read where it begins with its mark. A SAUCE record at the end is left out.
    """
    text, encoding = _decoded(sauce.split(data)[0])
    return Decoded(re.sub(r"\r\n|\r", "\n", text), encoding)


def decode_as(data: bytes, encoding: str) -> Decoded:
    """Read an NFO in the encoding that somebody says it is in.

    Raises:
        PackingError: it is not, or nothing is known of that encoding.
    """
    if encoding not in READ_ENCODINGS:
        raise PackingError(
            "Nothing is read in %(encoding)s: choose one of %(encodings)s",
            encoding=encoding,
            encodings=", ".join(READ_ENCODINGS),
        )
    try:
        text = sauce.split(data)[0].removeprefix(UTF_8_MARK).decode(encoding)
    except UnicodeDecodeError as error:
        raise PackingError(
            "The file is not in %(encoding)s: choose another encoding.", encoding=encoding
        ) from error
    shown = text.translate(GLYPHS) if encoding == "cp437" else text
    return Decoded(re.sub(r"\r\n|\r", "\n", shown), encoding)


def _decoded(data: bytes) -> tuple[str, str]:
    if data.startswith(UTF_16_MARKS):
        return data.decode("utf-16", "replace"), "utf-16"
    data = data.removeprefix(UTF_8_MARK)
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
