from typing import Any

import pytest

from enrichment.questions import merged, query_of


@pytest.mark.parametrize(
    ("metadata", "asked"),
    [
        ({"title": "Some Book", "author": "Ann Author"}, {"title": "Some Book"}),
        ({"isbn": "0-306-40615-2"}, {"isbn": "9780306406157"}),
        ({"isbn": "9780306406150"}, {"isbn": ""}),
        ({"title": "Unknown"}, {"title": ""}),
        ({"year": "2020"}, {"year": 2020}),
        ({"year": 2020}, {"year": 2020}),
        ({"language": "French"}, {"language": "fr"}),
        ({"episode": "S01E02"}, {"season": 1, "episode": 2}),
        ({"episode": "S2020E110-E111"}, {"season": 2020, "episode": 110}),
        ({"episode": "1968"}, {"season": None, "episode": None, "year": 1968}),
        ({"episode": "2024.05.31"}, {"season": None, "year": None}),
        ({"title": None, "year": "soon", "isbn": 7}, {"title": "", "year": None, "isbn": ""}),
    ],
)
def test_metadata_become_a_question(metadata: dict[str, Any], asked: dict[str, Any]) -> None:
    query = query_of(metadata)

    assert {name: getattr(query, name) for name in asked} == asked


def candidate(provider: str, **values: Any) -> dict[str, Any]:
    return {"provider": provider, "url": "https://example.org", "values": values}


GIVEN = {"title": "Some Book", "author": "Ann Author", "publisher": "", "year": None}


def test_gaps_are_filled_in_the_order_of_trust_and_what_is_given_stays() -> None:
    found = [
        candidate("A", title="Some book", author="Someone Else", publisher="A's"),
        candidate("B", title="Some Book: A Story", publisher="B's", year=2020),
    ]

    enriched, sources = merged(GIVEN, found, ["B", "A"])

    assert enriched == GIVEN | {"publisher": "B's", "year": 2020}
    assert sources == {"publisher": "B", "year": "B"}
    assert merged(GIVEN, found, ["A", "B"])[1] == {"publisher": "A", "year": "B"}


def test_only_the_best_match_of_each_provider_is_heard() -> None:
    found = [
        candidate("A", title="Some Book", publisher="Best"),
        candidate("A", title="Some Book", publisher="Second", year=1999),
    ]

    assert merged(GIVEN, found, ["A"])[0] == GIVEN | {"publisher": "Best"}


def test_another_work_fills_no_gap() -> None:
    other = candidate("A", title="Other Book", year=1999, isbn="9780306406157")

    assert merged(GIVEN, [other], ["A"]) == (GIVEN, {})


def test_a_work_of_the_same_isbn_is_the_same_by_any_title() -> None:
    given = {"title": "Das Buch", "isbn": "0306406152"}
    found = [candidate("A", title="The Book", isbn="9780306406157", year=1999)]

    assert merged(given, found, ["A"])[1] == {"year": "A"}


def test_without_a_title_any_match_of_the_question_fills_the_gaps() -> None:
    found = [candidate("A", title="The Book", year=1999)]

    assert merged({"isbn": "x"}, found, ["A"])[1] == {"title": "A", "year": "A"}


def test_who_is_not_in_the_order_is_not_heard() -> None:
    assert merged(GIVEN, [candidate("A", title="Some Book", year=1999)], []) == (GIVEN, {})
