"""A provider that fails again and again is left alone for a while."""

from datetime import UTC, datetime, timedelta

from releases.metadata.providers.memory import Memory
from releases.metadata.providers.provider import (
    Outage,
    Provider,
    ProviderError,
    Spent,
    Throttled,
)

FAILURE_LIMIT = 5
PAUSE_S = 300
PAUSE_LIMIT_S = 3600
"""However much patience it asks for."""
COUNT_S = 86_400
TRIAL_S = 15
"""How long the first question after a pause may take; until then there is no second."""


class Fuse:
    """Counts failures in a row; blows after five, and lets one question try after a pause."""

    def __init__(self, memory: Memory, scope: str) -> None:
        self._memory = memory
        self._failures = f"failures:{scope}"
        self._pause = f"pause:{scope}"
        self._trial = f"trial:{scope}"

    def may_ask(self) -> bool:
        return not self._memory.get(self._pause) and self._may_try()

    def mend(self) -> None:
        if self._memory.get(self._failures):
            self._memory.set(self._failures, 0, COUNT_S)
            self._memory.set(self._pause, 0, PAUSE_S)

    def fail(self, asked_s: float) -> None:
        is_blown = self._memory.add(self._failures, COUNT_S) >= FAILURE_LIMIT
        pause_s = max(asked_s, PAUSE_S if is_blown else 0)
        if pause_s:
            self._memory.set(self._pause, 1, min(pause_s, PAUSE_LIMIT_S))

    def _may_try(self) -> bool:
        failures = self._memory.get(self._failures) or 0
        return failures < FAILURE_LIMIT or self._memory.add(self._trial, TRIAL_S) == 1


class Breaker:
    """Leaves a service alone that is out of order, and lets a key rest that asked too much."""

    def __init__(self, memory: Memory, provider: Provider, *, service: str, account: str) -> None:
        """`service` names who answers; `account` also whose key it is, without telling it."""
        self._memory = memory
        self._provider = provider
        self._of_service, self._of_account = Fuse(memory, service), Fuse(memory, account)
        self._spent = f"spent:{account}"

    def refuse(self) -> None:
        """Let a question pass, if it may.

        Raises:
            ProviderError: the provider is left alone, or the key may ask no more today.
        """
        if self._memory.get(self._spent):
            raise Spent(self._provider)
        if not (self._of_service.may_ask() and self._of_account.may_ask()):
            raise ProviderError(
                "%(provider)s is left alone for some minutes, since it failed repeatedly.",
                provider=self._provider.title,
            )

    def note(self, trouble: ProviderError | None, *, asked_s: float = 0) -> None:
        """Learn from how a question ended; `asked_s` is the patience asked for."""
        if isinstance(trouble, Spent):
            pause_s = rest_s(datetime.now(UTC), self._provider.day_begins)
            self._memory.set(self._spent, 1, pause_s)
        elif isinstance(trouble, Throttled):
            self._of_account.fail(asked_s)
        elif isinstance(trouble, Outage):
            self._of_service.fail(asked_s)
        else:
            self._of_service.mend()
            self._of_account.mend()


def rest_s(now: datetime, hour: int) -> float:
    """Return the seconds until it is `hour` o'clock."""
    then = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return ((then - now) % timedelta(days=1)).total_seconds() or 1.0
