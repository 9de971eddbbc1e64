"""Workers die at any point of their work, all at once, and are started again."""

import time
from collections import Counter
from collections.abc import Iterator
from subprocess import Popen
from typing import Any, NamedTuple

from chaos.ground import Ground, kill_worker, until
from chaos.hand import Hand
from chaos.report import Row
from chaos.works import make_book, make_episode

TITLE = "worker killed while it packs"
KINDS = ("EBOOK", "TV")
AT_ONCE = 2
"""Of each kind; one kill meets them all, each somewhere else."""
LEASE_S, SPARE_S = 20, 5
FAULTS = ("broken", "unstated", "lost", "duplicates")
OVER = {"completed", "failed", "cancelled"}


class Met(NamedTuple):
    """A job that ran when the workers were killed."""

    kind: str
    stage: str
    seconds: float
    """Until it was resumed."""


def run(ground: Ground) -> Iterator[Row]:
    size = ground.of(300, 30) << 20
    files = {
        "EBOOK": str(make_book(ground.folder, size)),
        "TV": str(make_episode(ground.folder, size)),
    }
    instance = ground.instance(WORKERS=str(AT_ONCE * len(KINDS)))
    hand, worker = ground.hand(instance), ground.worker(instance)
    took_s = timed(hand, files)
    met: list[Met] = []
    found = [hand.do("reaped")]
    wanted = ground.of(100, 5)
    for number in range(wanted * 2):
        asked = ask(hand, files, 10 + number * 10)
        time.sleep(ground.chance.uniform(0, took_s))
        met += killed(worker, hand, asked)
        found.append(hand.do("reaped"))
        counts = Counter(one.kind for one in met)
        if all(counts[kind] >= wanted for kind in KINDS):
            break
    yield from judged(hand, met, found)
    for kind in KINDS:
        stages = Counter(one.stage or "begun" for one in met if one.kind == kind)
        points = ", ".join(f"{count} at {stage}" for stage, count in sorted(stages.items()))
        yield Row("R1", f"{kind}: points of death", wanted, min(counts[kind], wanted), points)


def ask(hand: Hand, files: dict[str, str], number: int) -> dict[int, str]:
    """Ask for all at one time; return the kind of each job."""
    kinds = KINDS * AT_ONCE
    works = [(kind, files[kind], number + place) for place, kind in enumerate(kinds)]
    return dict(zip(hand.do("pack_all", works), kinds, strict=True))


def timed(hand: Hand, files: dict[str, str]) -> float:
    """Return how long they take that nobody kills, from the first start to the last end."""
    asked = ask(hand, files, 1)
    until(lambda: are_over(hand, asked), 600)
    rows = of(hand, asked)
    last, first = max(row["finished_at"] for row in rows), min(row["started_at"] for row in rows)
    return float(last - first)


def are_over(hand: Hand, asked: dict[int, str]) -> bool:
    return all(row["status"] in OVER for row in of(hand, asked))


def of(hand: Hand, asked: dict[int, str]) -> list[dict[str, Any]]:
    return [row for row in hand.do("jobs") if row["pk"] in asked]


def killed(worker: "Popen[bytes]", hand: Hand, asked: dict[int, str]) -> list[Met]:
    """Kill the worker, and return what that met, once all is over."""
    ran = {row["pk"]: row["stage"] for row in of(hand, asked) if row["status"] == "running"}
    at = time.time()
    kill_worker(worker.pid)
    until(lambda: are_over(hand, asked), 300)
    again = [row for row in of(hand, asked) if row["pk"] in ran and row["attempts"] > 1]
    return [Met(asked[row["pk"]], ran[row["pk"]], row["started_at"] - at) for row in again]


def judged(hand: Hand, met: list[Met], found: list[dict[str, Any]]) -> Iterator[Row]:
    jobs = hand.do("jobs")
    done = sum(row["status"] == "completed" for row in jobs)
    yield Row("R1", "jobs accepted, worker killed: over unaided", len(jobs), done, why(jobs))
    faults = {name: [one for each in found for one in each[name]] for name in FAULTS}
    whole = sum(each["completed"] for each in found) - sum(map(len, faults.values()))
    yield Row("R1", "releases: whole, visible once", len(jobs), whole, said(faults))
    left = len(found[-1]["leftovers"])
    yield Row("R1", "temporary folders swept", 1, int(not left), f"{left} left")
    in_time = sum(one.seconds <= LEASE_S + SPARE_S for one in met)
    slowest = max((one.seconds for one in met), default=0)
    figures = f"slowest after {slowest:.1f} s, of lease {LEASE_S} s + {SPARE_S} s"
    yield Row("R1", "interrupted jobs: resumed in time", len(met), in_time, figures)


def why(jobs: list[dict[str, Any]]) -> str:
    again = sum(row["attempts"] > 1 for row in jobs)
    reasons = sorted({row["error"] for row in jobs if row["error"]})
    return f"{again} were interrupted; {'; '.join(reasons) or 'none failed'}"


def said(faults: dict[str, list[str]]) -> str:
    return ", ".join(f"{len(names)} {name}" for name, names in faults.items())
