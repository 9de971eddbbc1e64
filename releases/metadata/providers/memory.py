"""Where answers, tokens and counts are kept between two questions."""

import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Protocol


class Memory(Protocol):
    """Keeps JSON values for a while. It is used only by the thread that asks the providers.

    Some values are secrets, such as tokens: what outlives the process is to be encrypted.
    """

    def get(self, key: str) -> Any | None:
        """Return what is kept under `key`, unless its time is over."""

    def set(self, key: str, value: Any, ttl_s: float) -> None:
        """Keep `value` for `ttl_s` seconds."""

    def add(self, key: str, ttl_s: float) -> int:
        """Count one more under `key`, and return the count; `ttl_s` runs from the first one."""


class DictMemory:
    """For commands and tests: it lasts as long as the process."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Any]] = {}

    def get(self, key: str) -> Any | None:
        until, value = self._kept.get(key, (0.0, None))
        return value if time.monotonic() < until else None

    def set(self, key: str, value: Any, ttl_s: float) -> None:
        self._kept[key] = time.monotonic() + ttl_s, value

    def add(self, key: str, ttl_s: float) -> int:
        count = int(self.get(key) or 0) + 1
        until = self._kept[key][0] if count > 1 else time.monotonic() + ttl_s
        self._kept[key] = until, count
        return count


class Desk:
    """Lends a memory to threads, and does what they ask in the one thread that serves.

    So a memory may be rows of a database, whose connection belongs to a thread.
    """

    def __init__(self, memory: Memory, *, limit_s: float) -> None:
        self._memory = memory
        self._limit_s = limit_s
        self._orders: SimpleQueue[tuple[Callable[[], Any], SimpleQueue[Any]] | None] = SimpleQueue()

    def get(self, key: str) -> Any | None:
        return self._done(lambda: self._memory.get(key))

    def set(self, key: str, value: Any, ttl_s: float) -> None:
        self._done(lambda: self._memory.set(key, value, ttl_s))

    def add(self, key: str, ttl_s: float) -> int:
        return self._done(lambda: self._memory.add(key, ttl_s)) or 0

    def leave(self) -> None:
        """Say that one of those it was lent to needs it no more."""
        self._orders.put(None)

    def serve(self, borrowers: int) -> None:
        """Work until all have left, or the time is over."""
        end = time.monotonic() + self._limit_s
        while borrowers:
            try:
                order = self._orders.get(timeout=max(0, end - time.monotonic()))
            except Empty:
                return
            if order is None:
                borrowers -= 1
            else:
                work, results = order
                results.put(work())

    def _done(self, work: Callable[[], Any]) -> Any:
        """Return the result of `work`, or None once nobody serves any more."""
        results: SimpleQueue[Any] = SimpleQueue()
        self._orders.put((work, results))
        try:
            return results.get(timeout=self._limit_s)
        except Empty:
            return None
