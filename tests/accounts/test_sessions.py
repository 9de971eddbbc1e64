"""People see where they are logged in, and end what they do not know."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import sessions
from accounts.models import Session, User
from tests.factories import make_admin, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "Secret-123"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0 Safari/537.36 Edg/140.0"
)
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)
TABLET = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"


@pytest.fixture
def ann() -> User:
    return make_user(username="ann", password=PASSWORD)


def logged_in(agent: str = FIREFOX, password: str = PASSWORD) -> Client:
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR="192.0.2.7")
    body = {"username": "ann", "password": password}
    assert client.post("/accounts/login/", body).headers["Location"] == "/"
    return client


def key_of(client: Client) -> str:
    return str(client.cookies["sessionid"].value)


def is_logged_in(client: Client) -> bool:
    return client.get("/preferences/").status_code == 200


def test_an_address_that_is_none_keeps_nobody_out(ann: User) -> None:
    client = Client(REMOTE_ADDR="x" * 200)  # what a proxy passes on unread
    client.post("/accounts/login/", {"username": ann.username, "password": PASSWORD})

    assert ann.sessions.get().address == "x" * sessions.ADDRESS_LENGTH


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        (FIREFOX, "Firefox", "Linux"),
        (EDGE, "Edge", "Windows"),
        (PHONE, "Safari", "iOS"),
        (TABLET, "Chrome", "Android"),
        ("curl/8.0", "", ""),
        ("", "", ""),
        ("<script>" * 100, "", ""),
    ],
)
def test_a_login_is_kept_with_its_browser_system_and_address(
    ann: User, agent: str, browser: str, system: str
) -> None:
    before = timezone.now()
    logged_in(agent)

    session = ann.sessions.get()
    assert (session.browser, session.system) == (browser, system)
    assert session.address == "192.0.2.7"
    assert before <= session.begun_at <= session.seen_at <= timezone.now()


def test_the_page_lists_ones_own_sessions_and_none_of_others(ann: User) -> None:
    logged_in(EDGE)
    client = logged_in(FIREFOX)
    stranger = Client(HTTP_USER_AGENT=PHONE)
    stranger.force_login(make_user())

    page = client.get("/preferences/").content.decode()

    assert "Edge" in page
    assert "Firefox" in page
    assert "Safari" not in page
    assert page.count("This one") == 1
    assert not any(session.session_key in page for session in Session.objects.all())


def test_a_session_that_is_ended_is_logged_out(ann: User) -> None:
    here, there = logged_in(), logged_in()
    handle = Session.objects.get(pk=key_of(there)).handle

    here.post(f"/accounts/sessions/{handle}/end/")

    assert is_logged_in(here)
    assert not is_logged_in(there)


def test_all_others_are_ended_at_once(ann: User) -> None:
    here, *others = logged_in(), logged_in(), logged_in()
    stranger = Client()
    stranger.force_login(make_user())

    here.post("/accounts/sessions/end/")

    assert is_logged_in(here)
    assert not any(map(is_logged_in, others))
    assert is_logged_in(stranger)


def test_the_session_of_another_person_is_not_there_to_be_ended(ann: User) -> None:
    stranger = Client()
    stranger.force_login(make_user())
    handle = Session.objects.get(pk=key_of(stranger)).handle

    answers = [logged_in().post(f"/accounts/sessions/{one}/end/") for one in (handle, "a" * 64)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert is_logged_in(stranger)


def test_a_changed_password_ends_the_others_and_keeps_this_one(ann: User) -> None:
    here, there = logged_in(), logged_in()
    new = {"new_password1": "An0ther-secret", "new_password2": "An0ther-secret"}

    changed = here.post("/accounts/password/", {"old_password": PASSWORD} | new)

    assert changed.headers["Location"] == "/preferences/"
    assert is_logged_in(here)
    assert not is_logged_in(there)
    assert ann.sessions.get().pk == key_of(here)
    logged_in(password="An0ther-secret")


def test_a_wrong_old_password_changes_nothing(ann: User) -> None:
    here, there = logged_in(), logged_in()
    new = {"new_password1": "An0ther-secret", "new_password2": "An0ther-secret"}

    assert here.post("/accounts/password/", {"old_password": "guess"} | new).status_code == 200
    assert is_logged_in(there)


def test_presence_is_noted_now_and_then_and_not_at_every_click(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = logged_in()
    seen_at = ann.sessions.get().seen_at
    client.get("/preferences/")
    at_once = ann.sessions.get()

    monkeypatch.setattr(sessions, "SEEN_EVERY_S", -1)
    client.get("/preferences/")
    later = ann.sessions.get()

    assert at_once.seen_at == seen_at < later.seen_at
    assert at_once.begun_at == later.begun_at
    assert later.browser == "Firefox"


def test_a_login_sweeps_what_expired_of_the_person(ann: User) -> None:
    logged_in()
    ann.sessions.update(expire_date=timezone.now() - timedelta(days=1))

    client = logged_in()

    assert ann.sessions.get().pk == key_of(client)


@pytest.mark.parametrize(
    "path", ["/accounts/sessions/end/", "/accounts/sessions/abc/end/", "/accounts/password/"]
)
def test_only_who_is_signed_in_ends_sessions(client: Client, path: str) -> None:
    assert client.post(path).headers["Location"].startswith("/accounts/login/")


def test_an_administrator_sees_no_key_of_a_session(ann: User, client: Client) -> None:
    there = logged_in()
    client.force_login(make_admin())

    page = client.get(f"/admin/accounts/user/{ann.pk}/delete/").content.decode()

    assert "Firefox Linux 192.0.2.7" in page
    assert key_of(there) not in page
