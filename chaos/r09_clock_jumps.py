"""The clock of a worker jumps: leases and turns go by the clock of the database."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from chaos.ground import Ground, until
from chaos.hand import Hand
from chaos.r06_database_restart import Server
from chaos.report import Row
from chaos.works import make_book
from tests.instance import Instance

TITLE = "clock jumps"
JUMPS = {"+1h": "ahead_1h", "-1h": "behind_1h", "+1d": "ahead_1d", "-1d": "behind_1d"}
NIGHTS = {"spring": datetime(2026, 3, 29, tzinfo=UTC), "autumn": datetime(2026, 10, 25, tzinfo=UTC)}
OVER = {"completed", "failed", "cancelled"}
LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
AROUND_H, DAY = 36, timedelta(days=1)


def run(ground: Ground) -> Iterator[Row]:
    if not (LIBRARY and shutil.which("mariadbd")):
        yield Row("R9", TITLE, 0, 0, not_run="faketime or mariadbd is not here")
        return
    server, book = Server(ground), str(make_book(ground.folder, 20 << 20))
    for jump, name in JUMPS.items():
        instance = ground.instance(server.database(name), name=name)
        yield beside(ground, instance, book, jump)
    for name, night in NIGHTS.items():
        yield turns(ground, name, night)


def beside(ground: Ground, instance: Instance, book: str, jump: str) -> Row:
    """Have a worker of another time work beside one of ours, each looking after all jobs."""
    workers = [
        ground.worker(instance, WORKERS="1"),
        ground.worker(instance, WORKERS="1", **clock(jump)),
    ]
    wanted = ground.of(20, 4)
    with Hand(instance) as hand:
        asked = [hand.do("pack", "EBOOK", book, number) for number in range(wanted)]
        until(lambda: all(row["status"] in OVER for row in hand.do("jobs")), 120)
        rows = [row for row in hand.do("jobs") if row["pk"] in asked]
    ground.end(*workers)
    once = sum(row["status"] == "completed" and row["attempts"] == 1 for row in rows)
    again = sum(row["attempts"] > 1 for row in rows)
    return Row("R9", f"a worker at {jump}: jobs done once", wanted, once, f"{again} run twice")


def turns(ground: Ground, name: str, night: datetime) -> Row:
    """Go through the days around a night in which clocks change, and count daily turns.

    On SQLite, whose clock is that of who asks.
    """
    step = ground.of(1, 6)
    moments = [night + timedelta(hours=hour) for hour in range(-AROUND_H, AROUND_H + 1, step)]
    instance = ground.instance(f"sqlite:///{ground.folder}/{name}.sqlite3", name=name)
    with Hand(instance) as hand:
        hand.do("plan", "daily", moments[0].timestamp())
    made = {at: turn(instance, at) for at in moments}
    begun = [moments[0], *(at for at, count in made.items() if count)]
    gaps = [after - before for before, after in pairwise(begun)]
    # The clock runs on while a process starts, so a turn may be due one look later.
    late = DAY + timedelta(hours=step)
    missed = sum(gap > late for gap in [*gaps, moments[-1] - begun[-1]])
    double = sum(count > 1 for count in made.values()) + sum(gap < DAY for gap in gaps)
    figures = f"{missed} missed, {double} double"
    is_right = not (missed or double)
    return Row("R9", f"{name} night: daily turns", len(gaps), len(gaps) * is_right, figures)


def turn(instance: Instance, at: datetime) -> int:
    """Begin what is due for a machine in Paris whose clock says `at`."""
    told = clock(f"@{at.timestamp():.0f}")
    with Hand(instance, FAKETIME_FMT="%s", TZ="Europe/Paris", **told) as hand:
        return int(hand.do("turn"))


def clock(says: str) -> dict[str, str]:
    """Return what has a process go by another clock; its command would leave semaphores."""
    return {"LD_PRELOAD": str(LIBRARY), "FAKETIME": says}
