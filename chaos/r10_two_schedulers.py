"""Two processes look after the same chores; then none does for an hour."""

import threading
from collections.abc import Iterator

from chaos.ground import Ground
from chaos.hand import Hand
from chaos.report import Row

TITLE = "two schedulers, and none for an hour"
TURN_S, HOUR_S = 1, 3600


def run(ground: Ground) -> Iterator[Row]:
    instance = ground.instance()
    both = [ground.hand(instance), ground.hand(instance)]
    tick(both)  # which makes the rows of the chores
    counts = [begun(both, TURN_S) for _ in range(ground.of(1000, 50))]
    figures = f"{counts.count(0)} missed, {sum(count > 1 for count in counts)} begun twice"
    yield Row("R10", "a chore that is due: done once", len(counts), counts.count(1), figures)
    count = begun(both, HOUR_S, looks=5)
    yield Row("R10", "an hour without: made up for once", 1, int(count == 1), f"done {count} times")


def begun(both: list[Hand], since_s: int, looks: int = 1) -> int:
    """Return how often a chore is done that is due since so long, when all look after it."""
    before: int = both[0].do("come_due", since_s)
    for _ in range(looks):
        tick(both)
    return int(both[0].do("runs")) - before


def tick(hands: list[Hand]) -> None:
    """Have all look after the chores at one time."""
    threads = [threading.Thread(target=hand.do, args=("tick",)) for hand in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
