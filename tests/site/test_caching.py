"""Redis may go and come back: pages, logins and limits go on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from jobs.models import Supervisor
from monitoring import readiness
from packer_site import caching
from tests.factories import make_operator
from tests.redis import OwnRedis, own_redis

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def redis(tmp_path: Path, settings: Settings) -> Iterator[OwnRedis]:
    with own_redis(tmp_path) as there:
        settings.CACHES = {
            "default": {
                "BACKEND": "packer_site.caching.SharedCache",
                "LOCATION": there.url,
                "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
            }
        }
        caching.ABSENCE.until = 0.0
        yield there
        caching.ABSENCE.until = 0.0


@pytest.fixture
def operator() -> User:
    return make_operator(username="ann", password="Correct-Horse-7")


def answers(operator: User) -> list[int]:
    """Open pages, and log in anew by page and by program; return what is answered."""
    client = Client()
    client.force_login(operator)
    pages = [client.get(path).status_code for path in ("/", "/releases/", "/jobs/")]
    login = {"username": "ann", "password": "Correct-Horse-7"}
    asked = Client().post("/api/auth/login", login, content_type="application/json")
    return [*pages, asked.status_code]


def told_ready() -> tuple[int, Any]:
    readiness.LOOK.at = None
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()


def test_pages_and_logins_go_on_without_redis(redis: OwnRedis, operator: User) -> None:
    Supervisor.objects.beat("here:1", 1)
    before = answers(operator), told_ready()

    redis.kill()
    without = answers(operator), told_ready()
    redis.start()
    caching.ABSENCE.until = 0.001
    after = answers(operator), told_ready()

    assert [before[0], without[0], after[0]] == [[200] * 4] * 3
    assert [status for _pages, (status, _told) in (before, without, after)] == [200] * 3
    assert [told["status"] for _pages, (_status, told) in (before, without, after)] == [
        "ready",
        "degraded",
        "ready",
    ]
    assert "Redis" in without[1][1]["checks"]["cache"]["message"]


def test_a_flush_loses_nothing_but_what_was_counted(redis: OwnRedis, operator: User) -> None:
    answers(operator)
    redis.flush()

    assert answers(operator) == [200] * 4


def test_limits_are_counted_by_the_process_while_redis_is_away(
    redis: OwnRedis, settings: Settings
) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"public": "3/min"}
    redis.kill()

    statuses = [Client().get("/api/schema").status_code for _each in range(5)]

    assert statuses == [200] * 3 + [429] * 2


def test_a_cache_that_is_away_is_not_asked_at_every_step(redis: OwnRedis) -> None:
    cache.set("key", 1)
    redis.kill()

    assert cache.get("key") is None
    assert caching.ABSENCE.lasts
    redis.start()
    cache.set("key", 2)  # kept here: nobody asks Redis yet
    assert cache.get("key") == 2
    caching.ABSENCE.until = 0.001
    assert cache.get("key") is None  # Redis was started anew
    assert not caching.ABSENCE.lasts


def test_every_way_to_use_a_cache_works_with_and_without_redis(redis: OwnRedis) -> None:
    used(redis)
    redis.kill()
    used(redis)


def used(redis: OwnRedis) -> None:
    assert cache.add("a", 1)
    assert cache.incr("a") == 2
    assert cache.decr("a") == 1
    assert cache.touch("a", 60)
    assert "a" in cache
    cache.set_many({"b": 2, "c": 3})
    assert cache.get_many(["a", "b", "x"]) == {"a": 1, "b": 2}
    assert cache.get_or_set("d", lambda: 4) == 4
    cache.delete_many(["b"])
    assert cache.delete("c")
    assert cache.get("c", "none") == "none"
    with pytest.raises(ValueError, match="x"):
        cache.incr("x")
    cache.clear()
    assert cache.get("a") is None
