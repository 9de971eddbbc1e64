"""Timing of things that take turns, and the table of what came out."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

RESULTS = Path(__file__).parent / "results.json"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was timed, and what it is a share of."""

    name: str
    base: str
    """The name of the row it is measured by."""
    most: float | None = None
    """The share it should not exceed."""


@dataclass(slots=True)
class Clock:
    """Seconds by name, several of each."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, seconds: float) -> None:
        self.seconds[name].append(seconds)

    def time(self, name: str, way: Callable[[], object]) -> None:
        began = time.perf_counter()
        way()
        self.add(name, time.perf_counter() - began)

    def median(self, name: str) -> float:
        return statistics.median(self.seconds[name])


def settled(folder: Path) -> Path:
    """Return an empty `folder`, once the disk has nothing left to do."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    os.sync()
    return folder


def shell(*command: str | Path, into: Path | None = None) -> None:
    subprocess.run(command, cwd=into, check=True, stdout=subprocess.DEVNULL)


def peak_bytes(*command: str | Path) -> int:
    """Run `command`, and return the most memory that it or a child of it held."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_maxrss * 1024


def table(rows: Sequence[Row], clock: Clock) -> list[dict[str, object]]:
    """Return each row that was timed, with its median and its share of its base."""
    return [_line(row, clock) for row in rows if row.name in clock.seconds]


def _line(row: Row, clock: Clock) -> dict[str, object]:
    median, base = clock.median(row.name), clock.median(row.base)
    times = clock.seconds[row.name]
    return {
        "name": row.name,
        "seconds": round(median, 3),
        "least": round(min(times), 3),
        "most": round(max(times), 3),
        "ratio": round(median / base, 2),
        "base": row.base,
        "target": row.most,
    }


def show(title: str, lines: Sequence[Mapping[str, object]]) -> None:
    sys.stdout.write(f"\n{title}\n")
    for line in lines:
        target = f"(at most {line['target']})" if line["target"] else ""
        spread = f"{line['least']:.2f} to {line['most']:.2f}"
        sys.stdout.write(
            f"  {line['name']:44} {line['seconds']:7.3f} s  {spread:13}"
            f" {line['ratio']:6.2f} x {line['base']} {target}\n"
        )
    sys.stdout.flush()


def keep(results: Mapping[str, object]) -> None:
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
