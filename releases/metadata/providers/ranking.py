"""Which candidate fits best what was asked."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from typing import Any, TypeVar

from releases.metadata.providers.candidate import Candidate, Query

T = TypeVar("T")

ISBN, TITLE, AUTHOR, YEAR, LANGUAGE = 10.0, 5.0, 3.0, 1.0, 0.5
"""How much each agreement counts."""
MAIN_TITLE_ONLY = 0.95
"""How well a title fits that only agrees up to its subtitle."""
COMPARED = 200
"""Characters of a title."""

_SUBTITLE = re.compile(r"[:;(\u2013\u2014].*| - .*")


def ranked(query: Query, candidates: Iterable[Candidate]) -> list[Candidate]:
    return best_first(query, candidates, lambda one: one.values)


def best_first(query: Query, found: Iterable[T], read: Callable[[T], dict[str, Any]]) -> list[T]:
    """Return what has a title among the values read of it, and fits best, first.

    What fits as well as another stays in the order given.
    """
    fits = [(fit(query, values), one) for one in found if (values := read(one)).get("title")]
    return [one for _fit, one in sorted(fits, key=lambda pair: pair[0], reverse=True)]


def fit(query: Query, values: dict[str, Any]) -> float:
    return (
        ISBN * (bool(query.isbn) and values.get("isbn") == query.isbn)
        + TITLE * _title_fit(query.title, values["title"])
        + AUTHOR * _author_fit(query.author, values.get("author", ""))
        + YEAR * _year_fit(query.year, values.get("year"))
        + LANGUAGE * _language_fit(query.language, values.get("language", ""))
    )


def folded(text: str) -> str:
    """Return the words of `text` without case, accents and signs."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", bare))


def _title_fit(asked: str, found: str) -> float:
    whole = _similarity(asked, found)
    main = _similarity(_SUBTITLE.sub("", asked), _SUBTITLE.sub("", found))
    return max(whole, MAIN_TITLE_ONLY * main)


def _similarity(one: str, other: str) -> float:
    first, second = folded(one)[:COMPARED], folded(other)[:COMPARED]
    return SequenceMatcher(a=first, b=second, autojunk=False).ratio() if first and second else 0.0


def _author_fit(asked: str, found: str) -> float:
    """Return the share of the names asked for that are among those found."""
    wanted, given = set(folded(asked).split()), set(folded(found).split())
    return len(wanted & given) / len(wanted) if wanted else 0.0


def _year_fit(asked: int | None, found: int | None) -> float:
    if not asked or not found:
        return 0.0
    return {0: 1.0, 1: 0.5}.get(abs(asked - found), 0.0)


def _language_fit(asked: str, found: str) -> bool:
    return bool(asked) and asked.partition("-")[0] == found.partition("-")[0]
