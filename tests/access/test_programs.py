"""Every address of the API, each method, each person: what the table says, and nothing else."""

import pytest
from django.urls import URLPattern, get_resolver
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.access import programs, things
from tests.access.asking import Asker, Row, program, routes, surprises
from tests.access.columns import COLUMNS, Column, holding
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded", "providers")]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
NUMBERED = [
    pytest.param(
        number, column, id=f"{column.who} asks for {'own' if column.asks_for_own else 'other'}"
    )
    for number, column in enumerate(COLUMNS)
]


@pytest.fixture(autouse=True)
def nowhere(settings: Settings) -> None:
    """Have the site of the rules lie where nobody listens."""
    settings.RULES_URL = "http://127.0.0.1:9/"
    settings.OUTBOUND_HOSTS = [*settings.OUTBOUND_HOSTS, "127.0.0.1:9"]


@pytest.mark.parametrize(("number", "column"), NUMBERED)
def test_a_program_is_answered_what_the_table_says(number: int, column: Column) -> None:
    asker = Asker(column, program)

    def ask(row: Row) -> int:
        return asker.answered(row, programs.BODIES.get(row.name))

    assert surprises(programs.rows(), column, number, ask) == []


def test_every_operation_of_the_api_stands_in_the_table() -> None:
    served = {
        f"{method} {name}"
        for name, pattern in routes(get_resolver().url_patterns).items()
        if name.startswith("api:") and name != "api:nowhere"
        for method in methods(pattern)
    }

    assert served == {row.name for row in programs.rows()}


def methods(pattern: URLPattern) -> list[str]:
    view = getattr(pattern.callback, "view_class", pattern.callback)
    return [one for one in METHODS if hasattr(view, one.lower())]


def test_who_may_not_see_is_answered_as_if_it_were_not_there() -> None:
    client = APIClient()
    client.force_authenticate(holding("mod", "delete")())
    there = things.release(make_user()).path["pk"]
    gone = there + 1_000

    for method in ("get", "put", "delete"):
        ask = getattr(client, method)
        hidden, absent = ask(f"/api/releases/{there}"), ask(f"/api/releases/{gone}")
        assert (hidden.status_code, absent.status_code) == (404, 404)
        words = [answer.json()["message"] for answer in (hidden, absent)]
        assert words[0].replace(str(there), "N") == words[1].replace(str(gone), "N")
