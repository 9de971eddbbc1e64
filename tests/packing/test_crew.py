import threading
import time
from collections.abc import Callable

import pytest

from releases.packing import crew
from releases.packing.crew import Stage

Heard = list[tuple[str, int, int]]
LONG_S = 5
"""Nothing here takes so long, unless it hangs."""


@pytest.fixture(autouse=True, params=[1, 2, 4])
def hands(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    count: int = request.param
    monkeypatch.setattr(crew, "HANDS", count)
    return count


def stage(total: int = 100, hear: Callable[[str, int, int], None] | None = None) -> Stage:
    return Stage(hear or (lambda *heard: None), "archive", total)


def test_results_come_in_the_order_of_the_items() -> None:
    def slower_first(number: int) -> int:
        time.sleep(0.01 / (number + 1))
        return number * number

    assert stage().each(slower_first, range(9)) == [number * number for number in range(9)]


def test_nothing_to_do_is_done() -> None:
    assert stage().each(str, []) == []


def test_as_many_threads_work_as_there_are_hands(hands: int) -> None:
    together = threading.Barrier(hands, timeout=LONG_S)

    stage().each(lambda item: together.wait(), range(hands))

    assert not together.broken


def test_all_bytes_are_counted_and_told_in_one_thread() -> None:
    heard: Heard = []
    threads = set()

    def hear(*told: object) -> None:
        heard.append(told)  # type: ignore[arg-type]
        threads.add(threading.get_ident())

    tick = stage(1000, hear)

    def count(item: int) -> None:
        for _ in range(100):
            tick(1)

    tick.each(count, range(10))

    assert heard[0] == ("archive", 0, 1000)
    assert heard[-1] == ("archive", 1000, 1000)
    assert threads == {threading.get_ident()}


def test_what_one_thread_raises_ends_all_and_is_raised_here() -> None:
    tick = stage()
    begun = []

    def fail_at_three(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise KeyError(number)
        for _ in range(100):
            tick(1)
            time.sleep(0.001)

    with pytest.raises(KeyError, match="3"):
        tick.each(fail_at_three, range(1000))

    assert len(begun) < 10


def test_what_progress_raises_ends_threads_that_would_never_end() -> None:
    def cancel(stage: str, done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    tick = stage(hear=cancel)
    alive = threading.active_count()

    def work(item: int) -> None:
        while True:
            tick(1)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        tick.each(work, range(4))

    assert time.monotonic() - began < LONG_S
    assert threading.active_count() == alive


def test_a_thread_that_the_disk_holds_is_not_waited_for_when_all_is_cancelled(
    hands: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if hands == 1:
        return  # the only thread there is cannot be held and cancel
    released = threading.Event()
    home = threading.get_ident()

    def held(item: int) -> None:
        if threading.get_ident() != home:
            released.wait(LONG_S)

    def cancel(stage: str, done: int, total: int) -> None:
        if cancelled:
            raise KeyboardInterrupt

    cancelled: list[bool] = []
    tick = stage(hear=cancel)
    cancelled.append(True)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        tick.each(held, range(hands))

    assert time.monotonic() - began < LONG_S
    released.set()


def test_a_system_that_starts_no_thread_is_told_as_it_says_it(
    hands: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if hands == 1:
        return  # none is started

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        stage().each(str, range(hands))


def test_progress_is_told_while_other_threads_are_busy(hands: int) -> None:
    heard = []
    tick = stage(hear=lambda *told: heard.append(time.monotonic()))
    home = threading.get_ident()

    def work(item: int) -> None:
        if threading.get_ident() != home:
            time.sleep(0.5)

    tick.each(work, range(hands))

    assert hands == 1 or len(heard) > 3
