from typing import Any

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.permissions import grant
from enrichment import actions
from enrichment.models import ApiConfig
from tests.factories import make_admin, make_user
from tests.loopback import LoopbackProviders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
PATH = "/api/config/apis"
CANARY = "canary-4711"


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def admin(seeded: None) -> APIClient:
    return client_of(make_admin())


def make_api(owner: User | None = None, **fields: Any) -> ApiConfig:
    return ApiConfig.objects.create(
        user=owner, **{"name": "GoogleBooks", "api_key": CANARY} | fields
    )


def test_an_administrator_keeps_changes_and_forgets_a_key(admin: APIClient) -> None:
    body = {"name": "GoogleBooks", "api_key": CANARY, "active": True, "user_id": None}
    made = admin.post(PATH, body, format="json")
    number = made.json()["id"]
    changed = admin.put(f"{PATH}/{number}", {"api_key": "new", "active": False}, format="json")
    config = ApiConfig.objects.get()
    gone = admin.delete(f"{PATH}/{number}")

    assert (made.status_code, made.json()) == (201, {"id": number, "message": "API config created"})
    assert (changed.status_code, changed.json()) == (
        200,
        {"id": number, "message": "API config updated"},
    )
    assert (config.active, config.api_key.reveal()) == (False, "new")
    assert (gone.status_code, gone.json()) == (200, {"message": "API config deleted"})
    assert not ApiConfig.objects.exists()


def test_the_list_tells_what_is_configured_and_no_key(admin: APIClient) -> None:
    ann = make_user()
    make_api(ann)
    make_api(name="OpenLibrary", api_key="")
    make_api(name="OMDb", api_key="", active=False)

    answer = admin.get(PATH)

    apis = answer.json()["apis"]
    assert answer.status_code == 200
    assert set(answer.json()) == {"apis"}
    assert {frozenset(api) for api in apis} == {
        frozenset({"id", "name", "active", "user_id", "configured", "created_at"})
    }
    assert [(api["name"], api["user_id"], api["active"], api["configured"]) for api in apis] == [
        ("GoogleBooks", ann.pk, True, True),
        ("OpenLibrary", None, True, True),
        ("OMDb", None, False, False),
    ]
    assert apis[0]["created_at"].endswith("Z")
    assert CANARY not in answer.content.decode()


def test_the_list_is_narrowed_to_one_user(admin: APIClient) -> None:
    ann = make_user()
    own = make_api(ann)
    make_api()

    of_ann = admin.get(PATH, {"user_id": ann.pk}).json()["apis"]

    assert [api["id"] for api in of_ann] == [own.pk]
    for number in ("x", "9" * 5_000):
        assert admin.get(PATH, {"user_id": number}).status_code == 400
    assert admin.get(PATH, {"user_id": 999_999}).json()["errors"] == {
        "user_id": ["User with id 999999 not found"]
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("post", ""), ("put", "/1"), ("delete", "/1"), ("post", "/1/test")],
)
def test_without_a_login_nothing_is_done(method: str, path: str) -> None:
    assert getattr(APIClient(), method)(f"{PATH}{path}").status_code == 401


def test_keys_for_all_are_the_administrators(api: APIClient, operator: User) -> None:
    bob = make_user()
    for_all, others = make_api(), make_api(bob)
    new = {"name": "OMDb", "api_key": "a"}
    body = {"active": False}

    listed = api.get(PATH)
    assert (listed.status_code, listed.json()["message"]) == (
        403,
        "You don't have READ permission on config",
    )
    assert api.get(PATH, {"user_id": bob.pk}).status_code == 403
    for owner in (None, bob.pk, 999_999):
        refused = api.post(PATH, new | {"user_id": owner}, format="json")
        assert refused.status_code == 403
        assert refused.json()["message"] == "You don't have WRITE permission on config"
    for config in (for_all, others):
        missing = api.put(f"{PATH}/999999", body, format="json").json()["message"]
        hidden = api.put(f"{PATH}/{config.pk}", body, format="json")
        assert hidden.status_code == 404
        assert hidden.json()["message"] == missing.replace("999999", str(config.pk))
        assert api.delete(f"{PATH}/{config.pk}").status_code == 404
        assert api.post(f"{PATH}/{config.pk}/test").status_code == 404
    assert ApiConfig.objects.filter(active=True).count() == 2


def test_ones_own_keys_need_no_right(operator: User) -> None:
    for user in (operator, make_user()):
        client = client_of(user)
        new = {"name": "OMDb", "api_key": CANARY, "user_id": user.pk}
        made = client.post(PATH, new, format="json")
        number = made.json()["id"]

        assert made.status_code == 201
        listed = client.get(PATH, {"user_id": user.pk}).json()["apis"]
        assert [api["id"] for api in listed] == [number]
        changed = client.put(f"{PATH}/{number}", {"active": False}, format="json")
        assert changed.status_code == 200
        assert client.delete(f"{PATH}/{number}").status_code == 200


def test_who_may_only_read_the_configuration_changes_nothing() -> None:
    reader = make_user()
    grant(reader, "config", "read")
    client, config = client_of(reader), make_api()

    assert client.get(PATH).status_code == 200
    for method, path, action in (
        ("post", "", "WRITE"),
        ("put", f"/{config.pk}", "MOD"),
        ("delete", f"/{config.pk}", "DELETE"),
        ("post", f"/{config.pk}/test", "WRITE"),
    ):
        answer = getattr(client, method)(f"{PATH}{path}", {"name": "OMDb"}, format="json")
        assert answer.status_code == 403
        assert answer.json()["message"] == f"You don't have {action} permission on config"


def test_nobody_becomes_owner_by_a_change(api: APIClient, operator: User) -> None:
    config = make_api(operator)
    body = {"user_id": None, "owner_number": 0, "user": None, "name": "OMDb", "id": 1}

    answer = api.put(f"{PATH}/{config.pk}", body, format="json")

    config.refresh_from_db()
    assert answer.status_code == 200
    assert (config.user, config.name) == (operator, "GoogleBooks")


def test_a_second_key_of_a_provider_is_a_conflict(admin: APIClient) -> None:
    make_api()

    answer = admin.post(PATH, {"name": "GoogleBooks", "api_key": "b"}, format="json")

    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"name": "Nobody"}, 400),
        ({"name": "OMDb", "active": "perhaps"}, 400),
        ({"name": "OMDb", "user_id": "me"}, 400),
        ({"name": "OMDb", "user_id": 10**30}, 400),
        ({"name": "OMDb", "api_key": "two words"}, 422),
        ({"name": "OMDb", "base_url": "file:///etc/passwd"}, 422),
    ],
)
def test_what_cannot_be_kept_is_refused(
    admin: APIClient, body: dict[str, Any], status: int
) -> None:
    assert admin.post(PATH, body, format="json").status_code == status


def test_a_new_address_asks_for_the_key_again(admin: APIClient) -> None:
    config = make_api()
    body = {"base_url": "https://evil.example"}

    refused = admin.put(f"{PATH}/{config.pk}", body, format="json")
    taken = admin.put(f"{PATH}/{config.pk}", body | {"api_key": "b"}, format="json")

    assert (refused.status_code, taken.status_code) == (422, 200)
    assert "Give the key again" in refused.json()["message"]


def test_a_test_answers_the_time_it_took(admin: APIClient, providers: LoopbackProviders) -> None:
    config = make_api()

    answer = admin.post(f"{PATH}/{config.pk}/test", {"query": "test search"}, format="json")

    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"success", "message", "response_time"}
    assert (body["success"], body["message"]) == (True, "API connection successful")
    assert isinstance(body["response_time"], int)


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, "401 Unauthorized"), (503, "503 Service Unavailable"), (522, "522")],
)
def test_a_failed_test_says_why(
    admin: APIClient, providers: LoopbackProviders, status: int, error: str
) -> None:
    config = make_api()
    providers.answers["/GoogleBooks/volumes"] = (status, {})

    answer = admin.post(f"{PATH}/{config.pk}/test")

    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"success", "message", "error"}
    assert (body["success"], body["error"]) == (False, error)
    assert ("Invalid API key" in body["message"]) == (status == 401)
    assert CANARY not in answer.content.decode()


def test_a_test_goes_to_no_host_that_a_request_names(
    admin: APIClient, providers: LoopbackProviders
) -> None:
    config = make_api()
    elsewhere = {"base_url": providers.url("elsewhere"), "host": providers.host, "url": "x"}

    admin.post(f"{PATH}/{config.pk}/test", elsewhere, format="json")

    assert providers.keys("GoogleBooks")
    assert not any("/elsewhere/" in one for one in providers.asked)


def test_a_test_of_a_key_that_cannot_be_read_fails(admin: APIClient, settings: Settings) -> None:
    config = make_api()
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]

    body = admin.post(f"{PATH}/{config.pk}/test").json()

    assert (body["success"], body["error"]) == (False, "Undecryptable")


def test_a_longer_list_costs_no_more_queries(
    admin: APIClient, django_assert_num_queries: Any
) -> None:
    make_api(make_user())
    admin.get(PATH)
    with django_assert_num_queries(1):
        admin.get(PATH)
    make_api(make_user())
    make_api(make_user())
    with django_assert_num_queries(1):
        admin.get(PATH)


def test_a_change_of_what_somebody_changed_meanwhile_is_refused(api: APIClient) -> None:
    owner = User.objects.get(username="operator")
    config = actions.create_api(actions.NewApi(name="OpenLibrary", owner=owner), by=owner)
    path = f"/api/config/apis/{config.pk}"
    read = api.get(path)
    first = api.put(path, {"active": False}, format="json", HTTP_IF_MATCH=read["ETag"])

    second = api.put(path, {"active": True}, format="json", HTTP_IF_MATCH=read["ETag"])
    removal = api.delete(path, HTTP_IF_MATCH=read["ETag"])

    assert read.json()["name"] == "OpenLibrary"
    assert [first.status_code, second.status_code, removal.status_code] == [200, 412, 412]
    config.refresh_from_db()
    assert not config.active
