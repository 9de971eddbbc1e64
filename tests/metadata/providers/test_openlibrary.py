from typing import Any

import pytest

from tests.metadata.providers.conftest import Asks
from tests.metadata.providers.said import EDITION_DATA, EDITION_DETAILS, ISBN, WORK
from tests.metadata.service import Service, sent


def in_turn(service: Service, details: Any, data: Any) -> None:
    service.on("/api/books", sent({f"ISBN:{ISBN}": {"details": details}}), sent(data))


def test_an_edition_is_told_by_both_of_its_records(service: Service, asks: Asks) -> None:
    in_turn(service, EDITION_DETAILS, {f"ISBN:{ISBN}": EDITION_DATA})

    answer = asks("OpenLibrary", isbn="2-07-036822-X", title="anything")

    assert answer.trouble is None
    assert answer.candidates[0].url == "https://openlibrary.org/books/OL1M"
    assert answer.candidates[0].values == {
        "title": "La Peste",
        "author": "Albert Camus & A. Second",
        "publisher": "Gallimard",
        "year": 1972,
        "language": "fr",
        "isbn": ISBN,
        "series": "Folio",
        "genre": "Plague, Algeria",
        "description": "Rats & men.",
        "pages": 278,
    }


def test_one_record_suffices_where_the_other_fails(service: Service, asks: Asks) -> None:
    service.on("/api/books", sent({f"ISBN:{ISBN}": {"details": EDITION_DETAILS}}), sent({}, 500))

    answer = asks("OpenLibrary", isbn=ISBN)

    assert answer.candidates[0].values["language"] == "fr"
    assert "Open Library is out of order (HTTP 500)" in str(answer.trouble)


def test_a_work_is_searched_for_where_the_isbn_is_not_known(service: Service, asks: Asks) -> None:
    service.on("/api/books", sent({}))
    service.on("/search.json", sent({"docs": [WORK]}))

    answer = asks(
        "OpenLibrary", isbn=ISBN, title="The Plague", author="Camus & Other", language="fr"
    )

    assert answer.candidates[0].url == "https://openlibrary.org/works/OL2W"
    assert answer.candidates[0].values == {
        "title": "The Plague",
        "author": "Albert Camus",
        "year": 1947,
        "language": "fr",
        "isbn": ISBN,
        "genre": "Fiction",
    }
    search = service.asked[-1]
    assert (search.query["title"], search.query["author"]) == ("The Plague", "Camus")
    assert "isbn" in search.query["fields"].split(",")


def test_what_editions_do_not_agree_on_is_not_said_of_a_work(service: Service, asks: Asks) -> None:
    service.on("/search.json", sent({"docs": [WORK | {"language": ["fre", "fra"]}]}))

    values = asks("OpenLibrary", title="The Plague").candidates[0].values

    assert "isbn" not in values
    assert "publisher" not in values
    assert values["language"] == "fr"


@pytest.mark.parametrize("contact", ["https://packer.example/", "mail@example.org"])
def test_the_user_agent_names_a_contact(service: Service, asks: Asks, contact: str) -> None:
    asks("OpenLibrary", title="x")

    assert service.asked[0].headers["user-agent"] == "ReleasePacker/0.1 (https://packer.example/)"


def test_a_refusal_tells_of_the_contact(service: Service, asks: Asks) -> None:
    service.on("*", sent({}, 403))

    answer = asks("OpenLibrary", title="x")

    assert "the operator can set CONTACT_URL" in str(answer.trouble)


@pytest.mark.parametrize(
    "key", ["javascript:alert(1)", "//evil.example/", None, "/works/OL2W/../x"]
)
def test_a_page_is_always_one_of_open_library(service: Service, asks: Asks, key: Any) -> None:
    service.on("/search.json", sent({"docs": [WORK | {"key": key}]}))

    assert asks("OpenLibrary", title="x").candidates[0].url == "https://openlibrary.org"
