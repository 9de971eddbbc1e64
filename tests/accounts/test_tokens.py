"""Personal tokens, and what they may do in whose name."""

import hashlib
import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
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
    assert holder.scopes == frozenset({"releases:read", "releases:write"})
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


PAGE = "/accounts/tokens/"


@pytest.fixture
def browser(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client


def shown_text(page: Any) -> str:
    found = re.search(r"rpk_[\w-]{43}", page.content.decode())
    return found[0] if found else ""


def test_the_page_makes_a_token_and_shows_it_once(browser: Client, operator: User) -> None:
    asked = {"name": "Nightly", "expires": "7", "scopes": ["releases:write", "account:read"]}

    made = browser.post(PAGE, asked)
    text = shown_text(made)

    token = operator.api_tokens.get()
    assert holder_of(text) == operator
    assert "no-store" in made["Cache-Control"]
    assert token.scopes == ["releases:read", "releases:write", "account:read"]
    assert token.expires_at is not None
    assert 6 < (token.expires_at - timezone.now()).total_seconds() / 86_400 <= 7
    assert not shown_text(browser.get(PAGE))
    assert token.prefix in browser.get(PAGE).content.decode()


def test_a_token_may_last_for_ever(browser: Client, operator: User) -> None:
    browser.post(PAGE, {"name": "Nightly", "expires": "never", "scopes": ["rules:read"]})

    assert operator.api_tokens.get().expires_at is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"expires": "8"},
        {"scopes": []},
        {"scopes": ["releases:fly"]},
        {"scopes": ["releases:delete"]},
    ],
)
def test_the_page_says_what_is_wrong(browser: Client, wrong: dict[str, Any]) -> None:
    asked = {"name": "Nightly", "expires": "7", "scopes": ["rules:read"]} | wrong

    page = browser.post(PAGE, asked)

    assert page.status_code == 200
    assert 'class="errorlist' in page.content.decode()
    assert not ApiToken.objects.exists()


def test_the_page_offers_what_one_holds(browser: Client) -> None:
    page = browser.get(PAGE).content.decode()

    boxes = re.findall(r"<input[^>]*name=\"scopes\"[^>]*>", page)
    locked = {re.search(r'value="([^"]*)"', box)[1] for box in boxes if "disabled" in box}  # type: ignore[index]
    assert len(boxes) == 22
    assert "releases:delete" in locked
    assert not locked & {"releases:mod", "rules:write", "account:write"}


def test_a_token_is_revoked_after_a_question(browser: Client, operator: User) -> None:
    token, text = make_token("Nightly", ["rules:read"], by=operator)

    question = browser.get(f"{PAGE}{token.pk}/revoke/")
    assert "Nightly" in question.content.decode()
    assert holder_of(text) == operator
    answer = browser.post(f"{PAGE}{token.pk}/revoke/")

    assert answer["Location"] == PAGE
    assert holder_of(text) is None


def test_tokens_of_others_are_nowhere(browser: Client) -> None:
    token, _text = make_token("Of another", ["account:read"], by=make_operator())

    assert "Of another" not in browser.get(PAGE).content.decode()
    for ask in (browser.get, browser.post):
        assert ask(f"{PAGE}{token.pk}/revoke/").status_code == 404
        assert ask(f"{PAGE}987654/revoke/").status_code == 404
    assert ApiToken.objects.exists()


def test_a_token_that_is_over_is_marked(browser: Client, operator: User) -> None:
    make_token("Nightly", ["rules:read"], by=operator)
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(days=1))

    assert "Over" in browser.get(PAGE).content.decode()


def test_the_page_costs_no_more_with_more_tokens(browser: Client, operator: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(PAGE)
        return len(queries)

    make_token("First", ["rules:read"], by=operator)
    browser.get(PAGE)
    one = cost()
    for _ in range(5):
        make_token("Further", ["rules:read"], by=operator)

    assert cost() == one


def test_strangers_are_asked_to_log_in(client: Client) -> None:
    assert client.get(PAGE)["Location"].startswith("/accounts/login/")


def test_the_page_is_reached_from_the_menu_and_the_preferences(browser: Client) -> None:
    assert browser.get("/preferences/").content.decode().count(f'href="{PAGE}"') == 2


def test_administrators_list_and_delete_tokens_but_never_see_a_sum(client: Client) -> None:
    token, text = make_token("Nightly", ["account:read"], by=make_user())
    client.force_login(make_admin())

    pages = [
        client.get(f"/admin/accounts/apitoken/{rest}")
        for rest in ("", f"{token.pk}/change/", f"{token.pk}/delete/")
    ]
    added = client.get("/admin/accounts/apitoken/add/")
    changed = client.post(f"/admin/accounts/apitoken/{token.pk}/change/", {"name": "Mine"})
    client.post(f"/admin/accounts/apitoken/{token.pk}/delete/", {"post": "yes"})

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert (added.status_code, changed.status_code) == (403, 403)
    for page in pages:
        assert token.digest not in page.content.decode()
        assert token.mark not in page.content.decode()
    assert holder_of(text) is None
