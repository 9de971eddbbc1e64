from collections.abc import Callable, Iterator
from typing import Any

import pytest

from releases.metadata import providers
from releases.metadata.http import outlet
from releases.metadata.providers import PROVIDERS, Access, Answer, Query, ask
from tests.metadata.service import Service, running

KEY = "canary-key"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "BACK_OFF_S", 0.001)
    monkeypatch.setattr(providers, "BUDGET_S", 3.0)


@pytest.fixture
def service() -> Iterator[Service]:
    with running() as one:
        yield one


@pytest.fixture
def access(service: Service) -> Access:
    """All providers at our own service, with one key."""
    return Access(
        keys=dict.fromkeys(PROVIDERS, KEY),
        base_urls=dict.fromkeys(PROVIDERS, service.url),
        allowed_hosts=frozenset({service.authority}),
        contact="https://packer.example/",
    )


Asks = Callable[..., Answer]


@pytest.fixture
def asks(access: Access) -> Asks:
    """Ask one provider: `asks("OMDb", title="…")`."""

    def one(name: str, **query: Any) -> Answer:
        return ask([name], Query(**query), access=access)[0]

    return one
