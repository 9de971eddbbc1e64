from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions.logins import LoginOver, begin_login, end_logins, refresh_login, sweep_logins
from accounts.models import Login, Session, User
from accounts.sessions import SessionStore
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "Secret-123"


def lives(login: Login) -> bool:
    return Login.objects.living(login.pk) is not None


def test_a_login_is_kept_with_where_it_began() -> None:
    user = make_user()

    login = begin_login(user, address="2001:db8::1", agent="curl/8.0" * 100)

    login.refresh_from_db()
    user.refresh_from_db()
    assert (login.address, len(login.agent)) == ("2001:db8::1", 300)
    assert timedelta(days=6, hours=23) < login.expires_at - timezone.now() <= timedelta(days=7)
    assert user.last_login == login.begun_at


def test_a_refresh_makes_another_token_and_a_week_begins_anew() -> None:
    login = begin_login(make_user())
    Login.objects.update(expires_at=timezone.now() + timedelta(hours=1))

    renewed = refresh_login(login.sid, login.refresh_jti)

    kept = Login.objects.get()
    assert kept.refresh_jti == renewed.refresh_jti != login.refresh_jti
    assert kept.expires_at > timezone.now() + timedelta(days=6)
    assert kept.refreshed_at


def test_a_token_used_twice_ends_the_login_and_no_other() -> None:
    user = make_user()
    login, other = begin_login(user), begin_login(user)
    newest = refresh_login(login.sid, login.refresh_jti).refresh_jti

    for jti in (login.refresh_jti, newest):
        with pytest.raises(LoginOver):
            refresh_login(login.sid, jti)

    assert not lives(login)
    assert lives(other)


def test_an_unknown_login_is_over() -> None:
    with pytest.raises(LoginOver):
        refresh_login(uuid4(), "0" * 32)


def test_all_logins_of_a_user_end_together_and_no_others() -> None:
    user, other = make_user(), begin_login(make_user())
    mine = [begin_login(user), begin_login(user)]

    assert end_logins(user) == 2
    assert end_logins(user) == 0

    assert [lives(login) for login in (*mine, other)] == [False, False, True]


@pytest.mark.parametrize(
    "change",
    [
        {"password": "md5$salt$other"},
        {"is_active": False},
    ],
)
def test_a_login_does_not_outlive_the_password_or_the_account(change: dict[str, object]) -> None:
    login = begin_login(make_user(password=PASSWORD))

    User.objects.update(**change)

    assert not lives(login)
    with pytest.raises(LoginOver):
        refresh_login(login.sid, login.refresh_jti)


def test_what_is_kept_of_a_login_opens_nothing() -> None:
    user = make_user(password=PASSWORD)

    kept = str(list(Login.objects.filter(pk=begin_login(user).pk).values()))

    assert user.password not in kept
    assert "eyJ" not in kept  # so begins a token


def test_logins_that_are_over_for_a_week_are_forgotten() -> None:
    user = make_user()
    alive, ended, long_ended, long_expired = (begin_login(user) for _ in range(4))
    days_ago = [timezone.now() - timedelta(days=days) for days in (6, 8)]
    Login.objects.filter(pk=ended.pk).update(ended_at=days_ago[0])
    Login.objects.filter(pk=long_ended.pk).update(ended_at=days_ago[1])
    Login.objects.filter(pk=long_expired.pk).update(expires_at=days_ago[1])

    sweep_logins()

    assert set(Login.objects.values_list("pk", flat=True)) == {alive.pk, ended.pk}


def test_sessions_that_are_over_for_a_week_are_forgotten_whose_ever_they_were() -> None:
    for days in (6, 8):
        session = SessionStore()
        session["seen"] = 0
        session.set_expiry(timezone.now() - timedelta(days=days))
        session.save()

    assert sweep_logins() == 1
    assert Session.objects.count() == 1


def test_a_deactivated_user_is_logged_out_of_pages_at_the_next_request(client: Client) -> None:
    user = make_user(password=PASSWORD)
    client.post("/accounts/login/", {"username": user.username, "password": PASSWORD})
    before = client.get("/").status_code

    User.objects.update(is_active=False)
    after = client.get("/")

    assert before == 200
    assert (after.status_code, after.headers["Location"]) == (302, "/accounts/login/?next=/")


def test_a_password_changed_elsewhere_logs_out_of_pages(client: Client) -> None:
    user = make_user(password=PASSWORD)
    client.post("/accounts/login/", {"username": user.username, "password": PASSWORD})

    user.set_password("Another-456")
    user.save()

    assert client.get("/").status_code == 302
