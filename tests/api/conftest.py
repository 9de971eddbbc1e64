import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.factories import make_operator


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
