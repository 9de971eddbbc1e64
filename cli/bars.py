"""Bars on a terminal: how far each stage is, how fast it goes, when it ends."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column

from jobs.stages import STAGES

REFRESHES = 4
"""In a second."""
PAUSE_S = 0.05
"""Between two things that are heard: the pieces of a file are too many."""
LEAST_BYTES = 1 << 20
"""What is less is over before it is seen."""
WIDE = 72
"""The columns of a terminal where there is room for a bar."""


class Bars:
    """Draws a bar for each stage it hears of."""

    def __init__(self, display: Progress) -> None:
        self._display = display
        self._tasks: dict[str, TaskID] = {}
        self._next_s = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        if total < LEAST_BYTES:
            return
        if stage not in self._tasks:
            label = str(STAGES.get(stage, stage))
            self._tasks[stage] = self._display.add_task(label, total=total)
            self._next_s = 0.0
        now_s = time.monotonic()
        if now_s >= self._next_s or done >= total:
            self._next_s = now_s + PAUSE_S if done else 0.0  # two pieces make a rate
            self._display.update(self._tasks[stage], completed=done)


@contextmanager
def shown() -> Iterator[Bars]:
    """Show bars on standard error, and leave nothing of them."""
    console = Console(stderr=True)
    display = Progress(
        *columns(console.width),
        console=console,
        refresh_per_second=REFRESHES,
        redirect_stdout=False,
        transient=True,
        expand=True,
    )
    with display:
        yield Bars(display)


def columns(width: int) -> list[ProgressColumn]:
    """Return what a line of a terminal `width` columns wide has room for."""
    label = TextColumn("{task.description}", markup=False, table_column=line(ratio=1))
    drawn = BarColumn(bar_width=None, table_column=line(ratio=1))
    how_far = [drawn, DownloadColumn(table_column=line())]
    rest = [TransferSpeedColumn(line()), TimeRemainingColumn(table_column=line())]
    return [label, *(how_far if width >= WIDE else [TaskProgressColumn()]), *rest]


def line(ratio: int | None = None) -> Column:
    return Column(no_wrap=True, ratio=ratio)
