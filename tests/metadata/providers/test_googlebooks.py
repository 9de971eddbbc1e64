from typing import Any

import pytest

from tests.metadata.providers.conftest import KEY, Asks
from tests.metadata.providers.said import VOLUME
from tests.metadata.service import Service, sent


def refusal(message: str, reason: str) -> dict[str, Any]:
    return {"error": {"message": message, "errors": [{"message": message, "reason": reason}]}}


def test_a_volume_is_told_in_full(service: Service, asks: Asks) -> None:
    service.on("/volumes", sent({"totalItems": 1, "items": [VOLUME]}))

    answer = asks("GoogleBooks", isbn="9782070368228")

    assert answer.candidates[0].url == "https://books.google.com/books?id=Abc_-123"
    assert answer.candidates[0].values == {
        "title": "La Peste",
        "subtitle": "Roman",
        "author": "Albert Camus",
        "publisher": "Gallimard",
        "year": 1972,
        "language": "fr",
        "isbn": "9782070368228",
        "genre": "Fiction",
        "description": "Rats and men.",
        "pages": 278,
    }
    assert service.asked[0].query["q"] == "isbn:9782070368228"
    assert service.asked[0].query["key"] == KEY


def test_a_title_is_searched_for_where_the_isbn_is_not_known(service: Service, asks: Asks) -> None:
    service.on("/volumes", sent({"totalItems": 0}), sent({"items": [VOLUME]}))

    answer = asks(
        "GoogleBooks",
        isbn="9780306406157",
        title='La "Peste"',
        author="Albert Camus & X",
        language="fr-CA",
    )

    assert answer.candidates[0].values["title"] == "La Peste"
    assert service.asked[1].query["q"] == 'intitle:"La Peste" inauthor:"Albert Camus"'
    assert service.asked[1].query["langRestrict"] == "fr"
    assert service.asked[1].query["country"] == "US"


REFUSALS: dict[str, tuple[int, dict[str, Any], str, int]] = {
    "a key unknown": (
        400,
        refusal("API key not valid. Please", "badRequest"),
        "Invalid API key",
        1,
    ),
    "a key unknown by reason": (
        400,
        {"error": {"message": "x", "details": [{"reason": "API_KEY_INVALID"}]}},
        "Invalid API key: Google Books does not know it",
        1,
    ),
    "the day over": (
        403,
        refusal("Daily Limit Exceeded", "dailyLimitExceeded"),
        "no more today",
        1,
    ),
    "the day over, newer": (
        429,
        refusal("limit 'Queries per day' of service", "rateLimitExceeded"),
        "no more today",
        1,
    ),
    "the minute over": (429, refusal("'Queries per minute'", "x"), "asks for patience", 3),
    "a place unknown": (403, refusal("x", "unknownLocation"), "refuses the question", 1),
    "out of order": (503, refusal("x", "backendFailed"), "is out of order (HTTP 503)", 3),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_google_is_understood(service: Service, asks: Asks, name: str) -> None:
    status, document, sentence, requests = REFUSALS[name]
    service.on("/volumes", sent(document, status))

    answer = asks("GoogleBooks", title="x")

    assert sentence in str(answer.trouble)
    assert len(service.asked) == requests
