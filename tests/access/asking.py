"""One cell of the table: somebody asks, and nothing stays of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from rest_framework.test import APIClient

from accounts.actions.logins import begin_login
from accounts.models import User
from api.auth import tokens
from tests.access import things
from tests.access.columns import Column
from tests.access.things import Thing
from tests.factories import make_user

Body = Callable[[Thing], Any]


@dataclass(frozen=True, slots=True)
class Row:
    """An operation: what is made for it, what is sent to it, what each column is answered."""

    method: str
    route: str
    thing: Callable[[User], Thing]
    statuses: tuple[int, ...]

    @property
    def name(self) -> str:
        return f"{self.method} {self.route}"


def rows_of(table: str, columns: Sequence[Column]) -> list[Row]:
    """Return the rows of `table`: method, route, kind of thing, then a status for each column."""
    rows = []
    for line in table.splitlines():
        if line.startswith("#"):
            continue
        method, route, kind, *statuses = line.replace("|", " ").split()
        assert len(statuses) == len(columns), line
        rows.append(Row(method, route, getattr(things, kind), tuple(map(int, statuses))))
    return rows


class Asker:
    """Somebody of the table, signed in once; all that a question does is taken back."""

    def __init__(self, column: Column, sign_in: Callable[[User | None], Client]) -> None:
        user = column.make()
        self.client = sign_in(user)
        self.cookies = dict(self.client.cookies)
        self.owner = user if column.asks_for_own and user else make_user()

    def answered(self, row: Row, body: Body | None = None) -> int:
        """Return the status that the operation is answered."""
        with transaction.atomic():
            thing = row.thing(User.objects.get(pk=self.owner.pk))
            sent = sendable(body(thing) if body else None)
            path = reverse(row.route, kwargs=dict(thing.path)) + thing.query
            self.client.cookies.clear()  # a logout before took them away
            self.client.cookies.update(self.cookies)
            ask = getattr(self.client, row.method.lower())
            status = ask(path, **sent, headers=dict(thing.headers)).status_code
            transaction.set_rollback(True)  # Django's own
        return int(status)


def program(user: User | None) -> Client:
    """Return a client that shows the access token of a login."""
    client = APIClient(raise_request_exception=False)
    if user:
        token = tokens(begin_login(user))["access_token"]
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def browser(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    return client


def routes(patterns: Sequence[URLPattern | URLResolver], within: str = "") -> dict[str, URLPattern]:
    """Return every named address below `patterns`, by its name, e.g. ``api:release``."""
    found: dict[str, URLPattern] = {}
    for one in patterns:
        if isinstance(one, URLPattern):
            found |= {f"{within}{one.name}": one} if one.name else {}
        else:
            inner = f"{one.namespace}:" if one.namespace else ""
            found |= routes(one.url_patterns, within + inner)
    return found


def surprises(
    rows: Sequence[Row], column: Column, number: int, ask: Callable[[Row], int]
) -> list[str]:
    """Return where `column`, the table's `number`, is answered something else than it says."""
    found = ((row, ask(row)) for row in rows)
    return [
        f"{row.name} of {row.thing.__name__}: {status}, not {row.statuses[number]}"
        for row, status in found
        if status != row.statuses[number]
    ]


def sendable(sent: Any) -> dict[str, Any]:
    """Return how the test client is told to send `sent`: as a form where a file is among it."""
    if sent is None:
        return {}
    if isinstance(sent, bytes):
        return {"data": sent, "content_type": "application/offset+octet-stream"}
    is_form = isinstance(sent, dict) and any(hasattr(one, "read") for one in sent.values())
    return {"data": sent, "format": "multipart" if is_form else "json"}
