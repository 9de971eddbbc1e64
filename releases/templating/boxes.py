"""Frames and labels, whose edges stay straight whatever they hold."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from jinja2.exceptions import SecurityError

from releases.templating.functions import MAX_LOOP_ITEMS, columns, pad, plain, refuse_long, wide
from rules.columns import cut
from rules.columns import width as columns_of

STYLES = {
    "single": "┌─┐││└─┘",
    "double": "╔═╗║║╚═╝",
    "round": "▄▀▄██▀▄▀",
    "block": "█▀████▄█",
    "ascii": "+-+||+-+",
    "open": " ─    ─ ",
}
"""Top left, top, top right, left, right, bottom left, bottom and bottom right."""


def edges(style: str) -> list[str]:
    if style not in STYLES:
        raise SecurityError(f"there is no style {plain(style)}: choose one of {', '.join(STYLES)}")
    return list(STYLES[style])


def box_top(title: Any = "", width: int = 78, style: str = "single") -> str:
    """Return the upper edge of a box, with `title` in it."""
    left, line, right = edges(style)[:3]
    said = cut(f" {flat(title)} ", wide(width) - 4) if title else ""
    lead = line if title else ""
    return f"{left}{lead}{said}{line * (width - 2 - len(lead) - columns_of(said))}{right}"


def box_bottom(width: int = 78, style: str = "single") -> str:
    left, line, right = edges(style)[5:]
    return f"{left}{line * (wide(width) - 2)}{right}"


def box(content: Any, width: int = 78, style: str = "single", title: Any = "") -> str:
    """Return `content` in a frame: a text is wrapped, the lines of a list are cut."""
    room = wide(width) - 4
    lines = columns(content, room) if isinstance(content, str) else few_lines(content)
    refuse_long((len(lines) + 2) * (width + 1))
    left, right = edges(style)[3:5]
    framed = (f"{left} {pad(line, room)} {right}" for line in lines)
    framed_in = [box_top(title, width, style), *framed, box_bottom(width, style)]
    return "".join(f"{line}\n" for line in framed_in)


def few_lines(content: Iterable[Any]) -> list[Any]:
    lines = list(islice(content, MAX_LOOP_ITEMS + 1))
    if len(lines) > MAX_LOOP_ITEMS:
        raise SecurityError("too many lines in a box")
    return lines


def row(
    label: str,
    value: Any,
    width: int = 78,
    label_width: int = 15,
    style: str = "single",
    dots: str = ".",
) -> str:
    """Return the lines of a box that tell `value`, wrapped; none where there is none."""
    left, right = edges(style)[3:5]
    room = wide(width) - wide(label_width) - 5
    return "".join(
        f"{left} {told} {pad(line, room)} {right}\n"
        for told, line in labelled(label, value, label_width, room, dots)
    )


def field(label: str, value: Any, width: int = 78, label_width: int = 15, dots: str = ".") -> str:
    """Return the lines that tell `value`, wrapped, without a box; none where there is none."""
    room = wide(width) - wide(label_width) - 1
    return "".join(
        f"{told} {line}\n" for told, line in labelled(label, value, label_width, room, dots)
    )


def labelled(
    label: str, value: Any, label_width: int, room: int, dots: str
) -> Iterator[tuple[str, str]]:
    """Yield `value`, or each of its items, in lines of `room` columns; the first has the label."""
    items = few_lines(value) if isinstance(value, list) else [value]
    lines = [line for item in items if item for line in columns(flat(item), room)]
    refuse_long(len(lines) * (label_width + room))
    for number, line in enumerate(lines):
        yield pad("", label_width) if number else dotted(label, label_width, dots), line


def flat(value: Any) -> str:
    return " ".join(plain(value).split())


def dotted(label: str, width: int, dots: str) -> str:
    """Return `label`, with `dots` up to a colon at `width` columns, if there is room for any."""
    room = width - columns_of(plain(label)) - 2
    if not dots or room <= 0:
        return pad(label, width)
    return pad(f"{label} {plain(dots)[:1] * room}", width - 1) + ":"


def divider(char: str = "─", width: int = 78, title: Any = "") -> str:
    """Return a line of `char`, with `title` near its beginning."""
    stroke = plain(char)[:1]
    said = cut(f"{stroke * 3} {flat(title)} ", wide(width)) if title else ""
    return pad(said + stroke * (wide(width) - columns_of(said)), width)
