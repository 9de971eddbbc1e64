"""Theme, language and clock follow the person, else the browser, else what is usual here."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import timezone

from accounts.models import Preference, User
from accounts.preferences import forget_all, prefer, preference
from tests.factories import make_admin, make_user

pytestmark = pytest.mark.django_db
HOSTILE = [
    "https://evil.example/",
    "http://evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "HTTPS://EVIL.EXAMPLE",
    "http:\\\\evil.example",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "ftp://evil.example",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    "https://evil.example#testserver",
    "https://evil.example?testserver",
    "//testserver@evil.example",
    "\thttps://evil.example",
    " https://evil.example",
    "\x00//evil.example",
    "/\t/evil.example",
    "//evil.example/%2e%2e",
    "https://[::1]evil.example",
    "http://127.0.0.1:8000@evil.example",
    "",
]


@pytest.fixture
def ann(client: Client) -> User:
    user = make_user(username="ann", password="Secret-123")
    client.force_login(user)
    return user


def language_of(client: Client, **headers: Any) -> str:
    return client.get("/preferences/", **headers).headers["Content-Language"]


def theme_of(client: Client) -> str:
    return str(client.get("/preferences/").context["request"].display.theme)


def test_the_language_is_the_persons_before_the_browsers(client: Client, ann: User) -> None:
    header = {"HTTP_ACCEPT_LANGUAGE": "en"}
    asked = language_of(client, **header)
    client.cookies["django_language"] = "fr"
    by_cookie = language_of(client, **header)
    prefer(ann, "language", "en")

    assert (asked, by_cookie, language_of(client, **header)) == ("en", "fr", "en")


def test_what_is_preferred_for_all_counts_until_one_says_else(client: Client, ann: User) -> None:
    Preference.objects.create(key="language", value="fr")
    client.force_login(ann)
    for_all = language_of(client)
    prefer(ann, "language", "en")

    assert (for_all, language_of(client)) == ("fr", "en")


def test_a_choice_in_one_browser_is_seen_in_another(client: Client, ann: User) -> None:
    other = Client()
    other.force_login(ann)
    before = theme_of(other)

    client.post("/accounts/display/", {"theme": "dark"})

    assert (before, theme_of(other), theme_of(client)) == ("auto", "dark", "dark")


def test_what_an_administrator_prefers_for_all_is_seen_at_once(client: Client, ann: User) -> None:
    boss = Client()
    boss.force_login(make_admin())
    shown = [theme_of(client)]

    boss.post("/admin/accounts/preference/add/", {"key": "theme", "value": '"dark"', "user": ""})
    shown.append(theme_of(client))
    (kept,) = Preference.objects.all()
    boss.post(f"/admin/accounts/preference/{kept.pk}/delete/", {"post": "yes"})
    shown.append(theme_of(client))

    assert shown == ["auto", "dark", "auto"]


def test_what_is_forgotten_counts_no_longer(client: Client, ann: User) -> None:
    client.post("/accounts/display/", {"theme": "dark"})
    forget_all(ann)
    del client.cookies["theme"]

    assert theme_of(client) == "auto"


def test_who_is_not_signed_in_keeps_the_choice_in_the_browser(client: Client) -> None:
    client.post("/accounts/display/", {"theme": "dark"})
    client.post("/accounts/display/", {"language": "fr"})

    page = client.get("/welcome/", HTTP_ACCEPT_LANGUAGE="en")

    assert 'data-theme-choice="dark" data-bs-theme="dark"' in page.content.decode()
    assert page.headers["Content-Language"] == "fr"


@pytest.mark.parametrize(
    ("cookie", "value"),
    [("theme", "pink"), ("theme", '"><script>'), ("django_language", "xx"), ("zone", "../../etc")],
)
def test_a_cookie_that_makes_no_sense_is_no_word(
    client: Client, ann: User, cookie: str, value: str
) -> None:
    client.cookies[cookie] = value

    page = client.get("/preferences/")

    assert page.status_code == 200
    assert page.context["request"].display.theme == "auto"
    assert page.context["request"].display.time_zone == "UTC"


def test_times_are_told_by_the_clock_of_the_browser_unless_one_says_else(
    client: Client, ann: User
) -> None:
    client.cookies["zone"] = "America%2FNew_York"
    by_browser = client.get("/preferences/").context["request"].display.time_zone
    prefer(ann, "time_zone", "Asia/Tokyo")

    page = client.get("/preferences/")

    assert by_browser == "America/New_York"
    assert page.context["request"].display.time_zone == "Asia/Tokyo"
    assert 'data-zone="Asia/Tokyo"' in page.content.decode()
    assert "+09:00" in page.content.decode()
    assert timezone.get_current_timezone_name() == "UTC"


def test_a_moment_is_shown_in_the_zone_and_told_exactly_on_hover() -> None:
    when = datetime(2026, 1, 2, 23, 30, tzinfo=UTC)

    with timezone.override("Asia/Tokyo"):
        shown = Template("{% load packer %}{{ when|moment }}").render(Context({"when": when}))

    assert 'title="2026-01-03T08:30:00+09:00"' in shown


def test_a_session_asks_once_for_what_is_preferred(
    client: Client, ann: User, django_assert_max_num_queries: Any
) -> None:
    client.get("/nowhere/")

    with django_assert_max_num_queries(2):  # the session and the user
        client.get("/nowhere/")


@pytest.mark.parametrize("wanted", HOSTILE)
def test_no_form_leads_to_another_site(client: Client, wanted: str) -> None:
    make_user(username="bob", password="Secret-123")
    login = {"username": "bob", "password": "Secret-123", "next": wanted}

    display = client.post("/accounts/display/", {"theme": "dark", "next": wanted})
    logged_in = client.post("/accounts/login/", login)

    assert (display.headers["Location"], logged_in.headers["Location"]) == ("/", "/")


def test_what_is_no_page_leads_to_the_first_one(client: Client) -> None:
    display = client.post("/accounts/display/", {"theme": "dark", "next": "nowhere"})

    assert display.headers["Location"] == "/"


def test_a_form_leads_back_to_its_page(client: Client) -> None:
    back = client.post("/accounts/display/", {"theme": "dark", "next": "/rules/?page=2"})

    assert back.headers["Location"] == "/rules/?page=2"


@pytest.mark.parametrize("wished", [{"theme": "pink"}, {"language": "de"}, {}, {"view": "cards"}])
def test_a_choice_that_makes_no_sense_is_not_kept(
    client: Client, ann: User, wished: dict[str, str]
) -> None:
    client.post("/accounts/display/", wished)

    assert not Preference.objects.exists()
    assert preference(ann, "theme") == "auto"
