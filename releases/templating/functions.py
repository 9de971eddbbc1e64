"""What a template may call upon one value. Whatever it is given, none of it returns much."""

import datetime as dt
from collections.abc import Iterable, Iterator
from types import NoneType
from typing import Any

from babel.dates import format_date as babel_format_date
from jinja2 import Undefined
from jinja2.exceptions import SecurityError
from jinja2.filters import do_title

from rules.columns import cut, one_line
from rules.columns import width as columns_of

MAX_CHARACTERS = 200_000
MAX_COLUMNS = 1_000
MAX_LOOP_ITEMS = 1_000
SHOWABLE = (str, int, float, dt.date, NoneType, Undefined)
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
FULL, EMPTY = "█░"


def format_size(size: int) -> str:
    """Return `size` bytes in binary units, e.g. ``1.5 MiB``."""
    power = min(max(0, size.bit_length() - 1) // 10, len(UNITS) - 1)
    return f"{size / 1024**power:.1f} {UNITS[power]}" if power else f"{size} B"


def format_date(date: dt.date | str, pattern: str = "yyyy-MM-dd", locale: str = "en") -> str:
    """Return `date` by a CLDR pattern, e.g. ``d MMMM yyyy``."""
    day = date if isinstance(date, dt.date) else dt.date.fromisoformat(date)
    return babel_format_date(day, pattern, locale=locale)


def format_duration(seconds: float | None) -> str:
    """Return e.g. ``1 h 42 min 05 s``; nothing where nobody knows how long it takes."""
    if not seconds:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min {rest:02d} s"
    return f"{minutes} min {rest:02d} s"


def few(*bounds: int) -> range:
    """Stand in for `range`, which could ask for more turns than a page has lines."""
    numbers = range(*bounds)
    if numbers[MAX_LOOP_ITEMS:]:
        raise SecurityError("too many turns")
    return numbers


def plain(value: Any) -> str:
    """Return `value` as a text, if it is one thing: lists inside lists make endless texts."""
    if not isinstance(value, SHOWABLE):
        raise SecurityError("a list cannot be shown: show what is in it")
    return str(value)


def wide(width: int) -> int:
    """Return `width` if a page can have so many columns."""
    if width > MAX_COLUMNS:
        raise SecurityError("it asks for too many columns")
    return width


def refuse_long(characters: int) -> None:
    if characters > MAX_CHARACTERS:
        raise SecurityError("it gives too much text")


def uppercase(text: Any) -> str:
    return plain(text).upper()


def lower(text: Any) -> str:
    return plain(text).lower()


def title(text: Any) -> str:
    return do_title(plain(text))


def trim(text: Any) -> str:
    return plain(text).strip()


def width(text: Any) -> int:
    """Return how many columns `text` takes."""
    return columns_of(plain(text))


def fitted(text: Any, width: int, side: float = 0) -> str:
    """Return `text` exactly `width` columns wide, cut or filled, so that a box keeps its edge.

    Of what it is filled with, the share `side` goes to its left.
    """
    kept = cut(one_line(plain(text)), wide(width))
    room = max(width - columns_of(kept), 0)
    left = int(room * side)
    return " " * left + kept + " " * (room - left)


def pad(text: Any, width: int) -> str:
    return fitted(text, width)


def rjust(text: Any, width: int) -> str:
    return fitted(text, width, side=1)


def center(text: Any, width: int = 80) -> str:
    """Return every line of `text` in the middle of `width` columns."""
    lines = plain(text).split("\n")
    refuse_long(len(lines) * wide(width))
    return "\n".join(fitted(line, width, side=0.5) for line in lines)


def replace(text: Any, old: str, new: str) -> str:
    whole = plain(text)
    refuse_long(len(whole) + whole.count(old) * len(new))
    return whole.replace(old, new)


def join(values: Iterable[Any], between: str = "") -> str:
    """Return the texts of `values` with `between` between them."""
    texts = [plain(value) for value in values]
    refuse_long(sum(map(len, texts)) + len(texts) * len(between))
    return between.join(texts)


def columns(text: Any, width: int) -> list[str]:
    """Return `text` wrapped into lines of at most `width` columns; longer words are cut.

    An empty line in it stays one.
    """
    lines: list[str] = []
    words: list[str] = []
    for line in [*plain(text).splitlines(), ""]:
        if words and not line.strip():
            lines += [*([""] if lines else []), *filled(words, max(width, 1))]
            words = []
        words += line.split()
    return lines


def filled(words: Iterable[str], room: int) -> Iterator[str]:
    """Yield lines of `words` with a space between, each as long as `room` columns let it be."""
    line, taken = "", 0
    for word in words:
        needed = columns_of(word)
        if line and taken + 1 + needed > room:
            yield line
            line, taken = "", 0
        line, taken = (f"{line} {word}", taken + 1 + needed) if line else (word, needed)
        while taken > room:
            piece = cut(line, room) or line[0]
            yield piece
            line = line[len(piece) :]
            taken = columns_of(line)
    if line:
        yield line


def wrap(text: Any, width: int = 78, indent: str = "") -> str:
    """Return `text` wrapped into lines of at most `width` columns, each after `indent`."""
    lines = columns(text, wide(width) - columns_of(indent))
    refuse_long(sum(map(len, lines)) + len(lines) * (len(indent) + 1))
    return "\n".join(f"{indent}{line}".rstrip() for line in lines)


def bar(part: float, whole: float, width: int = 20) -> str:
    """Return a bar as full as `part` is of `whole`."""
    share = min(max(part / whole, 0), 1) if whole else 0
    full = round(share * wide(width))
    return FULL * full + EMPTY * (width - full)
