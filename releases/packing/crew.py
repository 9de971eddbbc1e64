"""A stage of the work: shared among threads, heard and ended from the one that began it."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from releases.packing.plan import Progress

Item = TypeVar("Item")
Result = TypeVar("Result")

HANDS = min(4, len(os.sched_getaffinity(0)))
"""Threads at work: more than a disk can serve are of no use."""
EAR_S = 0.1
"""How often a thread that waits for the others tells how far they are."""
PATIENCE_S = 0.2
"""How long an ended stage waits for threads that the disk holds, all together."""


class Ended(Exception):
    """The stage is over for this thread: another one failed, or the work was cancelled."""


class Stage:
    """Counts the bytes of one stage, and tells `progress` of them, always from the same thread."""

    def __init__(self, progress: Progress, name: str, total: int) -> None:
        self.progress, self.name, self.total = progress, name, total
        self.done = 0
        self._home = threading.get_ident()
        self._lock = threading.Lock()
        self._is_over = False
        self._failure: BaseException | None = None
        self(0)

    def __call__(self, size: int) -> None:
        """Count `size` bytes more.

        Raises:
            Ended: the stage is over. And, in the thread that began it, what `progress` raises.
        """
        if self._is_over:
            raise Ended
        with self._lock:
            self.done += size
        if threading.get_ident() == self._home:
            self.progress(self.name, self.done, self.total)

    def each(self, work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Return `work` of each of `items`, several at a time and begun in order.

        This thread works too. What any of them raises ends all, and is raised here.
        """
        results: dict[int, Result] = {}
        todo = iter(range(len(items)))

        def hand() -> None:
            for index in self._taken(todo):
                results[index] = work(items[index])

        self._share(hand, min(HANDS, len(items)))
        return [results[index] for index in range(len(items))]

    def _taken(self, todo: Iterator[int]) -> Iterator[int]:
        """Yield what this thread takes of `todo`, until nothing is left or the stage is over."""
        while not self._is_over:
            with self._lock:
                index = next(todo, None)
            if index is None:
                return
            yield index

    def _share(self, hand: Callable[[], None], hands: int) -> None:
        others = [
            threading.Thread(target=self._watched, args=[hand], name=self.name, daemon=True)
            for _ in range(hands - 1)
        ]

        def lead() -> None:
            for other in others:
                other.start()
            hand()
            self._await(others)

        self._watched(lead)
        if self._failure:
            for other in filter(threading.Thread.is_alive, others):  # some may not have started
                other.join(PATIENCE_S / len(others))
            raise self._failure

    def _watched(self, hand: Callable[[], None]) -> None:
        """Work, and keep the first failure for the thread that began the stage."""
        try:
            hand()
        except Ended:
            pass
        except BaseException as failure:
            with self._lock:
                self._failure = self._failure or failure
            self._is_over = True

    def _await(self, others: Sequence[threading.Thread]) -> None:
        for other in others:
            while other.is_alive() and not self._is_over:
                other.join(EAR_S)
                self(0)
        self(0)
