"""Box drawing and block elements as rectangles that fill their cell to its edges.

What each looks like is what Unicode calls it, e.g. "BOX DRAWINGS DOWN SINGLE AND RIGHT DOUBLE".
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import NamedTuple

CELL_WIDTH, CELL_HEIGHT = 10, 20


class Box(NamedTuple):
    """A rectangle, in pixels."""

    left: float
    top: float
    right: float
    bottom: float
    tone: float = 1
    """How much of the ink it takes."""

    def moved(self, right: float, down: float) -> "Box":
        return self._replace(
            left=self.left + right,
            top=self.top + down,
            right=self.right + right,
            bottom=self.bottom + down,
        )


@cache
def shape(text: str) -> tuple[Box, ...]:
    """Return what `text` is drawn as; nothing where it is a matter of the font."""
    if len(text) != 1:
        return ()
    if "\u2500" <= text <= "\u257f":
        return tuple(_lines(unicodedata.name(text)))
    if "\u2580" <= text <= "\u259f":
        return tuple(_blocks(ord(text)))
    return ()


HALF_WIDTHS = {"LIGHT": 1, "SINGLE": 1, "HEAVY": 2, "DOUBLE": 3}
"""Of lines; of a double one to its outer edges."""
HOLLOW = 1
"""Half the width of what is left out of a double line."""
DIRECTIONS = {
    "UP": "U",
    "DOWN": "D",
    "LEFT": "L",
    "RIGHT": "R",
    "VERTICAL": "UD",
    "HORIZONTAL": "LR",
}
ACROSS = {"U": "LR", "D": "LR", "L": "UD", "R": "UD"}
OPPOSITE = {"U": "D", "D": "U", "L": "R", "R": "L"}
MIDDLE_X, MIDDLE_Y = CELL_WIDTH // 2, CELL_HEIGHT // 2

Arms = dict[str, int]
"""Direction and half the width of each line from the middle of a cell."""
Pixels = set[tuple[int, int]]


def _lines(name: str) -> Iterable[Box]:
    if "DIAGONAL" in name:
        return ()
    arms = _arms(name)
    double = {way for way, half in arms.items() if half == HALF_WIDTHS["DOUBLE"]}
    pixels: Pixels = set()
    for way in double:
        pixels |= _arm(way, arms[way], _reach(way, arms))
    for way in double:
        pixels -= _arm(way, HOLLOW, HOLLOW if double & {*ACROSS[way]} else 0)
    for way in arms.keys() - double:
        pixels |= _arm(way, arms[way], _reach(way, arms))
    return _boxes(pixels)


def _arms(name: str) -> Arms:
    """Read a name; dashes and round corners are drawn as plain ones."""
    arms: Arms = {}
    half = 0
    for clause in re.sub(r"\w+ DASH ", "", name).split(" AND "):
        words = clause.split()
        half = next((HALF_WIDTHS[word] for word in words if word in HALF_WIDTHS), half)
        ways = "".join(DIRECTIONS.get(word, "") for word in words)
        arms |= dict.fromkeys(ways, half)
    return arms


def _reach(way: str, arms: Arms) -> int:
    """Return how far beyond the middle the line that goes to `way` begins."""
    across = [arms.get(other, 0) for other in ACROSS[way]]
    is_single = arms[way] != HALF_WIDTHS["DOUBLE"]
    if is_single and min(across) == HALF_WIDTHS["DOUBLE"] and OPPOSITE[way] not in arms:
        return -HOLLOW  # a single line ends at a double one
    return max(across)


def _arm(way: str, half: int, reach: int) -> Pixels:
    left, right = MIDDLE_X - half, MIDDLE_X + half
    top, bottom = MIDDLE_Y - half, MIDDLE_Y + half
    match way:
        case "U":
            top, bottom = 0, MIDDLE_Y + reach
        case "D":
            top, bottom = MIDDLE_Y - reach, CELL_HEIGHT
        case "L":
            left, right = 0, MIDDLE_X + reach
        case _:
            left, right = MIDDLE_X - reach, CELL_WIDTH
    return {(x, y) for x in range(left, right) for y in range(top, bottom)}


def _boxes(pixels: Pixels) -> Iterator[Box]:
    """Yield the rectangles that `pixels` fill: runs of a row, and the rows alike below it."""
    rows = [tuple(_runs(pixels, y)) for y in range(CELL_HEIGHT)]
    for runs, alike in groupby(range(CELL_HEIGHT), key=rows.__getitem__):
        lines = [*alike]
        for left, right in runs:
            yield Box(left, lines[0], right, lines[-1] + 1)


def _runs(pixels: Pixels, y: int) -> Iterator[tuple[int, int]]:
    for is_filled, run in groupby(range(CELL_WIDTH), key=lambda x: (x, y) in pixels):
        columns = [*run]
        if is_filled:
            yield columns[0], columns[-1] + 1


FULL, RIGHT_HALF, RIGHT_EIGHTH = 0x2588, 0x2590, 0x2595
SHADES = range(0x2591, 0x2594)
ALONE = {
    0x2580: (0, 0, 8, 4),
    RIGHT_HALF: (4, 0, 8, 8),
    0x2594: (0, 0, 8, 1),
    RIGHT_EIGHTH: (7, 0, 8, 8),
}
"""The blocks that no row of eighths contains; edges in eighths of a cell."""
QUADRANTS = {
    "UPPER LEFT": (0, 0, 4, 4),
    "UPPER RIGHT": (4, 0, 8, 4),
    "LOWER LEFT": (0, 4, 4, 8),
    "LOWER RIGHT": (4, 4, 8, 8),
}


def _blocks(code: int) -> Iterator[Box]:
    if code in SHADES:
        yield _eighths(0, 0, 8, 8, tone=(code - RIGHT_HALF) / 4)
    elif code > RIGHT_EIGHTH:
        for quadrant in unicodedata.name(chr(code)).removeprefix("QUADRANT ").split(" AND "):
            yield _eighths(*QUADRANTS[quadrant])
    else:
        yield _eighths(*_block(code))


def _block(code: int) -> tuple[int, int, int, int]:
    """Return the edges of a block that is one rectangle: one of those from below or from left."""
    if code in ALONE:
        return ALONE[code]
    return (0, FULL - code, 8, 8) if code <= FULL else (0, 0, RIGHT_HALF - code, 8)


def _eighths(left: int, top: int, right: int, bottom: int, tone: float = 1) -> Box:
    across, down = CELL_WIDTH / 8, CELL_HEIGHT / 8
    return Box(left * across, top * down, right * across, bottom * down, tone)
