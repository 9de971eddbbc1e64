from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.actions.tokens import make_token
from accounts.models import User

pytestmark = pytest.mark.django_db
CREDENTIALS = {"username": "operator", "password": "Secret-123"}


def test_login_answers_both_tokens_and_who_one_is(operator: User) -> None:
    answer = APIClient().post("/api/auth/login", CREDENTIALS, format="json")

    body = answer.json()
    assert answer.status_code == 200
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 900
    assert body["user"] == {
        "id": operator.pk,
        "username": "operator",
        "email": "operator@example.com",
        "roles": ["Operator"],
    }


def test_login_takes_a_form_and_an_e_mail_address(operator: User) -> None:
    as_form = APIClient().post("/api/auth/login", CREDENTIALS)
    by_mail = APIClient().post(
        "/api/auth/login", CREDENTIALS | {"username": operator.email}, format="json"
    )

    assert (as_form.status_code, by_mail.status_code) == (200, 200)


def test_the_access_token_carries_the_documented_claims(operator: User) -> None:
    body = APIClient().post("/api/auth/login", CREDENTIALS, format="json").json()

    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert claims["user_id"] == operator.pk
    assert claims["username"] == "operator"
    assert claims["roles"] == ["Operator"]
    assert claims["permissions"]["releases"] == ["READ", "WRITE", "MOD"]
    assert claims["exp"] - claims["iat"] == 900


@pytest.mark.parametrize("wrong", [{"password": "nope"}, {"username": "nobody"}])
def test_wrong_credentials_tell_nobody_whether_the_user_exists(
    operator: User, wrong: dict[str, str]
) -> None:
    answer = APIClient().post("/api/auth/login", CREDENTIALS | wrong, format="json")

    assert answer.status_code == 401
    assert answer.json() == {"error": "Unauthorized", "message": "Wrong user name or password"}


def test_missing_fields_are_named(operator: User) -> None:
    answer = APIClient().post("/api/auth/login", {"username": "operator"}, format="json")

    assert answer.status_code == 400
    assert answer.json()["error"] == "ValidationError"
    assert list(answer.json()["errors"]) == ["password"]


def test_me_tells_roles_groups_and_permissions(api: APIClient) -> None:
    body = api.get("/api/auth/me").json()

    assert body["active"] is True
    assert body["groups"] == []
    assert body["permissions"] == {
        "releases": ["READ", "WRITE", "MOD"],
        "rules": ["READ", "WRITE"],
    }


def test_no_token_or_a_wrong_one_is_refused_in_our_shape() -> None:
    without = APIClient().get("/api/auth/me")
    wrong = APIClient(headers={"Authorization": "Bearer x.y.z"}).get("/api/auth/me")

    for answer in (without, wrong):
        assert answer.status_code == 401
        assert answer.json()["error"] == "Unauthorized"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_an_unknown_address_answers_in_our_shape(method: str) -> None:
    answer = getattr(APIClient(), method)("/api/nowhere/at/all")

    assert answer.status_code == 404
    assert answer.json()["error"] == "NotFound"


def refreshed(token: str) -> Any:
    return APIClient(headers={"Authorization": f"Bearer {token}"}).post("/api/auth/refresh")


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def status_of(token: str) -> int:
    asking = APIClient(headers={"Authorization": f"Bearer {token}"})
    return int(asking.get("/api/auth/me").status_code)


@pytest.fixture
def tokens(operator: User) -> dict[str, Any]:
    answered: dict[str, Any] = APIClient().post("/api/auth/login", CREDENTIALS).json()
    return answered


def test_a_refresh_answers_both_new_tokens(tokens: dict[str, Any]) -> None:
    answer = refreshed(tokens["refresh_token"])

    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (body["token_type"], body["expires_in"]) == ("bearer", 900)
    assert status_of(body["access_token"]) == 200
    assert body["refresh_token"] != tokens["refresh_token"]
    assert refreshed(body["refresh_token"]).status_code == 200


@pytest.mark.parametrize("written", ["json", "multipart"])
def test_the_body_may_hold_the_refresh_token(tokens: dict[str, Any], written: str) -> None:
    sent = {"refresh_token": tokens["refresh_token"]}
    old = APIClient(headers={"Authorization": f"Bearer {tokens['access_token']}"})

    assert old.post("/api/auth/refresh", sent, format=written).status_code == 200


def test_the_access_token_goes_on_after_a_refresh(tokens: dict[str, Any]) -> None:
    refreshed(tokens["refresh_token"])

    assert status_of(tokens["access_token"]) == 200


def test_a_refresh_tells_what_one_may_do_by_now(tokens: dict[str, Any], operator: User) -> None:
    operator.groups.clear()
    User.objects.filter(pk=operator.pk).update(username="renamed")

    body = refreshed(tokens["refresh_token"]).json()

    assert claims_of(tokens["access_token"])["roles"] == ["Operator"]
    for token in (body["access_token"], body["refresh_token"]):
        claims = claims_of(token)
        assert (claims["username"], claims["roles"]) == ("renamed", [])
        assert not any(claims["permissions"].values())


def test_a_refresh_token_used_twice_ends_the_login_for_both(tokens: dict[str, Any]) -> None:
    newest = refreshed(tokens["refresh_token"]).json()

    again = refreshed(tokens["refresh_token"])

    assert again.status_code == 401
    assert again.json() == {"error": "Unauthorized", "message": "Invalid or expired token"}
    assert refreshed(newest["refresh_token"]).status_code == 401
    assert status_of(newest["access_token"]) == status_of(tokens["access_token"]) == 401


def test_the_end_of_one_login_leaves_others(tokens: dict[str, Any]) -> None:
    other = APIClient().post("/api/auth/login", CREDENTIALS).json()
    for _ in range(2):
        refreshed(tokens["refresh_token"])

    assert status_of(tokens["access_token"]) == 401
    assert status_of(other["access_token"]) == 200
    assert refreshed(other["refresh_token"]).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_twenty_refreshes_at_the_same_time_at_most_one_wins(tokens: dict[str, Any]) -> None:
    def refresh(_: int) -> Any:
        try:
            return refreshed(tokens["refresh_token"])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(refresh, range(20)))

    won = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(won) <= 1
    assert {answer.status_code for answer in answers} <= {200, 401}
    for tokens_of_winner in won:  # the others showed its token again
        assert status_of(tokens_of_winner["access_token"]) == 401


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 401),
        ({"refresh_token": "x.y.z"}, 401),
        ({"refresh_token": "x" * 200_000}, 401),
        ({"refresh_token": ""}, 400),
        ({"refresh_token": ["x"]}, 400),
        (["x"], 400),
    ],
)
def test_a_refresh_refuses_what_is_no_token(db: None, sent: Any, status: int) -> None:
    answer = APIClient().post("/api/auth/refresh", sent, format="json")

    assert answer.status_code == status
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_logout_ends_both_tokens_at_once(tokens: dict[str, Any]) -> None:
    other = APIClient().post("/api/auth/login", CREDENTIALS).json()
    client = APIClient(headers={"Authorization": f"Bearer {tokens['access_token']}"})

    answer = client.post("/api/auth/logout")

    assert (answer.status_code, answer.json()) == (200, {"message": "Logout successful"})
    assert status_of(tokens["access_token"]) == 401
    assert refreshed(tokens["refresh_token"]).status_code == 401
    assert client.post("/api/auth/logout").status_code == 401
    assert status_of(other["access_token"]) == 200


def test_a_personal_token_has_no_login_to_end(operator: User) -> None:
    _, text = make_token("script", ["account:read", "account:write"], by=operator)
    client = APIClient(headers={"Authorization": f"Bearer {text}"})

    assert client.get("/api/auth/me").status_code == 200
    answer = client.post("/api/auth/logout")
    assert answer.status_code == 403
    assert "revoke it" in answer.json()["message"]


def test_a_login_is_noted_as_the_last_one(tokens: dict[str, Any], operator: User) -> None:
    operator.refresh_from_db()

    assert operator.last_login is not None


def test_me_tells_the_documented_fields_and_those_of_xcore(api: APIClient) -> None:
    assert set(api.get("/api/auth/me").json()) == {
        "id", "username", "email", "note", "active", "roles", "groups", "permissions",
        "created_at", "full_name", "is_active",
    }  # fmt: skip


def test_who_one_is_costs_one_query_to_find_out(api: APIClient) -> None:
    with CaptureQueriesContext(connection) as queries:
        api.get("/api/nowhere")
        api.get("/api/auth/me")

    asked = [query["sql"] for query in queries if "accounts_login" in query["sql"]]
    assert len(asked) == 2
    assert all("accounts_user" in sql for sql in asked)


def test_the_scheme_is_taken_in_any_case(tokens: dict[str, Any]) -> None:
    asking = APIClient(headers={"Authorization": f"bearer  {tokens['access_token']} "})

    assert asking.get("/api/auth/me").status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer a b", "Basic b3A6eA==", "", "Bearer \xe9"]
)
def test_a_header_without_a_token_is_refused(tokens: dict[str, Any], header: str) -> None:
    answer = APIClient(headers={"Authorization": header}).get("/api/auth/me")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_wrong_credentials_are_told_how_to_come() -> None:
    answer = APIClient().post("/api/auth/login", CREDENTIALS, format="json")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_tokens_of_pages_are_none_of_the_api(client: Client, operator: User) -> None:
    client.force_login(operator)

    assert client.get("/api/auth/me").status_code == 401


def test_an_upload_takes_no_token_that_is_over(tokens: dict[str, Any]) -> None:
    client = APIClient(headers={"Authorization": f"Bearer {tokens['access_token']}"})
    sent: dict[str, Any] = {"HTTP_TUS_RESUMABLE": "1.0.0", "HTTP_UPLOAD_LENGTH": "1"}
    before = client.post("/api/uploads", **sent).status_code
    client.post("/api/auth/logout")

    assert before != 401
    assert client.post("/api/uploads", **sent).status_code == 401
