"""The cache that several machines share; while it is away, each process has its own."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

RETRY_S = 5.0
"""A cache that is away is left alone so long: each try may cost a page a second."""

logger = logging.getLogger(__name__)


class Absence:
    """Whether the shared cache is away, as this process last found it."""

    def __init__(self) -> None:
        self.until = 0.0

    @property
    def lasts(self) -> bool:
        return time.monotonic() < self.until

    def begin(self, error: Exception) -> None:
        if not self.until:
            logger.warning("The cache is away, and each process counts by itself: %s", error)
        self.until = time.monotonic() + RETRY_S

    def end(self) -> None:
        if self.until:
            logger.warning("The cache is back")
        self.until = 0.0


ABSENCE = Absence()


class SharedCache(BaseCache):
    """Redis, and in its place memory: what is cached may be lost, but no page is."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = {"OPTIONS": {"MAX_ENTRIES": 100_000}}
        self.shared = RedisCache(server, params)
        self.own = LocMemCache("while the shared one is away", options)

    def _asked(self, ask: Callable[[BaseCache], Any]) -> Any:
        if ABSENCE.lasts:
            return ask(self.own)
        try:
            answer = ask(self.shared)
        except RedisError as error:
            ABSENCE.begin(error)
            return ask(self.own)
        ABSENCE.end()
        return answer

    def is_there(self) -> bool:
        """Tell whether the shared cache answers; asked now, whatever was found before."""
        try:
            self.shared.get("is_it_there")
        except RedisError as error:
            ABSENCE.begin(error)
            return False
        ABSENCE.end()
        return True

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> Any:
        return self._asked(lambda cache: cache.add(key, value, timeout, version))

    def get(self, key: str, default: Any = None, version: Any = None) -> Any:
        return self._asked(lambda cache: cache.get(key, default, version))

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> Any:
        return self._asked(lambda cache: cache.set(key, value, timeout, version))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> Any:
        return self._asked(lambda cache: cache.touch(key, timeout, version))

    def delete(self, key: str, version: Any = None) -> Any:
        return self._asked(lambda cache: cache.delete(key, version))

    def has_key(self, key: str, version: Any = None) -> Any:
        return self._asked(lambda cache: cache.has_key(key, version))

    def incr(self, key: str, delta: int = 1, version: Any = None) -> Any:
        return self._asked(lambda cache: cache.incr(key, delta, version))

    def get_many(self, keys: Any, version: Any = None) -> Any:
        return self._asked(lambda cache: cache.get_many(keys, version))

    def set_many(self, data: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> Any:
        return self._asked(lambda cache: cache.set_many(data, timeout, version))

    def delete_many(self, keys: Any, version: Any = None) -> Any:
        return self._asked(lambda cache: cache.delete_many(keys, version))

    def clear(self) -> Any:
        return self._asked(lambda cache: cache.clear())
