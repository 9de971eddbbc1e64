"""What is done again and again: who does it, how it is told, what one changes of it."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils.translation import ngettext_lazy
from rest_framework.test import APIClient

from accounts.models import User
from accounts.permissions import Denied
from jobs import duties
from jobs.actions import Refused
from jobs.chores import Chore
from jobs.duties import Duty, do_due
from tests.factories import make_admin, make_operator

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
SEVERAL = ngettext_lazy("%(count)d crumb swept", "%(count)d crumbs swept", "count")
REASON = "It could not be done."
AGO = timedelta(hours=1)


def reason(error: BaseException, reference: str) -> tuple[str, str]:
    return REASON, ""


def look() -> None:
    do_due(reason, lambda: None)


@pytest.fixture
def chores(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Duty]]:
    def make(**known: Callable[[], int | None]) -> dict[str, Duty]:
        table = {
            name: Duty(name.capitalize(), do, SEVERAL, every_s=0 if name == "always" else 60)
            for name, do in known.items()
        }
        monkeypatch.setattr(duties, "duties", lambda: table)
        return table

    return make


@pytest.fixture
def swept(chores: Callable[..., Any]) -> list[int]:
    """Have one chore, `sweep`, and return what grows each time it is done."""
    done: list[int] = []

    def sweep() -> int:
        done.append(1)
        return 12

    chores(sweep=sweep)
    return done


def due_again(**fields: Any) -> None:
    Chore.objects.update(due_at=Now() - AGO, **fields)


def row() -> Chore:
    return Chore.objects.get(name="sweep")


def test_a_chore_is_done_once_in_its_interval_and_told(swept: list[int]) -> None:
    look()
    look()

    assert len(swept) == 1
    told = row()
    assert (told.count, told.total, told.runs, told.failures) == (12, 12, 1, 0)
    assert told.began_at
    assert told.ended_at
    assert timedelta(seconds=50) < told.due_at - told.began_at <= timedelta(seconds=60)
    assert duties.listed()[0].outcome == "12 crumbs swept"


def test_after_an_hour_of_nobody_looking_it_is_done_once(swept: list[int]) -> None:
    look()
    due_again()

    look()
    look()

    assert len(swept) == 2


@pytest.mark.django_db(transaction=True)
def test_of_several_that_look_at_once_one_does_it(swept: list[int]) -> None:
    look()
    due_again()
    gate = threading.Barrier(4)

    def look_together() -> None:
        gate.wait()
        try:
            look()
        finally:
            connection.close()

    threads = [threading.Thread(target=look_together) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(swept) == 2
    assert row().runs == 2


def test_what_is_switched_off_is_left_until_it_is_asked_for(
    swept: list[int], settings: Any
) -> None:
    look()
    duties.change_chore("sweep", by=make_admin(), is_on=False, every_s=None)
    due_again()
    look()
    assert len(swept) == 1

    duties.ask_for_chore("sweep", by=make_admin())
    look()
    look()

    assert len(swept) == 2


def test_another_interval_counts_from_now(swept: list[int]) -> None:
    look()

    duties.change_chore("sweep", by=make_admin(), is_on=None, every_s=3600)
    look()

    assert len(swept) == 2
    began_at = row().began_at
    assert began_at
    assert row().due_at - began_at > timedelta(minutes=59)


def test_while_somebody_is_at_it_nobody_else_begins(swept: list[int]) -> None:
    look()
    due_again(held_until=Now() + AGO)
    look()
    assert len(swept) == 1

    due_again(held_until=Now() - timedelta(seconds=1))  # who was at it has died
    look()
    assert len(swept) == 2


def test_a_failure_is_told_retried_and_forgiven(chores: Callable[..., Any]) -> None:
    outcomes: list[Any] = [PermissionError("secret path"), 3]

    def sweep() -> int:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return int(outcome)

    done: list[int] = []
    chores(sweep=sweep, other=lambda: done.append(1))
    look()
    failed = row()
    assert (failed.failures, failed.error, failed.count) == (1, REASON, 0)
    assert failed.failed_at
    assert done == [1]

    due_again()
    look()

    assert (row().failures, row().count, row().error) == (0, 3, REASON)


def test_a_database_that_goes_away_leaves_the_chore_free(chores: Callable[..., Any]) -> None:
    def sweep() -> int:
        raise OperationalError(2006, "Server has gone away")

    chores(sweep=sweep)

    with pytest.raises(OperationalError):
        look()

    assert row().held_until is None
    assert row().failures == 1


def test_a_mistake_that_the_database_finds_is_a_failure_as_others_are(
    chores: Callable[..., Any],
) -> None:
    def sweep() -> int:
        raise OperationalError(1054, "Unknown column")

    done: list[int] = []
    chores(sweep=sweep, next=lambda: done.append(1))

    look()

    assert Chore.objects.get(name="sweep").error == REASON
    assert done == [1]


def test_what_is_always_done_writes_its_row_only_when_it_did_something(
    chores: Callable[..., Any], django_assert_num_queries: Any
) -> None:
    counts = [0, 2, 0]
    chores(always=lambda: counts.pop(0))
    look()
    assert Chore.objects.get().ended_at is None

    look()
    assert Chore.objects.get().count == 2

    with django_assert_num_queries(2):
        look()


def test_what_is_always_done_cannot_be_changed(chores: Callable[..., Any]) -> None:
    chores(always=int)

    with pytest.raises(Refused, match="always done"):
        duties.change_chore("always", by=make_admin(), is_on=False, every_s=None)
    with pytest.raises(Refused, match="always done"):
        duties.ask_for_chore("always", by=make_admin())


def test_an_operator_changes_no_chore(swept: list[int]) -> None:
    with pytest.raises(Denied):
        duties.change_chore("sweep", by=make_operator(), is_on=False, every_s=None)
    with pytest.raises(Denied):
        duties.ask_for_chore("sweep", by=make_operator())


# The page


@pytest.fixture
def root() -> User:
    return make_admin()


@pytest.fixture
def browser(root: User) -> Client:
    client = Client()
    client.force_login(root)
    return client


def test_the_page_tells_of_each_chore(swept: list[int], browser: Client) -> None:
    look()

    page = browser.get(reverse("chores:index")).content.decode()

    assert "12 crumbs swept" in page
    assert 'value="60"' in page


def test_the_page_changes_and_asks(swept: list[int], browser: Client) -> None:
    change, run = (reverse(f"chores:{name}", args=["sweep"]) for name in ("change", "run"))

    assert browser.post(change, {"every_s": "120"}).status_code == 302
    assert (row().is_on, row().every_s) == (False, 120)

    assert browser.post(run).status_code == 302
    assert row().is_wanted


@pytest.mark.parametrize("every_s", ["", "9", "soon", "2678401"])
def test_an_interval_that_makes_no_sense_changes_nothing(
    swept: list[int], browser: Client, every_s: str
) -> None:
    answer = browser.post(
        reverse("chores:change", args=["sweep"]), {"every_s": every_s}, follow=True
    )

    assert b"alert" in answer.content
    assert (Chore.objects.filter(name="sweep", every_s=60, is_on=True).count()) == 1


# For programs


@pytest.fixture
def api(root: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(root)
    return client


def test_programs_read_change_and_ask(swept: list[int], api: APIClient) -> None:
    look()
    (told,) = api.get("/api/config/chores").json()["chores"]
    assert (told["name"], told["outcome"], told["count"], told["failures"]) == (
        *("sweep", "12 crumbs swept"),
        *(12, 0),
    )
    assert told["next_at"]

    assert api.put("/api/config/chores/sweep", {"on": False}, format="json").status_code == 200
    assert api.post("/api/config/chores/sweep/run").status_code == 202

    (told,) = api.get("/api/config/chores").json()["chores"]
    assert (told["on"], told["every_s"], told["next_at"]) == (False, 60, None)
    assert row().is_wanted


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("sweep", {"every_s": 9}, 400),
        ("sweep", {"every": 90}, 400),
        ("nothing", {"on": True}, 404),
    ],
)
def test_programs_are_told_what_makes_no_sense(
    swept: list[int], api: APIClient, name: str, body: Any, status: int
) -> None:
    assert api.put(f"/api/config/chores/{name}", body, format="json").status_code == status
    assert api.post("/api/config/chores/nothing/run").status_code == 404
