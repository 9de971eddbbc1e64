"""From where a request comes: only a proxy that is named may say so."""

from pathlib import Path

import httpx
import pytest
from pytest_django import Settings

from packer_site.serve import web
from tests.instance import running_instance

HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP")


def guesses(url: str, count: int) -> list[int]:
    """Guess so often, each time as if from elsewhere; return what is answered."""
    statuses = []
    for number in range(count):
        forged = dict.fromkeys(HEADERS, f"203.0.113.{number}")
        guess = {"username": "admin", "password": f"guess{number}"}
        statuses.append(httpx.post(f"{url}/api/auth/login", json=guess, headers=forged).status_code)
    return statuses


@pytest.mark.slow
def test_forged_headers_give_no_more_guesses_of_a_password(tmp_path: Path) -> None:
    with running_instance(tmp_path, RATE_LIMIT_LOGIN="5/15min") as instance:
        assert guesses(instance.url, 8) == [401] * 5 + [429] * 3


@pytest.mark.slow
def test_a_proxy_that_is_trusted_says_who_asks(tmp_path: Path) -> None:
    trusting = {"RATE_LIMIT_LOGIN": "5/15min", "TRUSTED_PROXIES": "127.0.0.1,10.0.0.0/8"}
    with running_instance(tmp_path, **trusting) as instance:
        assert guesses(instance.url, 8) == [401] * 8


def test_the_server_is_told_whom_to_believe(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = []
    assert web("127.0.0.1", 8000, 10)[-1] == "--no-proxy-headers"

    settings.TRUSTED_PROXIES = ["127.0.0.1", "10.0.0.0/8"]
    assert web("127.0.0.1", 8000, 10)[-2:] == ["--forwarded-allow-ips", "127.0.0.1,10.0.0.0/8"]
