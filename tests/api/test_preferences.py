from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Preference, User
from accounts.preferences import KNOWN
from tests.factories import make_admin

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


def test_one_of_all_has_no_tag_that_a_change_would_refuse(api: APIClient) -> None:
    whole, one = api.get(PATH), api.get(PATH, {"key": "view_mode"})

    assert "ETag" in whole
    assert one.json() == {"preferences": {"view_mode": "table"}}
    assert "ETag" not in one


def test_an_unknown_key_is_named(api: APIClient) -> None:
    unknown = api.get(PATH, {"key": "nonsense"})
    wrong = api.put(PATH, {"nonsense": 1}, format="json")

    assert unknown.status_code == 400
    assert list(wrong.json()["errors"]) == ["nonsense"]
    assert "view_mode" in wrong.json()["message"]


def test_preferences_are_of_who_is_signed_in() -> None:
    assert APIClient().get(PATH).status_code == 401
    assert APIClient().put(PATH, {}, format="json").status_code == 401


@pytest.fixture(params=["/api/config/preferences", "/api/preferences"])
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_both_places_serve_the_same(api: APIClient, place: str) -> None:
    assert api.put(place, {"view_mode": "cards"}, format="json").status_code == 200

    for other in ("/api/config/preferences", "/api/preferences"):
        assert api.get(f"{other}/view_mode").json() == {"key": "view_mode", "value": "cards"}


def test_one_preference_is_said_changed_and_forgotten(api: APIClient, place: str) -> None:
    said = api.post(place, {"key": "view_mode", "value": "cards"}, format="json")
    changed = api.put(f"{place}/theme", {"value": "dark"}, format="json")

    assert (said.status_code, said.json()) == (200, {"key": "view_mode", "value": "cards"})
    assert (changed.status_code, changed.json()) == (200, {"key": "theme", "value": "dark"})
    assert api.delete(f"{place}/view_mode").status_code == 204
    assert api.get(f"{place}/view_mode").json()["value"] == "table"
    assert api.get(f"{place}/theme").json()["value"] == "dark"


def test_all_are_forgotten_at_once(api: APIClient, operator: User, place: str) -> None:
    api.put(place, {"view_mode": "cards", "theme": "dark"}, format="json")
    Preference.objects.create(key="view_mode", value="cards")

    assert api.delete(place).status_code == 204
    assert not operator.preferences.exists()
    assert api.get(f"{place}/view_mode").json()["value"] == "cards"


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_an_unknown_key_is_nowhere(api: APIClient, place: str, method: str) -> None:
    answer = getattr(api, method)(f"{place}/nonsense", {"value": 1}, format="json")

    assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")


@pytest.mark.parametrize(
    "body",
    [
        {"key": "nonsense", "value": 1},
        {"key": "view_mode"},
        {"value": "cards"},
        {"key": "view_mode", "value": "grid"},
        {"key": "list_filters", "value": {"long": "x" * 10_001}},
        {"key": ["view_mode"], "value": "cards"},
        [],
    ],
    ids=range(7),
)
def test_one_that_cannot_be_kept_is_refused(api: APIClient, place: str, body: Any) -> None:
    answer = api.post(place, body, format="json")

    assert (answer.status_code, answer.json()["error"]) == (400, "ValidationError")
    assert not Preference.objects.exists()


def test_what_is_exported_can_be_imported(api: APIClient, operator: User, place: str) -> None:
    api.put(place, {"view_mode": "cards", "theme": "dark"}, format="json")
    exported = api.post(f"{place}/export")
    api.delete(place)

    assert exported.json() == {"preferences": {"view_mode": "cards", "theme": "dark"}}
    assert api.post(f"{place}/import", exported.json(), format="json").status_code == 200
    assert dict(operator.preferences.values_list("key", "value")) == exported.json()["preferences"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"preferences": []},
        {"preferences": {"theme": "dark", "nonsense": 1}},
        {"preferences": {"theme": "dark", "view_mode": "grid"}},
    ],
    ids=range(5),
)
def test_an_import_is_kept_whole_or_not_at_all(api: APIClient, place: str, body: Any) -> None:
    assert api.post(f"{place}/import", body, format="json").status_code == 400
    assert not Preference.objects.exists()


def test_an_edit_of_what_was_changed_meanwhile_is_refused(api: APIClient, place: str) -> None:
    for address, body in ((place, {"theme": "dark"}), (f"{place}/theme", {"value": "light"})):
        stale = {"If-Match": api.get(address)["ETag"]}
        assert api.put(address, body, format="json", headers=stale).status_code == 200

        assert api.put(address, body, format="json", headers=stale).status_code == 412
        assert api.delete(address, headers=stale).status_code == 412
        fresh = {"If-Match": api.get(address)["ETag"]}
        assert api.delete(address, headers=fresh).status_code == 204


def test_what_holds_for_all_is_set_by_who_configures_the_site(
    api: APIClient, operator: User, place: str
) -> None:
    admin = APIClient()
    admin.force_authenticate(make_admin())
    path = f"{place}/global"

    assert api.get(path).status_code == 403
    assert "WRITE permission on config" in api.post(path, {}, format="json").json()["message"]
    assert admin.post(path, {"view_mode": "cards"}, format="json").status_code == 200
    assert admin.post(path, {"key": "theme", "value": "dark"}, format="json").status_code == 200
    assert admin.get(path).json()["preferences"]["theme"] == "dark"
    told = api.get(place).json()["preferences"]
    assert (told["view_mode"], told["theme"]) == ("cards", "dark")

    assert admin.post(path, {"theme": None}, format="json").status_code == 200
    assert admin.get(path).json()["preferences"]["theme"] == "auto"
    refused: list[Any] = [{"nonsense": None}, {"theme": "pink"}, [], {"key": "x", "value": 1}]
    for wrong in refused:
        assert admin.post(path, wrong, format="json").status_code == 400
    assert not operator.preferences.exists()


def test_an_edit_of_what_holds_for_all_is_lost_to_nobody(place: str, seeded: None) -> None:
    admin = APIClient()
    admin.force_authenticate(make_admin())
    stale = {"If-Match": admin.get(f"{place}/global")["ETag"]}
    first = admin.post(f"{place}/global", {"theme": "dark"}, format="json", headers=stale)
    second = admin.post(f"{place}/global", {"theme": "light"}, format="json", headers=stale)

    assert (first.status_code, second.status_code) == (200, 412)
