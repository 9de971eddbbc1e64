"""What a template may call. Whatever it is given, none of it returns much."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from types import NoneType
from typing import Any

from babel.dates import format_date as babel_format_date
from jinja2 import Undefined
from jinja2.exceptions import SecurityError
from jinja2.filters import do_title

MAX_CHARACTERS = 200_000
MAX_COLUMNS = 1_000
MAX_LOOP_ITEMS = 1_000
SHOWABLE = (str, int, float, dt.date, NoneType, Undefined)
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def format_size(size: int) -> str:
    """Return `size` bytes in binary units, e.g. ``1.5 MiB``."""
    power = min(max(0, size.bit_length() - 1) // 10, len(UNITS) - 1)
    return f"{size / 1024**power:.1f} {UNITS[power]}" if power else f"{size} B"


def format_date(date: dt.date | str, pattern: str = "yyyy-MM-dd", locale: str = "en") -> str:
    """Return `date` by a CLDR pattern, e.g. ``d MMMM yyyy``."""
    day = date if isinstance(date, dt.date) else dt.date.fromisoformat(date)
    return babel_format_date(day, pattern, locale=locale)


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


def center(text: Any, width: int = 80) -> str:
    return plain(text).center(wide(width))


def pad(text: Any, width: int) -> str:
    """Return `text` exactly `width` columns wide, cut or filled, so that a box keeps its edge."""
    return plain(text)[:width].ljust(wide(width))


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
    """Return `text` wrapped into lines of at most `width` columns; longer words are cut."""
    room = max(width, 1)
    lines, line = [], ""
    for word in plain(text).split():
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
        while len(line) > room:
            lines.append(line[:room])
            line = line[room:]
    return [*lines, line] if line else lines


def row(label: str, value: Any, width: int = 78) -> str:
    """Return the lines of a box that tell `value`, wrapped; none where there is none."""
    room = wide(width) - 17
    return "".join(
        f"│ {pad(left, 12)} {pad(right, room)} │\n" for left, right in labelled(label, value, room)
    )


def field(label: str, value: Any, width: int = 80) -> str:
    """Return the lines that tell `value`, wrapped, without a box; none where there is none."""
    lines = labelled(label, value, wide(width) - 11)
    return "".join(f"{pad(left, 11)}{right}\n" for left, right in lines)


def labelled(label: str, value: Any, room: int) -> Iterator[tuple[str, str]]:
    """Yield `value` in lines of `room` columns, the first one with its label."""
    lines = columns(value, room) if value else []
    return zip([label, *[""] * len(lines)], lines, strict=False)


TEXT_FILTERS: dict[str, Callable[..., Any]] = {
    "center": center,
    "columns": columns,
    "format_date": format_date,
    "format_size": format_size,
    "join": join,
    "lower": lower,
    "pad": pad,
    "replace": replace,
    "title": title,
    "trim": trim,
    "upper": uppercase,
    "uppercase": uppercase,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "range": few,
    "format_date": format_date,
    "format_size": format_size,
    "field": field,
    "row": row,
    "uppercase": uppercase,
}
