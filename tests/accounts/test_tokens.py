"""Personal tokens, and what they may do in whose name."""

import hashlib
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.actions import tokens
from accounts.actions.tokens import holder_of, make_token, revoke_token
from accounts.models import ApiToken, User
from accounts.permissions import holds
from accounts.scopes import SCOPES, expanded, require_login, require_scope
from tests.factories import make_admin, make_operator, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


def spoken_for(by: User, *scopes: str, **about: Any) -> User:
    _token, text = make_token("nightly", scopes, by=by, **about)
    holder = holder_of(text)
    assert holder is not None
    return holder


def test_a_token_speaks_for_who_made_it_within_its_scopes(operator: User) -> None:
    holder = spoken_for(operator, "releases:write")

    assert holder == operator
    assert holder.scopes == {"releases:read", "releases:write"}
    assert holds(holder, "releases", "write")
    assert not holds(holder, "releases", "mod")
    assert not holds(holder, "rules", "read")


def test_only_a_sum_of_the_text_is_kept(operator: User) -> None:
    token, text = make_token("nightly", ["releases:read"], by=operator)

    row = ApiToken.objects.filter(pk=token.pk).values().get()
    assert text.startswith("rpk_")
    assert len(text) >= 44
    assert row["digest"] == hashlib.sha256(text.encode()).hexdigest()
    assert not any(text[len(row["prefix"]) :] in str(value) for value in row.values())
    assert text.startswith(row["prefix"])


def test_mod_brings_write_and_read_but_not_delete() -> None:
    assert expanded(["releases:mod"]) == ["releases:read", "releases:write", "releases:mod"]
    assert expanded(["rules:delete", "account:write"]) == [
        "rules:delete",
        "account:read",
        "account:write",
    ]


@pytest.mark.parametrize("wrong", ["releases", "releases:fly", "releases:READ", "", "a:b"])
def test_what_is_no_scope_is_refused(operator: User, wrong: str) -> None:
    with pytest.raises(ValueError, match="no scope"):
        make_token("nightly", [wrong], by=operator)


def test_nobody_gives_what_they_lack(operator: User) -> None:
    with pytest.raises(PermissionDenied, match="DELETE permission on releases"):
        make_token("nightly", ["releases:read", "releases:delete"], by=operator)

    assert not ApiToken.objects.exists()


def test_a_right_that_is_lost_is_lost_for_the_token(operator: User) -> None:
    _token, text = make_token("nightly", ["releases:write"], by=operator)
    operator.groups.clear()

    holder = holder_of(text)

    assert holder is not None
    assert not holds(holder, "releases", "write")


def test_a_token_of_an_administrator_does_no_more_than_its_scopes(seeded: None) -> None:
    holder = spoken_for(make_admin(), "rules:read")

    held = [
        f"{resource}:{action}"
        for resource, action in (one.split(":") for one in SCOPES if not one.startswith("account"))
        if holds(holder, resource, action)
    ]
    assert held == ["rules:read"]


def test_a_token_makes_and_ends_no_tokens(operator: User) -> None:
    token, _text = make_token("nightly", ["account:write"], by=operator)
    holder = spoken_for(operator, "account:write")

    with pytest.raises(PermissionDenied, match="log in"):
        make_token("another", ["account:read"], by=holder)
    with pytest.raises(PermissionDenied, match="log in"):
        revoke_token(token, by=holder)

    assert ApiToken.objects.count() == 2


def test_who_logged_in_needs_no_scope() -> None:
    person = make_user()

    require_login(person)
    require_scope(person, "releases", "write")


def test_one_of_the_actions_is_enough_for_a_token(operator: User) -> None:
    holder = spoken_for(operator, "rules:read")

    require_scope(holder, "rules", "read", "write")
    with pytest.raises(PermissionDenied, match="lacks the scope rules:write"):
        require_scope(holder, "rules", "write")


@pytest.mark.parametrize("end", ["revoked", "expired", "deactivated", "deleted", "password"])
def test_a_token_ends(operator: User, end: str) -> None:
    token, text = make_token("nightly", ["rules:read"], by=operator)
    assert holder_of(text) == operator

    match end:
        case "revoked":
            revoke_token(token, by=operator)
        case "expired":
            ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        case "deactivated":
            User.objects.update(is_active=False)
        case "deleted":
            operator.delete()
        case "password":
            operator.set_password("Another-456")
            operator.save()

    assert holder_of(text) is None


@pytest.mark.parametrize("wrong", ["", "rpk_", "rpk_" + "a" * 43, "\udce9", "x" * 100_000])
def test_what_is_no_token_speaks_for_nobody(operator: User, wrong: str) -> None:
    _token, text = make_token("nightly", ["rules:read"], by=operator)

    assert holder_of(wrong) is None
    assert holder_of(text[:-1]) is None
    assert holder_of(text.upper()) is None


def test_a_token_is_looked_up_by_one_query_and_its_use_noted_now_and_then(
    operator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    token, text = make_token("nightly", ["rules:read"], by=operator)
    holder_of(text)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None

    with django_assert_num_queries(1):
        holder_of(text)
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=6))
    holder_of(text)

    token.refresh_from_db()
    assert token.last_used_at is not None
    assert token.last_used_at >= first


def test_there_is_an_end_to_how_many_one_has(
    operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST_TOKENS", 2)
    for _ in range(2):
        make_token("nightly", ["rules:read"], by=operator)

    with pytest.raises(tokens.TooManyTokens, match="revoke one"):
        make_token("nightly", ["rules:read"], by=operator)

    make_token("nightly", ["rules:read"], by=make_operator())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_as_many_are_made_as_one_may_have_however_many_are_asked_for_at_once(
    operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST_TOKENS", 3)
    gate = threading.Barrier(8)

    def ask() -> None:
        gate.wait()
        try:
            make_token("nightly", ["rules:read"], by=User.objects.get(pk=operator.pk))
        except tokens.TooManyTokens:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert operator.api_tokens.count() == 3
