"""What is known of a file, on a terminal: its name, and a line for each fact."""

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.output import harmless


def draw(name: str, facts: Sequence[tuple[str, str]]) -> None:
    """Print the block; nothing in it is taken for markup, and long values keep to their column."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for label, value in facts:
        table.add_row(Text(label), Text(harmless(value)))
    console = Console(highlight=False)
    console.print(Text(harmless(name), style="bold"))
    console.print(Padding(table, (0, 0, 1, 2)))
