"""Who else knows the work: five providers of metadata, asked at once. No Django here."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Thread
from typing import TYPE_CHECKING

from releases.metadata import fields
from releases.metadata.http import Deadline
from releases.metadata.providers import googlebooks, omdb, openlibrary, tmdb, tvdb
from releases.metadata.providers.candidate import Candidate, Query
from releases.metadata.providers.connection import Connection
from releases.metadata.providers.memory import Desk, DictMemory, Memory
from releases.metadata.providers.provider import Access, Outage, Provider, ProviderError

if TYPE_CHECKING:
    from releases.metadata.http.outlet import Outlet

PROVIDERS: Mapping[str, Provider] = {
    "OpenLibrary": openlibrary.PROVIDER,
    "GoogleBooks": googlebooks.PROVIDER,
    "TVDB": tvdb.PROVIDER,
    "TMDb": tmdb.PROVIDER,
    "OMDb": omdb.PROVIDER,
}
"""To add one: write its module, add its line."""
CANDIDATE_LIMIT = 3
BUDGET_S = 9.5
"""For all of them; the rest of the ten seconds is for telling it."""
GRACE_S = 0.3
"""In which those whose time is over say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    provider: str
    """Its key in `PROVIDERS`."""
    candidates: tuple[Candidate, ...] = ()
    """The best first, at most three."""
    trouble: ProviderError | None = None
    seconds: float = 0.0
    from_cache: bool = False


def ask(
    names: Sequence[str], query: Query, *, access: Access, timeout_s: float | None = None
) -> list[Answer]:
    """Ask the providers `names` at once, and return their answers in that order within 10 s.

    A provider that is down, slow or wrong says so in its answer. Another `timeout_s` is for all
    of them, too.
    """
    budget_s = timeout_s or BUDGET_S
    query = _tidied(query)
    desk, deadline = Desk(access.memory, limit_s=budget_s + GRACE_S), Deadline(budget_s)
    answers: dict[str, Answer] = {}

    def run(name: str) -> None:
        try:
            answers[name] = _answer(name, query, access, desk, deadline)
        finally:
            desk.leave()

    for name in names:
        Thread(target=run, args=(name,), name=f"ask-{name}", daemon=True).start()
    desk.serve(borrowers=len(names))
    return [answers.get(name) or _silence(name, budget_s) for name in names]


def check(name: str, *, access: Access, timeout_s: float = BUDGET_S) -> int:
    """Ask the provider `name` for anything, and return the milliseconds it took.

    Raises:
        ProviderError: it cannot be reached, or refuses the key.
    """
    provider, began = PROVIDERS[name], time.monotonic()
    with opened(Deadline(timeout_s), access) as outlet:
        connection = Connection(name, provider, outlet, access=access, memory=access.memory)
        connection.is_fresh = True
        connection.require_key()
        provider.check(connection)
    return round(1000 * (time.monotonic() - began))


def _tidied(query: Query) -> Query:
    return replace(
        query,
        title=fields.known(query.title),
        author=fields.known(query.author),
        isbn=fields.isbn(query.isbn),
        language=fields.language(query.language),
    )


def opened(deadline: Deadline, access: Access) -> "Outlet":
    """Return the way out to the providers, loaded for the first that is asked."""
    from releases.metadata.http.outlet import Outlet  # noqa: PLC0415

    return Outlet(deadline, allowed_hosts=access.allowed_hosts)


def _answer(name: str, query: Query, access: Access, memory: Memory, deadline: Deadline) -> Answer:
    provider, began = PROVIDERS[name], time.monotonic()
    with opened(deadline, access) as outlet:
        connection = Connection(name, provider, outlet, access=access, memory=memory)
        found: list[Candidate] = []
        with connection.forgiving():
            connection.require_key()
            found = provider.lookup(query, connection)
    return Answer(
        provider=name,
        candidates=tuple(found[:CANDIDATE_LIMIT]),
        trouble=connection.trouble,
        seconds=time.monotonic() - began,
        from_cache=connection.is_from_cache and not connection.trouble,
    )


def _silence(name: str, seconds: float) -> Answer:
    title = PROVIDERS[name].title
    trouble = Outage("%(provider)s gave no answer in time: try again later.", provider=title)
    return Answer(provider=name, trouble=trouble, seconds=seconds)


__all__ = [
    "PROVIDERS",
    "Access",
    "Answer",
    "Candidate",
    "DictMemory",
    "Memory",
    "Provider",
    "ProviderError",
    "Query",
    "ask",
    "check",
]
