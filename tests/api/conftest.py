from collections.abc import Iterator

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from tests.api.world import World
from tests.factories import make_operator
from tests.loopback import LoopbackProviders
from tests.rulebook.site import rules_site


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator(username="operator", email="operator@example.com", password="Secret-123")


@pytest.fixture
def api(operator: User) -> APIClient:
    """A client that logged in as an operator would: with a token."""
    client = APIClient()
    body = {"username": "operator", "password": "Secret-123"}
    token = client.post("/api/auth/login", body, format="json").json()["access_token"]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.fixture
def world(seeded: None, settings: Settings, providers: LoopbackProviders) -> Iterator[World]:
    with rules_site() as site:
        settings.RULES_URL = site.url
        settings.OUTBOUND_HOSTS = [*settings.OUTBOUND_HOSTS, site.service.authority]
        yield World(settings, site)
