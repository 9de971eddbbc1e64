"""Bodies that are JSON, and yet of no use."""

import pytest
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db
PREFERENCES, ENRICH = "/api/config/preferences", "/api/wizard/step/6/enrich"
DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000


@pytest.mark.parametrize(
    "value", [b'"\\ud800"', b"1e999", DEEP], ids=["lone surrogate", "endless number", "deep"]
)
def test_what_no_row_and_no_answer_takes_is_refused(api: APIClient, value: bytes) -> None:
    kept = b'{"wizard_defaults": {"a": ' + value + b"}}"
    asked = b'{"release_type": "EBOOK", "metadata": {"title": ' + value + b"}}"

    answers = [
        api.put(PREFERENCES, kept, content_type="application/json"),
        api.post(ENRICH, asked, content_type="application/json"),
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json()["message"] == "The body is no JSON that can be kept."
    assert api.get(PREFERENCES).json()["preferences"]["wizard_defaults"] == {}


def test_a_body_that_is_too_large_is_refused_in_our_shape(api: APIClient) -> None:
    body = b'{"wizard_defaults": {"a": "' + b"x" * 3_000_000 + b'"}}'

    answer = api.put(PREFERENCES, body, content_type="application/json")

    assert (answer.status_code, answer.json()["error"]) == (413, "PayloadTooLarge")
