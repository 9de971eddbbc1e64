"""How many columns a text takes on a screen. No Django here.

Source: Unicode 15, East Asian width and general category; what terminals make of them.
"""

import re
import unicodedata
from functools import lru_cache

INVISIBLE = ("Mn", "Me", "Cf")
SHOWN_FORMAT = "\N{SOFT HYPHEN}"
JOINED_JAMO = range(0x1160, 0x1200)
"""Vowels and finals of Hangul, which are drawn into the initial before them."""
BREAK = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")


@lru_cache(maxsize=4096)
def char_width(char: str) -> int:
    """Return how many columns `char` takes."""
    if char != SHOWN_FORMAT and unicodedata.category(char) in INVISIBLE:
        return 0
    if ord(char) in JOINED_JAMO:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def width(line: str) -> int:
    """Return how many columns `line` takes."""
    return len(line) if line.isascii() else sum(map(char_width, line))


def cut(line: str, columns: int) -> str:
    """Return as much of the beginning of `line` as `columns` have room for."""
    if line.isascii():
        return line[: max(columns, 0)]
    taken = 0
    for index, char in enumerate(line):
        taken += char_width(char)
        if taken > columns:
            return line[:index]
    return line


def one_line(text: str) -> str:
    """Return `text` with a space for each line end and tab, which would break a box."""
    return BREAK.sub(" ", text)
