from collections.abc import Iterator
from typing import Any

from django import template

register = template.Library()
LINES_PER_PART = 5000  # as nfo.css knows


@register.filter
def at(mapping: dict[str, Any], key: object) -> Any:
    """Return the value at `key`, which is known to the template only as a variable."""
    return mapping.get(str(key))


@register.filter
def duration(seconds: int) -> str:
    """Return e.g. ``3 s``, ``2 min 5 s`` or ``1 h 4 min``."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


@register.filter
def parts(text: str) -> Iterator[str]:
    """Yield `text` in parts of so many lines that a browser lays out one at once."""
    lines = text.split("\n")
    last = len(lines) - LINES_PER_PART
    for start in range(0, len(lines), LINES_PER_PART):
        part = "\n".join(lines[start : start + LINES_PER_PART])
        yield f"{part}\n" if start < last else part
