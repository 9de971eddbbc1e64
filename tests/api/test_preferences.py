from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Preference, User
from accounts.preferences import KNOWN

pytestmark = pytest.mark.django_db
PATH = "/api/config/preferences"


def test_preferences_are_kept_and_told(api: APIClient, operator: User) -> None:
    body = {"api_priority_order": ["GoogleBooks", "OpenLibrary"], "view_mode": "cards"}
    updated = api.put(PATH, body, format="json")
    told = api.get(PATH)

    assert (updated.status_code, updated.json()) == (200, {"message": "Preferences updated"})
    assert told.status_code == 200
    assert set(told.json()) == {"preferences"}
    assert set(told.json()["preferences"]) == set(KNOWN)
    assert body.items() <= told.json()["preferences"].items()
    assert set(Preference.objects.values_list("user", flat=True)) == {operator.pk}


def test_one_preference_is_told_alone(api: APIClient) -> None:
    assert api.get(PATH, {"key": "view_mode"}).json() == {"preferences": {"view_mode": "table"}}


def test_that_of_all_is_told_to_who_says_nothing_else(api: APIClient) -> None:
    Preference.objects.create(key="view_mode", value="cards")

    assert api.get(PATH, {"key": "view_mode"}).json() == {"preferences": {"view_mode": "cards"}}


@pytest.mark.parametrize(
    "body", [["view_mode"], {"view_mode": "grid"}, {"user_id": 1}, {"theme": "dark", "x": 1}]
)
def test_what_makes_no_sense_is_refused_whole(api: APIClient, body: Any) -> None:
    answer = api.put(PATH, body, format="json")

    assert (answer.status_code, answer.json()["error"]) == (400, "ValidationError")
    assert not Preference.objects.exists()


def test_an_unknown_key_is_named(api: APIClient) -> None:
    unknown = api.get(PATH, {"key": "nonsense"})
    wrong = api.put(PATH, {"nonsense": 1}, format="json")

    assert unknown.status_code == 400
    assert list(wrong.json()["errors"]) == ["nonsense"]
    assert "view_mode" in wrong.json()["message"]


def test_preferences_are_of_who_is_signed_in() -> None:
    assert APIClient().get(PATH).status_code == 401
    assert APIClient().put(PATH, {}, format="json").status_code == 401
