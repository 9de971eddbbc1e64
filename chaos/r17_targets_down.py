"""All that people are told by is down while jobs end; then it is there again."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import httpx

from chaos.ground import PATIENCE_S, Ground, share, until
from chaos.hand import Hand
from chaos.mailbox import Mailbox
from chaos.report import Row
from chaos.works import make_book
from tests.instance import PASSWORD, Instance, free_port

TITLE = "targets of messages down"
PAGES = ("/", "/releases/", "/jobs/")
MOST_RATIO, TRIES, FIRST_WAIT_S = 1.2, 3, 10
AT_A_TIME, TURN_S = 2, 3
"""Jobs that end while pages are read, and how long these are read at least."""
OVER = {"completed", "failed"}


def run(ground: Ground) -> Iterator[Row]:
    mailbox = Mailbox(free_port(), free_port(), free_port())
    told = served(ground, "told", mailbox)
    add_channels(told.instance, mailbox)
    both = (served(ground, "untold", mailbox), told)
    for _ in range(ground.of(40, 8)):
        work(both)
    yield compared(*(site.took for site in both))
    yield kept(told)
    yield waited(told.hand)
    with mailbox:
        began = time.monotonic()
        told.hand.do("hurry")
        until(lambda: all(row["status"] == "sent" for row in told.hand.do("messages")), 180)
        took_s = time.monotonic() - began
    yield arrived(told.hand.do("messages"), mailbox, took_s)


@dataclass
class Site:
    """An instance whose pages are read while jobs end."""

    instance: Instance
    hand: Hand
    book: str
    took: list[float] = field(default_factory=list)
    asked: int = 0

    def __post_init__(self) -> None:
        self.pages = httpx.Client(base_url=self.instance.url, timeout=60, follow_redirects=True)
        self.pages.get("/accounts/login/")
        form = {"username": "admin", "password": PASSWORD}
        form |= {"csrfmiddlewaretoken": self.pages.cookies["csrftoken"]}
        self.pages.post("/accounts/login/", data=form, headers={"Referer": self.instance.url})

    def ask(self) -> None:
        """Ask for some jobs."""
        for _ in range(AT_A_TIME):
            self.asked += 1
            self.hand.do("pack", "EBOOK", self.book, self.asked)

    def read(self, path: str) -> None:
        began = time.monotonic()
        answer = self.pages.get(path)
        self.took.append(time.monotonic() - began)
        if answer.status_code != httpx.codes.OK or "/login/" in str(answer.url):
            raise RuntimeError(f"{answer.url} answers {answer.status_code}")

    def is_over(self) -> bool:
        return all(row["status"] in OVER for row in self.hand.do("jobs"))


def work(both: tuple[Site, Site]) -> None:
    """Have jobs done at both, and read their pages in turn: whatever else is done slows both."""
    for site in both:
        site.ask()
    end, turns = time.monotonic() + TURN_S, count()
    while time.monotonic() < end or not all(site.is_over() for site in both):
        order = both if next(turns) % 2 else both[::-1]
        for path in PAGES:
            for site in order:
                site.read(path)
        if time.monotonic() > end + PATIENCE_S:
            raise RuntimeError("the jobs do not end")


def served(ground: Ground, name: str, mailbox: Mailbox) -> Site:
    allowed = f"127.0.0.1:{mailbox.hook},127.0.0.1:{mailbox.service}"
    mail = f"smtp://127.0.0.1:{mailbox.mail}"
    made = ground.instance(name=name, WORKERS="1", EMAIL_URL=mail, OUTBOUND_HOSTS=allowed)
    instance = ground.served(made)
    site = Site(instance, ground.hand(instance), str(make_book(Path(ground.folder), 1 << 20)))
    ground.ends.callback(site.pages.close)
    return site


def add_channels(instance: Instance, mailbox: Mailbox) -> None:
    addresses = {
        "MAIL": "ann@example.org",
        "WEBHOOK": f"http://127.0.0.1:{mailbox.hook}/hook",
        "APPRISE": f"json://127.0.0.1:{mailbox.service}",
    }
    api = instance.api()
    for kind, address in addresses.items():
        said = {"name": kind, "type": kind, "address": address}
        api.post("/channels", json=said).raise_for_status()


def compared(without: list[float], with_them: list[float]) -> Row:
    first, second = share(without, 0.95), share(with_them, 0.95)
    figures = f"p95 {second * 1e3:.0f} ms, without channels {first * 1e3:.0f} ms"
    figures += f", of {len(with_them)} and {len(without)}"
    return Row("R17", "pages do not wait", 1, int(second <= MOST_RATIO * first), figures)


def kept(site: Site) -> Row:
    """Compare what is to be told with the jobs that are over: one each by each channel."""
    ended = [row["pk"] for row in site.hand.do("jobs") if row["status"] in OVER]
    rows = site.hand.do("messages")
    counts = Counter((row["channel"], row["job"]) for row in rows)
    expected = {(kind, job) for kind in {row["channel"] for row in rows} for job in ended}
    single = sum(counts[pair] == 1 for pair in expected)
    figures = f"{len(rows)} of {len(ended)} jobs, {len(rows) - single} too many"
    good = single if len(rows) == single else 0
    return Row("R17", "one row for each message and channel", 3 * len(ended), good, figures)


def waited(hand: Hand) -> Row:
    """See each tried some times, and how long it is left alone after each."""
    waits: dict[int, dict[str, float]] = {tries: {} for tries in range(1, TRIES + 1)}

    def is_seen() -> bool:
        rows = hand.do("messages")
        for row in rows:
            tries, wait_s = row["attempts"], row["due_in"]
            if 0 < tries <= TRIES and wait_s <= most_s(tries):  # else it is being sent
                waits[tries].setdefault(row["uuid"], wait_s)
        if all(row["attempts"] == rows[0]["attempts"] for row in rows):
            hand.do("hurry")
        return len(waits[TRIES]) == len(rows)

    until(is_seen, 300, pause_s=0.5)
    means = [sum(seen.values()) / max(1, len(seen)) for seen in waits.values()]
    grows = sum(earlier < later for earlier, later in pairwise(means))
    figures = "after each try " + ", ".join(f"{mean:.0f} s" for mean in means)
    return Row("R17", "tried again after waits that grow", TRIES - 1, grows, figures)


def most_s(tries: int) -> float:
    return float(FIRST_WAIT_S * 2**tries)


def arrived(rows: list[dict[str, Any]], mailbox: Mailbox, took_s: float) -> Row:
    """Compare what was sent with what came: each once."""
    came = Counter(mailbox.came)
    names = {"APPRISE": "title"}
    sent = [(row["channel"], row[names.get(row["channel"], "uuid")]) for row in rows]
    once = sum(came[one] == 1 for one in sent)
    twice = sum(count > 1 for count in came.values())
    figures = f"within {took_s:.0f} s of being due again, {twice} twice"
    return Row("R17", "all is there again: each arrives once", len(sent), once, figures)
