"""Tokens that programs show, made and used through the API."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver
from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.test import APIClient
from rest_framework.views import APIView

from accounts.models import ApiToken, Role, User
from accounts.permissions import RESOURCES
from accounts.scopes import ACCOUNT
from api.errors import NowhereView
from api.scopes import WithinScopes
from tests.factories import make_admin, make_operator, make_release

pytestmark = pytest.mark.django_db
TOKENS = "/api/tokens"


def made(api: APIClient, *scopes: str, **about: Any) -> Any:
    asked = {"name": "Nightly", "scopes": scopes} | about
    return api.post(TOKENS, asked, format="json")


def client_with(text: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {text}"})


def client_within(api: APIClient, *scopes: str) -> APIClient:
    return client_with(made(api, *scopes).json()["token"])


def test_a_token_is_made_and_told_once(api: APIClient) -> None:
    ends = timezone.now() + timedelta(days=1)

    answer = made(api, "releases:write", expires_at=ends.isoformat())
    body = answer.json()
    text = body.pop("token")
    listed = api.get(TOKENS)

    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    assert body["scopes"] == ["releases:read", "releases:write"]
    assert (body["active"], body["last_used_at"]) == (True, None)
    assert listed.json() == {"tokens": [body]}
    assert text[:10] == body["prefix"]
    assert text not in listed.content.decode()


def test_a_token_opens_what_its_scopes_name(api: APIClient) -> None:
    program = client_within(api, "releases:read")

    assert program.get("/api/releases").status_code == 200
    assert program.get("/api/rules").status_code == 403
    assert program.get("/api/auth/me").status_code == 403
    assert program.post("/api/wizard/step/1/save", {"data": {}}, format="json").json() == {
        "error": "Forbidden",
        "message": "The token lacks the scope releases:write.",
    }


def test_what_a_token_may_is_at_most_what_its_maker_may(api: APIClient, operator: User) -> None:
    program = client_within(api, "releases:read", "rules:write")
    operator.groups.clear()

    assert program.get("/api/releases").json()["message"] == (
        "You don't have READ permission on releases"
    )
    assert program.get("/api/rules").status_code == 403


def test_a_token_of_an_administrator_does_no_more_than_its_scopes(seeded: None) -> None:
    admin = APIClient()
    admin.force_authenticate(make_admin())
    release = make_release()
    program = client_within(admin, "releases:read")

    statuses = {
        path: getattr(program, method)(path, format="json").status_code
        for method, path in [
            ("get", f"/api/releases/{release.pk}"),
            ("delete", f"/api/releases/{release.pk}"),
            ("get", "/api/users"),
            ("get", "/api/roles"),
            ("get", "/api/config/apis"),
            ("put", "/api/config/templates"),
            ("post", "/api/rules/sync"),
        ]
    }
    assert statuses.pop(f"/api/releases/{release.pk}") == 403
    assert set(statuses.values()) == {403}
    assert program.get(f"/api/releases/{release.pk}").status_code == 200


def test_a_token_changes_nothing_of_its_own_holder(seeded: None) -> None:
    admin = make_admin()
    role = Role.objects.create(name="Curator")
    admin.groups.add(role)
    login = APIClient()
    login.force_authenticate(admin)
    program = client_within(login, "users:mod", "users:delete", "roles:mod")
    own, wished = f"/api/users/{admin.pk}", [{"resource": "roles", "action": "READ"}]

    answers = [
        program.put(own, {"password": "Another-456"}, format="json"),
        program.put(own, {"email": "thief@example.com"}, format="json"),
        program.post(f"{own}/roles", {"role_id": role.pk}, format="json"),
        program.delete(f"{own}/roles/{role.pk}"),
        program.put(f"{own}/permissions", {"permissions": wished}, format="json"),
        program.put(
            f"/api/roles/{role.pk}/permissions", {"permissions": {"roles": ["READ"]}}, format="json"
        ),
        program.put(f"/api/users/{make_operator().pk}", {"password": "Another-456"}, format="json"),
    ]

    told = {answer.json()["message"] for answer in answers}
    assert {answer.status_code for answer in answers} == {403}, [a.content for a in answers]
    assert told == {"A token may not do this: log in."}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 101),
        ("scopes", []),
        ("scopes", ["releases:fly"]),
        ("scopes", ["releases:READ"]),
        ("scopes", "releases:read"),
        ("scopes", ["rules:read"] * 23),
        ("expires_at", "yesterday"),
        ("expires_at", "2020-01-01T00:00:00Z"),
    ],
)
def test_a_wrong_field_is_named(api: APIClient, field: str, value: Any) -> None:
    asked = {"name": "Nightly", "scopes": ["rules:read"]} | {field: value}

    answer = api.post(TOKENS, asked, format="json")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert not ApiToken.objects.exists()


def test_nobody_gives_what_they_lack(api: APIClient) -> None:
    answer = made(api, "config:read")

    assert answer.status_code == 403
    assert answer.json()["message"] == "You don't have READ permission on config"


def test_nobody_writes_what_is_not_asked(api: APIClient, operator: User) -> None:
    another = make_operator()

    made(api, "rules:read", user=another.pk, user_id=another.pk, digest="0" * 64, prefix="rpk_mine")

    token = ApiToken.objects.get()
    assert token.user == operator
    assert token.digest != "0" * 64
    assert token.prefix != "rpk_mine"


def test_only_a_login_makes_and_revokes_tokens(api: APIClient) -> None:
    program = client_within(api, "account:write")
    number = ApiToken.objects.get().pk

    for answer in (made(program, "account:read"), program.delete(f"{TOKENS}/{number}")):
        assert answer.status_code == 403
        assert answer.json()["message"] == "A token may not do this: log in."
    assert program.get(TOKENS).status_code == 200


def test_a_token_is_revoked(api: APIClient) -> None:
    body = made(api, "rules:read").json()
    program = client_with(body["token"])
    before = program.get("/api/rules").status_code

    answer = api.delete(f"{TOKENS}/{body['id']}")

    assert (answer.status_code, answer.json()) == (200, {"message": "Token revoked"})
    assert (before, program.get("/api/rules").status_code) == (200, 401)
    assert api.delete(f"{TOKENS}/{body['id']}").status_code == 404


def test_tokens_of_others_are_as_if_there_were_none(api: APIClient) -> None:
    other = APIClient()
    other.force_authenticate(make_operator())
    number = made(other, "rules:read").json()["id"]

    theirs, missing = api.delete(f"{TOKENS}/{number}"), api.delete(f"{TOKENS}/987")

    assert api.get(TOKENS).json() == {"tokens": []}
    assert theirs.status_code == missing.status_code == 404
    assert theirs.json()["message"].replace(str(number), "987") == missing.json()["message"]
    assert ApiToken.objects.exists()


def test_a_new_password_ends_tokens(api: APIClient, operator: User) -> None:
    program = client_within(api, "rules:read")
    operator.set_password("Another-456")
    operator.save()

    assert program.get("/api/rules").status_code == 401


def test_the_list_costs_no_more_with_more_tokens(api: APIClient) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            api.get(TOKENS)
        return len(queries)

    made(api, "rules:read")
    api.get(TOKENS)
    one = cost()
    for _ in range(5):
        made(api, "rules:read")

    assert cost() == one


def test_the_text_stands_nowhere_but_in_the_first_answer(
    api: APIClient, operator: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        text = made(api, "account:write", "rules:read").json()["token"]
        program = client_with(text)
        answers = [
            program.get(f"/api/{path}") for path in ("tokens", "auth/me", "rules", "nowhere")
        ]
        answers.append(client_with(text + "x").get("/api/rules"))
        answers.append(program.delete("/api/rules/1"))

    secret = text[10:]
    assert secret not in caplog.text
    assert not any(secret in answer.content.decode() for answer in answers)
    assert not any(secret in str(answer.headers) for answer in answers)
    for model in apps.get_models():
        for row in model._default_manager.values_list():
            assert secret not in str(row), model


def views(resolver: URLResolver) -> dict[str, type[APIView]]:
    """Return the classes of views below `resolver`, by address."""
    found: dict[str, type[APIView]] = {}
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            found |= views(pattern)
        elif view := getattr(pattern.callback, "cls", None):
            found[str(pattern.pattern)] = view
    return found


def test_every_view_tells_which_scope_it_needs() -> None:
    api = next(one for one in get_resolver().url_patterns if str(one.pattern) == "api/")
    assert isinstance(api, URLResolver)

    lacking = {
        address: view.__name__
        for address, view in views(api).items()
        if not (is_for_all(view) or is_scoped(view))
    }

    assert not lacking


def is_scoped(view: type[APIView]) -> bool:
    is_named = getattr(view, "scope", None) in {*RESOURCES, ACCOUNT}
    return is_named and WithinScopes in view.permission_classes


def is_for_all(view: type[APIView]) -> bool:
    return view is NowhereView or list(view.permission_classes) == [AllowAny]
