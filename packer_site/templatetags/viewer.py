"""Texts as the viewer lays them out, and as differences are told."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import template

from packer_site.templatetags.packer import LINES_PER_PART

register = template.Library()
KINDS = {"+": "added", "-": "removed", "@": "place"}
MOST_LINES = 3000
"""Of a difference that is shown."""
MOST_LETTERS = 1000
"""Of one of its lines."""


@register.filter
def pointing(parts: Iterable[str], line: Any) -> Iterator[dict[str, str | None]]:
    """Yield each of `parts`, the one that holds `line` cut around it."""
    number = line if isinstance(line, int) else 0
    for index, part in enumerate(parts):
        at = number - 1 - index * LINES_PER_PART
        lines = part.split("\n")
        if 0 <= at < min(LINES_PER_PART, len(lines)):
            before, after = lines[:at], lines[at + 1 :]
            yield {
                "before": "".join(f"{one}\n" for one in before),
                "line": lines[at],
                "after": "".join(f"\n{one}" for one in after),
            }
        else:
            yield {"before": part, "line": None, "after": ""}


@register.filter
def unified(diff: str) -> list[tuple[str, str]]:
    """Return the kind and the text of each line of a unified difference."""
    lines = diff.removesuffix("\n").split("\n", MOST_LINES)[:MOST_LINES] if diff else []
    return [(KINDS.get(line[:1], "same"), line[:MOST_LETTERS]) for line in lines]
