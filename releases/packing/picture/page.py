"""What a picture shows where, and in which colours, be it drawn in one way or the other."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from releases.packing import nfo
from releases.packing.picture.shapes import CELL_HEIGHT, CELL_WIDTH, Box, shape
from releases.packing.plan import PackingError
from rules.columns import char_width, width

FONT = Path(__file__).parent / "dejavu-sans-mono.woff2"
FONT_PX = CELL_WIDTH * 2
"""Where each character of the font is as wide as a cell."""
BASELINE = 16
"""Of text, below the top of its row."""
MARGIN = 10
TAB_COLUMNS = 8
MAX_ROWS, MAX_COLUMNS, MAX_CELLS = 4000, 400, 320_000
"""An image of so many cells takes 64 MB while it is drawn."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Colours:
    """Each as ``#rrggbb``."""

    ink: str
    paper: str

    def __post_init__(self) -> None:
        for colour in (self.ink, self.paper):
            if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
                raise PackingError(
                    "%(colour)s is no colour: write it as #rrggbb", colour=repr(colour)
                )


DARK = Colours(ink="#d4d4d4", paper="#101216")
LIGHT = Colours(ink="#1c1e22", paper="#ffffff")


@dataclass(frozen=True, slots=True)
class Cell:
    """A character, with what combines with it."""

    text: str
    column: int
    columns: int
    """Two for East Asian wide characters."""

    @property
    def left(self) -> int:
        return MARGIN + self.column * CELL_WIDTH

    @property
    def width(self) -> int:
        return self.columns * CELL_WIDTH


@dataclass(frozen=True)
class Page:
    rows: list[list[Cell]]

    @classmethod
    def of(cls, text: str) -> "Page":
        """Lay out `text`.

        Raises:
            PackingError: it is too large for a picture.
        """
        composed = unicodedata.normalize("NFC", text).rstrip()
        lines = [line.expandtabs(TAB_COLUMNS).rstrip() for line in nfo.lines(composed)]
        _check_size(len(lines), max(map(width, lines)))
        return cls([list(_cells(line)) for line in lines])

    @cached_property
    def width(self) -> int:
        columns = max((row[-1].column + row[-1].columns for row in self.rows if row), default=0)
        return columns * CELL_WIDTH + 2 * MARGIN

    @property
    def height(self) -> int:
        return len(self.rows) * CELL_HEIGHT + 2 * MARGIN

    def boxes(self) -> Iterator[Box]:
        """Yield what is drawn of lines and blocks; what touches in a row is one box."""
        for number, row in enumerate(self.rows):
            yield from _joined(_row_boxes(row, top(number)))


def top(row: int) -> int:
    return MARGIN + row * CELL_HEIGHT


def _check_size(rows: int, columns: int) -> None:
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
        raise PackingError(
            "An NFO of %(rows)s lines and %(columns)s columns is too large for a picture: "
            "%(most_rows)s lines of 80 columns are the most",
            rows=rows,
            columns=columns,
            most_rows=MAX_CELLS // nfo.COLUMNS,
        )


def _cells(line: str) -> Iterator[Cell]:
    column, text, columns = 0, "", 0
    for char in map(shown, line):
        added = char_width(char)
        if added or not text:
            if text:
                yield Cell(text, column, columns)
            column, text, columns = column + columns, char, max(added, 1)
        else:
            text += char
    if text:
        yield Cell(text, column, columns)


def shown(char: str) -> str:
    """Return what stands for `char`: no format carries control characters."""
    if char.isspace():
        return " "
    return char if char.isprintable() else nfo.GLYPHS.get(ord(char), REPLACEMENT)


def _row_boxes(row: Iterable[Cell], above: int) -> Iterator[Box]:
    for cell in row:
        for box in shape(cell.text):
            yield box.moved(cell.left, above)


def _joined(boxes: Iterable[Box]) -> list[Box]:
    """Return `boxes`, of one row and from left to right, with those that go on made one."""
    growing: dict[tuple[float, float, float], Box] = {}
    done = []
    for box in boxes:
        band = (box.top, box.bottom, box.tone)
        last = growing.pop(band, box)
        touches = last.right == box.left
        if last is not box and not touches:
            done.append(last)
        growing[band] = last._replace(right=box.right) if touches else box
    return [*done, *growing.values()]
