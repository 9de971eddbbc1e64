"""Every address of the pages, each person: what the table says, and nothing else."""

import pytest
from django.urls import get_resolver
from pytest_django import Settings

from tests.access import pages
from tests.access.asking import Asker, browser, routes, surprises
from tests.access.columns import Column

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded", "providers")]
NUMBERED = [
    pytest.param(number, column, id=f"{column.who}, {'own' if column.asks_for_own else 'other'}")
    for number, column in enumerate(pages.SHOWN)
]


@pytest.fixture(autouse=True)
def nowhere(settings: Settings) -> None:
    """Have the site of the rules lie where nobody listens."""
    settings.RULES_URL = "http://127.0.0.1:9/"
    settings.OUTBOUND_HOSTS = [*settings.OUTBOUND_HOSTS, "127.0.0.1:9"]


@pytest.mark.parametrize(("number", "column"), NUMBERED)
def test_a_person_is_answered_what_the_table_says(number: int, column: Column) -> None:
    asker = Asker(column, browser)

    assert surprises(pages.rows(), column, number, asker.answered) == []


def test_every_page_stands_in_the_table() -> None:
    served = {
        f"{method} {name}"
        for name in routes(get_resolver().url_patterns)
        if name.partition(":")[0] not in {"admin", "api"}
        for method in ("GET", "POST")
    }

    assert served == {row.name for row in pages.rows()}
