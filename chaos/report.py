"""What a fault did, as rows; and the table of them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table

HEAD = ("Id", "What was done", "Count", "Passed", "Figures", "State")
WIDTH = 160


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    done: str
    """What was done to the program."""
    count: int
    passed: int
    figures: str = ""
    not_run: str = ""
    """Why it was not, where it was not."""

    @property
    def state(self) -> Literal["passed", "missed", "not run"]:
        if self.not_run:
            return "not run"
        return "passed" if self.count and self.passed == self.count else "missed"

    @property
    def cells(self) -> tuple[str, ...]:
        counts = ("", "") if self.not_run else (str(self.count), str(self.passed))
        return (self.id, self.done, *counts, self.not_run or self.figures, self.state)


def as_json(rows: Sequence[Row]) -> str:
    return json.dumps([asdict(row) | {"state": row.state} for row in rows], indent=2)


def as_markdown(rows: Sequence[Row]) -> str:
    lines = [HEAD, ("---",) * len(HEAD), *(row.cells for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def show(rows: Sequence[Row]) -> None:
    table = Table(*HEAD, title="Faults on purpose")
    for row in rows:
        colour = {"passed": "green", "missed": "red", "not run": "yellow"}[row.state]
        table.add_row(*row.cells[:-1], f"[{colour}]{row.state}[/]")
    console = Console()
    console = console if console.is_terminal else Console(width=WIDTH)
    console.print(table)
