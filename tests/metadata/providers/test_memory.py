import threading
import time
from datetime import UTC, datetime

import pytest

from releases.metadata.providers import DictMemory
from releases.metadata.providers.breaker import rest_s
from releases.metadata.providers.memory import Desk


def test_a_value_is_kept_for_its_time() -> None:
    memory = DictMemory()
    memory.set("a", {"b": 1}, 60)
    memory.set("over", 1, 0)

    assert memory.get("a") == {"b": 1}
    assert memory.get("over") is None
    assert memory.get("never") is None


def test_a_count_lasts_from_the_first_one() -> None:
    memory = DictMemory()

    assert [memory.add("a", 60), memory.add("a", 0), memory.add("a", 0)] == [1, 2, 3]
    assert [memory.add("b", 0), memory.add("b", 0)] == [1, 1]


def test_a_count_goes_on_from_what_was_set() -> None:
    memory = DictMemory()
    memory.set("a", 4, 60)

    assert memory.add("a", 60) == 5


def test_a_desk_serves_until_all_have_left() -> None:
    desk = Desk(DictMemory(), limit_s=30)
    counts: list[int] = []

    def borrow() -> None:
        counts.extend(desk.add("a", 60) for _time in range(50))
        desk.leave()

    threads = [threading.Thread(target=borrow) for _borrower in range(4)]
    for thread in threads:
        thread.start()
    desk.serve(borrowers=4)
    for thread in threads:
        thread.join()

    assert sorted(counts) == list(range(1, 201))


def test_a_desk_that_nobody_serves_has_nothing() -> None:
    desk = Desk(DictMemory(), limit_s=0.05)

    desk.set("a", 1, 60)

    assert desk.get("a") is None
    assert desk.add("a", 60) == 0


def test_a_desk_waits_no_longer_than_its_limit() -> None:
    began = time.monotonic()

    Desk(DictMemory(), limit_s=0.05).serve(borrowers=1)

    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("hour", "now", "seconds"),
    [
        (0, datetime(2026, 1, 2, 23, 59, 0, tzinfo=UTC), 60),
        (8, datetime(2026, 1, 2, 7, 0, 0, tzinfo=UTC), 3600),
        (8, datetime(2026, 1, 2, 9, 0, 0, tzinfo=UTC), 23 * 3600),
        (8, datetime(2026, 1, 2, 8, 0, 0, tzinfo=UTC), 1),
    ],
)
def test_the_day_of_a_provider_begins_at_its_hour(hour: int, now: datetime, seconds: int) -> None:
    assert rest_s(now, hour) == seconds
