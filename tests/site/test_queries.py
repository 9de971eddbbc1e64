"""How often each page asks the database: seldom, and no more often with more rows."""

from collections.abc import Iterable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from packer_site import menu
from releases import paging, statistics
from tests.atlas import NOBODY, Place
from tests.atlas.filling import fill, give_more
from tests.factories import make_admin

MOST_QUERIES = 10

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded"), pytest.mark.slow]


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> list[Place]:
    for module, name in ((menu, "KEPT_S"), (statistics, "KEPT_S"), (paging, "COUNT_AGE_S")):
        monkeypatch.setattr(module, name, 3600)  # else one may be forgotten between two requests
    make_admin(username="admin")
    return fill()


def test_no_page_asks_the_database_more_than_ten_times(places: list[Place]) -> None:
    counted = counts(places)

    assert {name: count for name, count in counted.items() if count > MOST_QUERIES} == {}


def test_no_page_asks_more_often_when_there_is_more(places: list[Place]) -> None:
    before = counts(places)

    give_more(User.objects.get(username="admin"))

    after = counts(places)
    assert {name: (before[name], after[name]) for name in after if after[name] > before[name]} == {}


def counts(places: Iterable[Place]) -> dict[str, int]:
    """Return how many queries each place takes, once what is remembered is remembered."""
    clients: dict[str, Client] = {}
    counted = {}
    for place in places:
        client = clients.setdefault(place.who, client_of(place.who))
        client.get(place.path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(place.path).status_code == place.status, place
        counted[place.name] = len(queries)
    return counted


def client_of(who: str) -> Client:
    client = Client()
    if who != NOBODY:
        client.force_login(User.objects.get(username=who))
    return client
