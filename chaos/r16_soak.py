"""Hours at half of what the site can take: nothing grows, nothing fails, nothing slows down."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

from chaos.ground import Ground, below, open_files, rss_bytes, share, until
from chaos.hand import Hand
from chaos.report import Row
from chaos.works import make_book
from tests.instance import Instance

TITLE = "soak"
ASKED = ("/api/releases", "/api/jobs", "/api/rules", "/api/dashboard/stats", "/accounts/login/")
CLIENTS, HOUR_S, QUICK_S = 2, 3600, 60
WARM_S, QUICK_WARM_S = 120, 20
"""Until all is loaded that is loaded once."""
MOST_GROWTH, MOST_DRIFT, MOST_FILES = 1.05, 1.10, 4
PACK_EVERY_S = 10
FULL = 40
"""Releases that fill what the lists tell at once: until then each makes answers larger."""


@dataclass
class Answers:
    """What the clients got: when, what, and how long it took."""

    got: list[tuple[float, int, float]] = field(default_factory=list)

    def p95(self, since: float, until: float) -> float:
        return share([took for at, _, took in self.got if since <= at < until], 0.95)


def run(ground: Ground) -> Iterator[Row]:
    lasts_s = QUICK_S if ground.is_quick else ground.options.hours * HOUR_S
    instance = ground.served(ground.instance(WORKERS="2"))
    assert instance.process
    hand, book = ground.hand(instance), str(make_book(ground.folder, 5 << 20))
    hand.do("pack_all", [("EBOOK", book, number) for number in range(1, FULL + 1)])
    until(lambda: done_of(hand) == FULL, 600)
    answers, over = Answers(), threading.Event()
    readers = [
        threading.Thread(target=read, args=(instance, answers, over)) for _ in range(CLIENTS)
    ]
    for reader in readers:
        reader.start()
    time.sleep(QUICK_WARM_S if ground.is_quick else WARM_S)
    (web,) = below(instance.process.pid, b"uvicorn")[:1]
    began, rss, files, packs = time.time(), rss_bytes(web), open_files(web), 0
    while time.time() < began + lasts_s:
        hand.do("pack", "EBOOK", book, FULL + packs + 1)
        packs += 1
        time.sleep(PACK_EVERY_S)
    grown = rss_bytes(web) / rss, open_files(web) - files
    over.set()
    for reader in readers:
        reader.join()
    yield from judged(answers, began, grown)
    yield Row("R16", "jobs meanwhile: done", packs, done_of(hand) - FULL)


def done_of(hand: Hand) -> int:
    return sum(row["status"] == "completed" for row in hand.do("jobs"))


def read(instance: Instance, answers: Answers, over: threading.Event) -> None:
    """Ask for one thing after the other, and pause as long as each took: half of what it can."""
    token = instance.api().headers["Authorization"]
    with httpx.Client(base_url=instance.url, timeout=60) as client:
        while not over.is_set():
            for path in ASKED:
                began = time.time()
                try:
                    answer = client.get(path, headers={"Authorization": token})
                except httpx.TransportError:
                    answers.got.append((began, 599, time.time() - began))
                    continue
                took = time.time() - began
                answers.got.append((began, answer.status_code, took))
                if answer.status_code == 401:  # a token lasts a quarter of an hour
                    token = instance.api().headers["Authorization"]
                over.wait(took)


def judged(answers: Answers, began: float, grown: tuple[float, int]) -> Iterator[Row]:
    statuses = Counter(status // 100 for _, status, _ in answers.got)
    good = len(answers.got) - statuses[5]
    yield Row("R16", "requests without 5xx", len(answers.got), good, str(dict(statuses)))
    growth, files = grown
    is_flat = growth <= MOST_GROWTH
    yield Row("R16", "memory of the web process", 1, int(is_flat), f"{growth - 1:+.1%}")
    yield Row("R16", "open files", 1, int(files <= MOST_FILES), f"{files:+d}")
    end = time.time()
    middle = (began + end) / 2
    first, last = answers.p95(began, middle), answers.p95(middle, end)
    drift = last / first if first else 0
    figures = f"{first * 1e3:.0f} ms in the first half, {last * 1e3:.0f} ms in the second"
    yield Row("R16", "p95 drift", 1, int(drift <= MOST_DRIFT), figures)
