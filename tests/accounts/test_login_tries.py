from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, connections
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.actions.logins import sweep_logins
from accounts.backends import Password, TooManyTries
from accounts.models import LoginTries, User
from tests.accounts.hashing import hashed
from tests.factories import make_admin, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "Secret-123"


@pytest.fixture(autouse=True)
def five(settings: Settings) -> Iterator[None]:
    """Allow five tries in fifteen minutes, and count how often a password is hashed."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"login": "5/15min"}
    settings.PASSWORD_HASHERS = ["tests.accounts.hashing.Counting"]
    yield
    hashed.clear()


@pytest.fixture
def ann() -> User:
    return make_known("ann")


def make_known(username: str, **fields: Any) -> User:
    known = {"username": username, "email": f"{username}@example.com", "password": PASSWORD}
    user = make_user(**known | fields)
    hashed.clear()
    return user


def tried(
    username: str = "ann", password: str = "wrong", address: str = "192.0.2.1", **headers: str
) -> Any:
    body = {"username": username, "password": password}
    door = APIClient(REMOTE_ADDR=address, headers=headers)
    return door.post("/api/auth/login", body, format="json")


def at_page(username: str = "ann", password: str = "wrong") -> Any:
    body = {"username": username, "password": password}
    return Client(REMOTE_ADDR="192.0.2.1").post("/accounts/login/", body)


def exhausted(username: str = "ann", address: str = "192.0.2.1") -> None:
    for _ in range(5):
        assert tried(username, address=address).status_code == 401


def moved(**by: int) -> None:
    """Let so much time pass for all that was tried."""
    for row in LoginTries.objects.all():
        LoginTries.objects.filter(pk=row.pk).update(since=row.since - timedelta(**by))


def test_of_two_hundred_guesses_five_are_looked_at(ann: User) -> None:
    answers = [tried(password=f"guess{number}") for number in range(200)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 195
    assert hashed == [f"guess{number}" for number in range(5)]
    for answer in answers[5:]:
        assert 0 < int(answer.headers["Retry-After"]) <= 900
        assert answer.json() == {
            "error": "RateLimited",
            "message": "Too many tries to log in. Try again in 15 minutes.",
        }


@pytest.mark.django_db(transaction=True)
def test_of_twenty_guesses_at_the_same_time_five_are_looked_at(ann: User) -> None:
    def guess(number: int) -> int:
        try:
            return int(tried(password=f"guess{number}").status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as threads:
        statuses = list(threads.map(guess, range(20)))

    assert sorted(statuses) == [401] * 5 + [429] * 15
    assert len(hashed) == 5


def test_the_right_password_has_to_wait_as_well(ann: User) -> None:
    exhausted()

    assert tried(password=PASSWORD).status_code == 429
    assert PASSWORD not in hashed


def test_who_waited_may_log_in_and_tries_meanwhile_do_not_make_it_longer(ann: User) -> None:
    exhausted()
    moved(minutes=14)
    early = tried(password=PASSWORD)
    moved(minutes=1, seconds=1)

    assert early.status_code == 429
    assert 0 < int(early.headers["Retry-After"]) <= 60
    assert early.json()["message"].endswith("Try again in 1 minute.")
    assert tried(password=PASSWORD).status_code == 200


def test_no_fifteen_minutes_hold_more_than_five_however_guesses_are_spread(ann: User) -> None:
    for _ in range(5):
        assert tried().status_code == 401
        moved(minutes=4)
    assert tried().status_code == 429

    moved(minutes=11)
    assert [tried().status_code for _ in range(6)] == [401] * 5 + [429]


def test_each_of_a_hundred_addresses_has_its_own_five_and_none_locks_the_account(
    ann: User,
) -> None:
    for number in range(100):
        exhausted(address=f"198.51.100.{number}")

    assert len(hashed) == 500
    assert tried(password=PASSWORD, address="198.51.100.7").status_code == 429
    assert tried(password=PASSWORD, address="203.0.113.1").status_code == 200


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP", "True-Client-IP", "Via"]
)
def test_a_forged_header_gives_no_more_tries(ann: User, header: str) -> None:
    statuses = [tried(**{header: f"for=203.0.113.{n}"}).status_code for n in range(10)]

    assert statuses == [401] * 5 + [429] * 5


def test_a_name_is_one_account_however_it_is_written(ann: User) -> None:
    written = ["ann", "ANN", "\uff41nn", "Ann", "aNN"]  # the third is of wide letters
    assert [tried(name).status_code for name in written] == [401] * 5

    assert tried("anN", PASSWORD).status_code == 429
    assert len(hashed) == 5


def test_letters_that_a_database_takes_for_others_open_no_other_account(ann: User) -> None:
    for name in ("änn", "ànn", "ańn"):
        assert tried(name, PASSWORD).status_code == 401

    assert tried("ann", PASSWORD).status_code == 200


def test_the_name_and_the_address_of_an_account_share_its_tries(ann: User) -> None:
    for number in range(10):
        name = "ann" if number % 2 else "ann@example.com"
        assert tried(name).status_code == 401
    moved(minutes=14)

    assert tried("ann", PASSWORD).status_code == 429
    assert tried("ANN@example.com", PASSWORD).status_code == 429


def test_an_address_does_not_tell_whose_it_is_by_using_up_tries_of_the_name(ann: User) -> None:
    exhausted("ann@example.com")
    exhausted("nobody@example.com")

    known, unknown = tried("ann", PASSWORD), tried("somebody", PASSWORD)

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert known.status_code == 401


def test_a_success_frees_the_account_at_this_address_and_nothing_else(ann: User) -> None:
    make_known("bob")
    for _ in range(4):
        tried("ann"), tried("ann@example.com", address="192.0.2.2"), tried("bob")
    assert tried("ann", PASSWORD).status_code == 200

    exhausted("ann")
    for others in (("bob", "192.0.2.1"), ("ann@example.com", "192.0.2.2")):
        name, address = others
        assert [tried(name, address=address).status_code for _ in range(2)] == [401, 429]


def test_a_success_by_name_frees_the_mail_address_as_well(ann: User) -> None:
    for _ in range(4):
        tried("ann@example.com")
    assert tried("ann", PASSWORD).status_code == 200

    exhausted("ann@example.com")


def test_known_and_unknown_names_are_answered_alike(ann: User) -> None:
    known = [tried("ann") for _ in range(6)]
    unknown = [tried("nobody") for _ in range(6)]

    assert [a.content for a in known] == [a.content for a in unknown]
    assert [a.status_code for a in known] == [a.status_code for a in unknown]
    assert [sorted(a.headers) for a in known] == [sorted(a.headers) for a in unknown]


def branches() -> dict[str, tuple[str, str]]:
    make_known("ann")
    make_known("idle", is_active=False)
    make_known("keyless").set_unusable_password()
    User.objects.filter(username="keyless").update(password="!nothing")
    for twin in ("twin1", "twin2"):
        make_known(twin, email="twins@example.com")
    return {
        "known, wrong": ("ann", "wrong"),
        "unknown": ("nobody", "wrong"),
        "unknown address": ("nobody@example.com", "wrong"),
        "known address": ("ann@example.com", "wrong"),
        "inactive": ("idle", PASSWORD),
        "inactive, wrong": ("idle", "wrong"),
        "no password": ("keyless", "wrong"),
        "address of two": ("twins@example.com", PASSWORD),
    }


def test_a_refusal_takes_the_same_work_whatever_the_reason() -> None:
    work = {}
    for name, credentials in branches().items():
        hashed.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = tried(*credentials)
        assert answer.status_code == 401, name
        statements = [query["sql"].split()[0] for query in queries]
        work[name] = (len(hashed), statements, answer.content)

    assert len(hashed) == 1
    assert {str(done) for done in work.values()} == {str(work["unknown"])}, work


def test_a_name_longer_than_any_database_compares_is_nobodys() -> None:
    assert tried("n" * 60_000).status_code == 401
    assert len(hashed) == 1


def test_all_addresses_of_one_network_share_the_tries() -> None:
    for last in range(1, 6):
        assert tried(address=f"2001:db8:1:2::{last}").status_code == 401

    assert tried(address="2001:db8:1:2:ffff::9").status_code == 429
    assert tried(address="2001:db8:1:3::1").status_code == 401


def test_all_doors_share_the_tries(ann: User) -> None:
    for _ in range(3):
        assert at_page().status_code == 200
    for _ in range(2):
        assert tried().status_code == 401

    assert tried().status_code == 429
    assert at_page(password=PASSWORD).status_code == 429
    with pytest.raises(TooManyTries):
        Client(REMOTE_ADDR="192.0.2.1").login(
            request=RequestFactory(REMOTE_ADDR="192.0.2.1").get("/"),
            username="ann",
            password=PASSWORD,
        )
    assert len(hashed) == 5


def test_a_door_that_does_not_wait_counts_as_well(ann: User) -> None:
    authenticate = async_to_sync(Password().aauthenticate)
    for _ in range(5):
        assert authenticate(None, username="ann", password="wrong") is None

    with pytest.raises(TooManyTries):
        authenticate(None, username="ann", password=PASSWORD)


def test_the_page_says_at_the_form_how_long_to_wait(ann: User) -> None:
    for _ in range(5):
        at_page()

    answer = at_page(password=PASSWORD)
    page = answer.content.decode()

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "Too many tries to log in. Wait 15 minutes, then try again." in page
    assert 'value="ann"' in page
    assert "correct" not in page


def test_the_page_says_the_same_of_whoever_does_not_exist(ann: User) -> None:
    pages = [[at_page(name).content.decode() for _ in range(6)] for name in ("ann", "nobody")]

    for known, unknown in zip(*pages, strict=True):
        assert text_of(known) == text_of(unknown).replace('value="nobody"', 'value="ann"')


def text_of(page: str) -> str:
    """Return the page without the token of its form, which differs each time."""
    return "\n".join(line for line in page.splitlines() if "csrf" not in line.lower())


def test_one_may_log_in_at_the_page_with_a_mail_address(ann: User) -> None:
    answer = at_page("Ann@Example.com", PASSWORD)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_of_two_whose_names_differ_in_case_the_one_that_is_meant_logs_in() -> None:
    if connection.vendor == "mysql":
        pytest.skip("takes names that differ in case for one")
    make_known("bob", password="Other-456")
    make_known("Bob")

    assert tried("Bob", PASSWORD).json()["user"]["username"] == "Bob"
    assert tried("BOB", PASSWORD).status_code == 401


def test_whose_name_is_the_address_of_another_comes_first() -> None:
    make_known("ann@example.com", email="", password="Other-456")
    make_known("ann")

    assert tried("ann@example.com", "Other-456").json()["user"]["username"] == "ann@example.com"
    assert tried("ann@example.com", PASSWORD).status_code == 401


def test_what_is_kept_of_tries_names_nobody(ann: User) -> None:
    tried("ann", "a-guess"), tried("ann@example.com", "a-guess")

    kept = str(list(LoginTries.objects.values()))

    for secret in ("ann", "example.com", "192.0.2.1", "a-guess"):
        assert secret not in kept


def test_tries_that_count_no_longer_are_removed(ann: User) -> None:
    tried("ann")
    moved(minutes=16)
    tried("bob")

    sweep_logins()

    assert LoginTries.objects.count() == 2
    assert all(
        row.since > timezone.now() - timedelta(minutes=1) for row in LoginTries.objects.all()
    )


class TestTheAdministration:
    def test_leads_to_the_one_page_to_log_in_at(self, client: Client) -> None:
        make_admin()
        answer = client.get("/admin/releases/release/?q=x", follow=True)

        there = "/accounts/login/?next=/admin/releases/release/%3Fq%3Dx"
        assert answer.redirect_chain[-1] == (there, 302)

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_looks_at_no_password_itself(self, client: Client, method: str) -> None:
        make_known("boss", is_staff=True, is_superuser=True)
        body = {"username": "boss", "password": PASSWORD}

        answer = getattr(client, method)("/admin/login/?next=/admin/", body)

        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/accounts/login/?next=")
        assert not hashed

    def test_lets_in_who_may_enter(self, client: Client) -> None:
        client.force_login(make_admin())

        answer = client.get("/admin/login/?next=/admin/accounts/user/", follow=True)

        assert answer.redirect_chain == [("/admin/accounts/user/", 302)]
        assert answer.status_code == 200

    def test_tells_who_may_not_enter_so_and_sends_them_nowhere(self, client: Client) -> None:
        client.force_login(make_user())

        answer = client.get("/admin/", follow=True)

        assert answer.status_code == 403
        assert "Your account may not enter the administration." in answer.content.decode()

    @pytest.mark.parametrize(
        "wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil", ""]
    )
    def test_leads_to_no_other_site(self, client: Client, wanted: str) -> None:
        anonymous = client.get("/admin/login/", {"next": wanted}).headers["Location"]
        client.force_login(make_admin())

        assert anonymous == "/accounts/login/?next=/admin/"
        assert client.get("/admin/login/", {"next": wanted}).headers["Location"] == "/admin/"


def test_the_present_password_is_not_guessed_where_one_changes_it(
    client: Client, settings: Settings
) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"login": "3/15min"}
    user = make_user(password="Secret-123")
    client.force_login(user)
    new = {"new_password1": "Another-456", "new_password2": "Another-456"}

    wrong = [
        client.post("/accounts/password/", new | {"old_password": f"Guess-{n}"}) for n in range(3)
    ]
    right = client.post("/accounts/password/", new | {"old_password": "Secret-123"})

    assert [page.status_code for page in wrong] == [200, 200, 200]
    assert "Wait 15 minutes" in right.content.decode()
    assert User.objects.get(pk=user.pk).check_password("Secret-123")
