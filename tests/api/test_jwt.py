"""What must not pass as a token, and what ends one. Each attack is tried at both doors."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from rest_framework.test import APIClient
from rest_framework_simplejwt.settings import api_settings

from accounts.actions.logins import end_logins
from accounts.models import Login, Role, User
from tests.factories import make_admin

pytestmark = pytest.mark.django_db
CREDENTIALS = {"username": "operator", "password": "Secret-123"}
RSA_KEY = rsa.generate_private_key(65537, 2048)
PUBLIC = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
Tokens = dict[str, Any]
OURS: str = settings.JWT_SECRET_KEY
DOORS = {"access_token": ("get", "/api/auth/me"), "refresh_token": ("post", "/api/auth/refresh")}


@pytest.fixture
def tokens(operator: User) -> Tokens:
    answered: Tokens = APIClient().post("/api/auth/login", CREDENTIALS, format="json").json()
    return answered


@pytest.fixture(params=DOORS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def shown(kind: str, token: str) -> Any:
    method, path = DOORS[kind]
    client = APIClient(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=True)
    return getattr(client, method)(path)


def refuses(kind: str, token: str) -> bool:
    answer = shown(kind, token)
    return bool(
        answer.status_code == 401
        and answer.json() == {"error": "Unauthorized", "message": "Invalid or expired token"}
        and answer.headers["WWW-Authenticate"].startswith("Bearer")
    )


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def signed(claims: dict[str, Any], key: Any = None, algorithm: str = "HS256", **head: Any) -> str:
    """Sign as we do, unless told otherwise."""
    return jwt.encode(claims, OURS if key is None else key, algorithm, headers=head or None)


def segment(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def by_hand(head: Any, claims: Any, key: bytes = b"") -> str:
    """Make a token that no library would make."""
    content = f"{segment(head)}.{segment(claims)}"
    sum_ = hmac.new(key, content.encode(), hashlib.sha256).digest()
    return f"{content}.{segment(sum_)}"


def test_what_we_sign_ourselves_is_taken(tokens: Tokens, kind: str) -> None:
    """Else no refusal below would show anything."""
    assert shown(kind, signed(claims_of(tokens[kind]))).status_code == 200


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, 0, [], {}], ids=repr)
def test_a_token_without_signature_is_refused(tokens: Tokens, kind: str, alg: Any) -> None:
    head, claims = {"alg": alg, "typ": "JWT"}, claims_of(tokens[kind])
    content = f"{segment(head)}.{segment(claims)}"

    for token in (f"{content}.", content, by_hand(head, claims)):
        assert refuses(kind, token)


@pytest.mark.parametrize(
    "key", ["", "secret", "changeme", "your-secret-key-here", "JWT_SECRET_KEY", "SECRET_KEY"]
)
def test_a_token_signed_by_another_key_is_refused(tokens: Tokens, kind: str, key: str) -> None:
    head, claims = {"alg": "HS256", "typ": "JWT"}, claims_of(tokens[kind])
    known = str(getattr(settings, key)) if key == "SECRET_KEY" else key

    assert refuses(kind, by_hand(head, claims, known.encode()))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_only_one_algorithm_is_taken(tokens: Tokens, kind: str, algorithm: str) -> None:
    key = OURS.ljust(64, "x")
    claims = claims_of(tokens[kind])

    assert refuses(kind, signed(claims, key, algorithm))
    assert refuses(kind, by_hand({"alg": algorithm}, claims, key.encode()))


def test_another_family_of_algorithms_is_refused(tokens: Tokens, kind: str) -> None:
    claims = claims_of(tokens[kind])
    confused = by_hand({"alg": "HS256", "typ": "JWT"}, claims, PUBLIC)

    assert refuses(kind, signed(claims, RSA_KEY, "RS256"))
    assert refuses(kind, confused)  # the public key, taken for a secret


@pytest.mark.parametrize(
    "head",
    [
        {"kid": "../../../../dev/null"},
        {"kid": "' UNION SELECT 'secret"},
        {"jku": "http://127.0.0.1:9/keys.json"},
        {"x5u": "http://127.0.0.1:9/cert.pem"},
        {"jwk": {"kty": "oct", "k": segment(b"k" * 32)}},
        {"x5c": ["MIIB"]},
    ],
    ids=str,
)
def test_a_header_names_no_key(tokens: Tokens, kind: str, head: dict[str, Any]) -> None:
    claims = claims_of(tokens[kind])

    for key in (b"", b"secret", b"k" * 32):
        assert refuses(kind, by_hand({"alg": "HS256", "typ": "JWT"} | head, claims, key))


@pytest.mark.parametrize(
    "change",
    [
        {"user_id": 1},
        {"roles": ["Admin"]},
        {"exp": 4_000_000_000},
        {"sid": "0" * 32},
        {"token_type": "access"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_payload_is_refused(tokens: Tokens, kind: str, change: dict[str, Any]) -> None:
    head, _, sum_ = tokens[kind].split(".")
    changed = claims_of(tokens[kind]) | {"added": 1} | change

    assert refuses(kind, f"{head}.{segment(changed)}.{sum_}")


def test_no_character_of_the_signature_may_differ(tokens: Tokens, kind: str) -> None:
    content, _, sum_ = tokens[kind].rpartition(".")

    for at in range(0, len(sum_), 3):
        other = "A" if sum_[at] != "A" else "B"
        assert refuses(kind, f"{content}.{sum_[:at]}{other}{sum_[at + 1 :]}")
    assert refuses(kind, f"{content}.{sum_[:-2]}")


NOW = int(time.time())


@pytest.mark.parametrize(
    "change",
    [
        {"exp": NOW - 31},
        {"exp": 0},
        {"exp": -1},
        {"exp": "never"},
        {"exp": None},
        {"nbf": NOW + 3_600},
        {"iat": NOW + 3_600},
        {"iss": "another"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["release-packer"]},
        {"sid": None},
        {"sid": ""},
        {"sid": "x"},
        {"sid": 7},
        {"sid": ["x"]},
        {"sid": str(uuid4())},
        {"token_type": None},
        {"token_type": "sliding"},
        {"token_type": ""},
        {"jti": None},
    ],
    ids=str,
)
def test_claims_that_do_not_hold_are_refused_though_we_signed_them(
    tokens: Tokens, kind: str, change: dict[str, Any]
) -> None:
    changed = claims_of(tokens[kind]) | change
    claims = {name: value for name, value in changed.items() if value is not None}
    token = by_hand({"alg": "HS256", "typ": "JWT"}, claims, OURS.encode())

    assert refuses(kind, token)


def test_clocks_may_differ_by_no_more_than_half_a_minute() -> None:
    assert 0 <= api_settings.LEEWAY <= 30


@pytest.mark.parametrize(
    "payload", [[], "text", 7, None, b"\xff", b"[" * 100_000, b""], ids=lambda one: repr(one)[:9]
)
def test_what_is_no_payload_is_refused(tokens: Tokens, kind: str, payload: Any) -> None:
    assert refuses(kind, by_hand({"alg": "HS256", "typ": "JWT"}, payload))


@pytest.mark.parametrize(
    "text",
    ["x", "..", "a.b.c", "a.b.c.d", "." * 10_000, "e" * 100_000, "é.é.é", "\x00", "null"],
    ids=lambda text: repr(text)[:9],
)
def test_what_is_no_token_is_refused(tokens: Tokens, kind: str, text: str) -> None:
    assert refuses(kind, text)


def test_a_header_nested_without_end_is_refused(tokens: Tokens, kind: str) -> None:
    assert refuses(kind, by_hand(b'{"alg":' + b"[" * 50_000, claims_of(tokens[kind])))


def test_neither_token_passes_as_the_other(tokens: Tokens) -> None:
    assert refuses("access_token", tokens["refresh_token"])
    assert refuses("refresh_token", tokens["access_token"])
    assert shown("refresh_token", tokens["refresh_token"]).status_code == 200  # nothing is ended


def test_the_claims_of_a_token_are_not_believed(tokens: Tokens) -> None:
    boss = make_admin(username="boss")
    lying = claims_of(tokens["access_token"]) | {
        "user_id": boss.pk,
        "username": "boss",
        "roles": ["Admin"],
        "permissions": {"users": ["READ", "WRITE", "MOD", "DELETE"]},
        "is_superuser": True,
    }

    token = signed(lying)

    assert shown("access_token", token).json()["username"] == "operator"
    client = APIClient(headers={"Authorization": f"Bearer {token}"})
    assert client.get("/api/users").status_code == 403


def deactivated(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def deleted(user: User) -> None:
    user.delete()


def given_a_password(user: User) -> None:
    user.set_password("Another-456")
    user.save()


def given_the_same_password_again(user: User) -> None:
    user.set_password("Secret-123")
    user.save()


def logged_out_everywhere(user: User) -> None:
    end_logins(user)


@pytest.mark.parametrize(
    "happening",
    [
        deactivated,
        deleted,
        given_a_password,
        given_the_same_password_again,
        logged_out_everywhere,
    ],
)
def test_both_tokens_end_when_their_user_is(
    tokens: Tokens, kind: str, operator: User, happening: Callable[[User], None]
) -> None:
    happening(operator)

    assert refuses(kind, tokens[kind])


def test_a_password_changed_in_the_administration_ends_tokens(
    tokens: Tokens, kind: str, operator: User, client: Any
) -> None:
    client.force_login(make_admin())
    new = {"password1": "Another-456", "password2": "Another-456", "usable_password": "true"}

    changed = client.post(f"/admin/accounts/user/{operator.pk}/password/", new)

    assert changed.status_code == 302
    assert refuses(kind, tokens[kind])


def test_a_password_changed_on_the_page_ends_tokens(
    tokens: Tokens, kind: str, operator: User, client: Any
) -> None:
    client.force_login(operator)
    new = {"new_password1": "Another-456", "new_password2": "Another-456"}

    changed = client.post("/accounts/password/", new | {"old_password": "Secret-123"})

    assert changed.status_code == 302
    assert refuses(kind, tokens[kind])


def test_a_right_that_is_taken_is_missing_at_the_next_request(
    tokens: Tokens, operator: User
) -> None:
    client = APIClient(headers={"Authorization": f"Bearer {tokens['access_token']}"})
    before = client.get("/api/auth/me").json()["permissions"]
    Role.objects.get(name="Operator").permissions.clear()

    assert before["rules"] == ["READ", "WRITE"]
    assert client.get("/api/auth/me").json()["permissions"] == {}


def test_a_login_that_expired_is_over_though_its_token_is_not(tokens: Tokens, kind: str) -> None:
    Login.objects.update(expires_at="2026-01-01T00:00:00Z")

    assert refuses(kind, tokens[kind])
