import jwt
import pytest
from rest_framework.test import APIClient

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


def test_a_changed_password_or_a_deactivated_user_ends_the_token(
    api: APIClient, operator: User
) -> None:
    operator.set_password("Another-456")
    operator.save()
    changed = api.get("/api/auth/me").status_code
    operator.set_password("Secret-123")
    operator.is_active = False
    operator.save()

    assert (changed, api.get("/api/auth/me").status_code) == (401, 401)
