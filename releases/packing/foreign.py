"""NFOs that others made, as texts to go on with.

Source: docs/formats/nfo.md.
"""

import re
from dataclasses import dataclass

from releases.packing import ansi, nfo, sauce
from releases.packing.plan import Note, PackingError
from rules.columns import width as width_of

MAX_BYTES = 1 << 20
TAB_COLUMNS = 8
CONTROLS = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x19\x1c-\x1f]")
MOST_CONTROLS = 0.2
"""Of all bytes; art uses some of them as signs."""
OTHERS = (b"%PDF-", b"{\\rtf", b"%!PS", b"PK\x03\x04")
"""How documents begin that can hold as few control codes as a text."""


@dataclass(frozen=True, slots=True)
class Imported:
    text: str
    """With LF line ends; neither tabs nor escape sequences."""
    encoding: str
    """What it was in: one of `nfo.ENCODINGS`, ``cp1252`` or ``utf-16``."""
    width: int
    """Of its widest line, or what its maker says."""
    title: str
    author: str
    notes: tuple[Note, ...]
    """What became of it, for whoever imports it."""

    @property
    def fitting_encoding(self) -> str:
        """Return the usual encoding if it carries the text, else the one that carries all."""
        return "utf-8" if nfo.losses(self.text, "cp437") else "cp437"


def imported(data: bytes, encoding: str = "") -> Imported:
    """Read an NFO of any make: plain or drawn, in any encoding, with or without its record.

    Raises:
        PackingError: it is no text, too large for one, or not in `encoding`.
    """
    if len(data) > MAX_BYTES:
        raise too_large(len(data))
    body, record = sauce.split(data)
    refuse_binary(body, record)
    decoded = nfo.decode_as(body, encoding) if encoding else nfo.decode(body)
    said_width = record.width if record else 0
    is_drawn = ansi.is_ansi(decoded.text)
    text = ansi.flattened(decoded.text, said_width or nfo.COLUMNS) if is_drawn else decoded.text
    text = tidied(text)
    width = said_width or max(map(width_of, nfo.lines(text)))
    return Imported(
        text=text,
        encoding=decoded.encoding,
        width=width,
        title=record.title if record else "",
        author=record.author if record else "",
        notes=tuple(notes(decoded.encoding, width, is_drawn)),
    )


def too_large(size: int) -> PackingError:
    """Return what refuses a file of `size` bytes, be it read or not."""
    return PackingError(
        "The file has %(size)s bytes, an NFO has at most %(most)s: choose another file.",
        size=grouped(size),
        most=grouped(MAX_BYTES),
    )


def grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")


def refuse_binary(body: bytes, record: sauce.Sauce | None) -> None:
    is_wide = body.startswith(nfo.UTF_16_MARKS)
    is_text = is_wide or (
        b"\0" not in body and len(CONTROLS.findall(body)) <= MOST_CONTROLS * len(body)
    )
    is_other = body.startswith(OTHERS)
    if not is_text or is_other or (record and not record.is_text):
        raise PackingError("The file is no text: choose an NFO, a text file or an ANSI drawing.")


def tidied(text: str) -> str:
    """Return `text` up to its end, without tabs, control codes and what ends lines unseen."""
    shown = text.partition("\x1a")[0]
    lines = [line.expandtabs(TAB_COLUMNS).rstrip() for line in nfo.lines(shown)]
    return nfo.carrier("utf-8")("\n".join(lines)).rstrip("\n") + "\n"


def notes(encoding: str, width: int, is_drawn: bool) -> list[Note]:
    found = []
    if is_drawn:
        found.append(Note("It was drawn in colours: they are left out."))
    if encoding not in nfo.ENCODINGS:
        found.append(Note("It was in %(encoding)s, which no NFO is written in.", encoding=encoding))
    if width > nfo.COLUMNS:
        found.append(
            Note(
                "It is %(width)s columns wide: an NFO has %(most)s at most.",
                width=width,
                most=nfo.COLUMNS,
            )
        )
    return found
