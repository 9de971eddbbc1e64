"""Drawings made of escape sequences, as the screen of a PC shows them, without their colours.

Source: docs/formats/nfo.md.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from releases.packing.plan import PackingError

SEQUENCE = re.compile(r"\x1b\[([0-9;?=]*)([@-~])")
PART = re.compile(rf"{SEQUENCE.pattern}|(?s:.)")
TAB_COLUMNS = 8
MAX_ROWS, MAX_WIDTH = 10_000, 1_000
END_OF_FILE = "\x1a"


def is_ansi(text: str) -> bool:
    return SEQUENCE.search(text) is not None


def flattened(text: str, width: int) -> str:
    """Return what a screen of `width` columns shows of `text`, line by line.

    Raises:
        PackingError: it is too long to be a drawing.
    """
    screen = Screen(min(max(width, 1), MAX_WIDTH))
    for part in PART.finditer(text.partition(END_OF_FILE)[0]):
        if part[2]:
            screen.obey(part[1], part[2])
        else:
            screen.write(part[0])
    return screen.text()


@dataclass
class Screen:
    """A screen as ANSI.SYS drives it, but one that never scrolls."""

    width: int
    row: int = 0
    column: int = 0
    saved: tuple[int, int] = (0, 0)
    cells: dict[int, dict[int, str]] = field(default_factory=dict)

    def write(self, char: str) -> None:
        if char == "\r":
            self.column = 0
        elif char == "\n":
            self.go(self.row + 1, 0)
        elif char == "\t":
            self.go(self.row, self.column + TAB_COLUMNS - self.column % TAB_COLUMNS)
        elif char >= " ":
            self.show(char)

    def show(self, char: str) -> None:
        """Put `char` where the cursor is, and move that on: after the last column, down."""
        self.cells.setdefault(self.row, {})[self.column] = char
        if self.column + 1 == self.width:
            self.go(self.row + 1, 0)
        else:
            self.column += 1

    def go(self, row: int, column: int) -> None:
        if row >= MAX_ROWS:
            raise PackingError(
                "The drawing has more than %(rows)s lines: an NFO is shorter", rows=MAX_ROWS
            )
        self.row, self.column = max(row, 0), min(max(column, 0), self.width - 1)

    def obey(self, numbers: str, command: str) -> None:
        """Do what a sequence says; colours and modes leave the text as it is."""
        given = [int(number[:6]) for number in numbers.split(";") if number.isdecimal()]
        if command in COMMANDS:
            COMMANDS[command](self, given)

    def place(self, given: list[int]) -> None:
        row, column = [*given, 1, 1][:2] if len(given) != 1 else (given[0], 1)
        self.go(row - 1, column - 1)

    def save(self, given: list[int]) -> None:
        self.saved = self.row, self.column

    def restore(self, given: list[int]) -> None:
        self.go(*self.saved)

    def clear(self, given: list[int]) -> None:
        if given == [2]:
            self.cells.clear()
            self.go(0, 0)

    def clear_line(self, given: list[int]) -> None:
        """Clear to the end of the line, to its beginning (1), or all of it (2)."""
        first, last = {1: (0, self.column), 2: (0, self.width)}.get(
            sum(given), (self.column, self.width)
        )
        line = self.cells.get(self.row, {})
        for column in [column for column in line if first <= column <= last]:
            del line[column]

    def text(self) -> str:
        return "".join(f"{self.line(row)}\n" for row in range(max(self.cells, default=-1) + 1))

    def line(self, row: int) -> str:
        cells = self.cells.get(row, {})
        shown = (cells.get(column, " ") for column in range(max(cells, default=-1) + 1))
        return "".join(shown).rstrip(" ")


def moved(rows: int, columns: int) -> Callable[[Screen, list[int]], None]:
    """Return what moves the cursor as often as it is told, at least once."""

    def move(screen: Screen, given: list[int]) -> None:
        times = max(given[0], 1) if given else 1
        screen.go(screen.row + rows * times, screen.column + columns * times)

    return move


COMMANDS: dict[str, Callable[[Screen, list[int]], None]] = {
    "A": moved(-1, 0),
    "B": moved(1, 0),
    "C": moved(0, 1),
    "D": moved(0, -1),
    "H": Screen.place,
    "f": Screen.place,
    "s": Screen.save,
    "u": Screen.restore,
    "J": Screen.clear,
    "K": Screen.clear_line,
}
