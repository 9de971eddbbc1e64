"""Works found by a search, the best of them told in full."""

from collections.abc import Callable
from typing import Any

from releases.metadata.providers.candidate import Candidate, Query
from releases.metadata.providers.connection import Connection
from releases.metadata.providers.ranking import best_first

Work = dict[str, Any]
"""As a provider describes it."""


def told(
    query: Query,
    connection: Connection,
    found: list[Work],
    *,
    read: Callable[[Work], dict[str, Any]],
    more: Callable[[Query, Work, Connection], dict[str, Any]],
    page: Callable[[Work], str],
) -> list[Candidate]:
    """Return the works `found`, the best first: what is `read` of each, and of the best `more`.

    Asking for more takes questions of its own; where these fail, the rest stands.
    """
    works = best_first(query, found, read)
    values = [read(work) for work in works]
    if works:
        with connection.forgiving():
            values[0] |= more(query, works[0], connection)
    return [
        Candidate(provider=connection.name, url=page(work), values=said)
        for work, said in zip(works, values, strict=True)
    ]
