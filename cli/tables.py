"""What is listed: columns on a terminal, plain lines in a pipe."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from cli.output import harmless, say

NOTHING = "-"


def listed(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print `rows`; in a pipe without the titles, each value apart from the next by two spaces."""
    lines = [[written(value) for value in row] for row in rows]
    if sys.stdout.isatty():
        draw(titles, lines)
        return
    for line in lines:
        say("  ".join(line))


def facts(document: Iterable[tuple[str, Any]]) -> None:
    """Print one thing: a line for each of what is known of it."""
    for name, value in document:
        say(f"{name}: {written(value)}")


def written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(written, value)) or NOTHING
    if value is None or value == "":
        return NOTHING
    return str(value)


def draw(titles: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    from rich.console import Console  # noqa: PLC0415  # rich takes time that only a terminal repays
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in titles:
        table.add_column(title, overflow="fold")
    for line in lines:
        table.add_row(*(Text(harmless(value)) for value in line))
    Console(highlight=False).print(table)
