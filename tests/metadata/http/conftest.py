import threading
from collections.abc import Iterator

import pytest

from releases.metadata.http import outlet
from tests.metadata.service import Service, running


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "BACK_OFF_S", 0.001)


@pytest.fixture
def service() -> Iterator[Service]:
    with running() as one:
        yield one


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """What a thread may wait for that is to end with the test."""
    event = threading.Event()
    yield event
    event.set()
