from typing import Any

import pytest

from releases.metadata.providers import Candidate, Query
from releases.metadata.providers.ranking import folded, ranked


def order(query: Query, *said: dict[str, Any]) -> list[int]:
    """Return the places of what is said, the best first."""
    found = [Candidate(provider="x", url=str(place), values=one) for place, one in enumerate(said)]
    return [int(one.url) for one in ranked(query, found)]


def test_an_equal_isbn_wins_over_everything() -> None:
    query = Query(title="Emma", author="Jane Austen", isbn="9780306406157", year=1815)

    assert order(
        query,
        {"title": "Emma", "author": "Jane Austen", "year": 1815, "isbn": "9782070368228"},
        {"title": "Emma: a novel", "isbn": "9780306406157"},
    ) == [1, 0]


@pytest.mark.parametrize(
    ("asked", "better", "worse"),
    [
        ("the plague", "The Plague", "The Plague Dogs"),
        ("Les Misérables", "LES MISERABLES", "Les Misérables, tome 2"),
        ("Frankenstein", "Frankenstein; or, The Modern Prometheus", "Frankenstein Unbound"),
        ("Dune", "Dune", "Dune: Messiah"),
        ("Алиса", "Алиса", "Alice"),
    ],
)
def test_the_nearer_title_comes_first(asked: str, better: str, worse: str) -> None:
    assert order(Query(title=asked), {"title": worse}, {"title": better}) == [1, 0]


def test_the_author_parts_equal_titles() -> None:
    assert order(
        Query(title="Emma", author="Austen, Jane"),
        {"title": "Emma", "author": "Alexander McCall Smith"},
        {"title": "Emma", "author": "Jane Austen & Someone Else"},
        {"title": "Emma"},
    ) == [1, 0, 2]


def test_the_year_and_the_language_part_what_is_left() -> None:
    query = Query(title="Emma", year=1996, language="en-GB")
    one = {"title": "Emma"}

    assert order(query, one | {"year": 2020}, one | {"year": 1997}, one | {"year": 1996}) == [
        2,
        1,
        0,
    ]
    assert order(query, one | {"language": "fr"}, one | {"language": "en"}) == [1, 0]


def test_what_fits_as_well_stays_in_order() -> None:
    assert order(Query(title="x"), {"title": "Emma"}, {"title": "Emma"}) == [0, 1]


def test_what_has_no_title_is_no_candidate() -> None:
    assert order(Query(isbn="9780306406157"), {"isbn": "9780306406157"}) == []


def test_signs_alone_fit_nothing() -> None:
    assert folded("—!?…") == ""
    assert order(Query(title="…"), {"title": "!"}, {"title": "Emma"}) == [0, 1]
