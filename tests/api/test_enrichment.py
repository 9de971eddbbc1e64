from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from enrichment.models import ApiConfig
from jobs.models import Job
from tests.factories import make_user
from tests.loopback import LoopbackProviders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
PATH = "/api/wizard/step/6/enrich"
BODY: dict[str, Any] = {
    "metadata": {"title": "Some Book", "author": "Ann Author", "edition": "2nd"},
    "release_type": "EBOOK",
    "api_priority": ["OpenLibrary", "GoogleBooks"],
}


def test_gaps_are_filled_and_their_sources_named(
    api: APIClient, operator: User, providers: LoopbackProviders
) -> None:
    ApiConfig.objects.create(name="GoogleBooks", api_key="canary-4711")

    answer = api.post(PATH, BODY, format="json")

    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"enriched", "sources", "candidates", "warnings"}
    assert body["enriched"] == BODY["metadata"] | {
        "publisher": "Open Publisher",
        "year": 2020,
        "language": "en",
        "isbn": "9780306406157",
        "pages": 321,
    }
    assert body["sources"] == {
        "publisher": "OpenLibrary",
        "year": "OpenLibrary",
        "language": "OpenLibrary",
        "isbn": "GoogleBooks",
        "pages": "GoogleBooks",
    }
    assert [one["provider"] for one in body["candidates"]] == ["OpenLibrary", "GoogleBooks"]
    assert set(body["candidates"][0]) == {"provider", "url", "values"}
    assert body["warnings"] == []
    assert "canary" not in answer.content.decode()
    job = Job.objects.get()
    assert (job.work, job.status, job.by) == ("enrich", "completed", operator)


def test_providers_that_say_nothing_cost_warnings(
    api: APIClient, providers: LoopbackProviders
) -> None:
    providers.answers.clear()

    body = api.post(PATH, BODY, format="json").json()

    assert body["enriched"] == BODY["metadata"]
    assert (body["sources"], body["candidates"]) == ({}, [])
    assert len(body["warnings"]) == 1
    assert "Google Books needs an API key" in body["warnings"][0]


def test_the_preferred_order_is_used_where_none_is_given(
    api: APIClient, providers: LoopbackProviders
) -> None:
    ApiConfig.objects.create(name="GoogleBooks", api_key="a")
    order = {"api_priority_order": ["GoogleBooks", "OpenLibrary"]}
    api.put("/api/config/preferences", order, format="json")
    body = {name: value for name, value in BODY.items() if name != "api_priority"}

    assert api.post(PATH, body, format="json").json()["sources"]["publisher"] == "GoogleBooks"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"metadata": "Some Book"}, 400),
        ({"release_type": "MUSIC"}, 400),
        ({"api_priority": ["Nobody"]}, 400),
        ({"metadata": {"author": "Ann Author"}}, 422),
    ],
)
def test_what_cannot_be_asked_is_refused(
    api: APIClient, wrong: dict[str, Any], status: int
) -> None:
    assert api.post(PATH, BODY | wrong, format="json").status_code == status


def test_asking_takes_the_right_to_make_releases() -> None:
    client = APIClient()
    assert client.post(PATH, BODY, format="json").status_code == 401

    client.force_authenticate(make_user())
    refused = client.post(PATH, BODY, format="json")

    assert refused.status_code == 403
    assert refused.json()["message"] == "You don't have WRITE permission on releases"
