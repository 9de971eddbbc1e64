"""How many requests pass, and what answers tell of it."""

import json
import logging
import threading
import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.actions.tokens import make_token
from accounts.models import User
from accounts.rates import Rate
from api import limits
from tests.factories import make_admin, make_operator

pytestmark = pytest.mark.django_db
ME, NOWHERE = "/api/auth/me", "/api/nowhere"
HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


@pytest.fixture(autouse=True)
def few(settings: Settings) -> None:
    rates = {"public": "3/min", "user": "5/min", "admin": "7/min", "upload": "9/min"}
    settings.RATE_LIMITS = settings.RATE_LIMITS | rates


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def time(self) -> float:
        return self.now

    def shift(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(limits, "time", clock)
    return clock


def client_of(user: User) -> APIClient:
    client = APIClient()
    _token, text = make_token("test", ["account:read"], by=user)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


def passed(client: Any, address: str, times: int = 12, **about: Any) -> int:
    return sum(client.get(address, **about).status_code != 429 for _ in range(times))


def told(answer: Any) -> list[int]:
    return [int(answer[name]) for name in HEADERS]


@pytest.mark.usefixtures("seeded", "still")
def test_as_many_pass_as_the_settings_say() -> None:
    assert passed(APIClient(), NOWHERE) == 3
    assert passed(client_of(make_operator()), ME) == 5
    assert passed(client_of(make_admin()), ME) == 7


@pytest.mark.usefixtures("seeded", "still")
def test_pieces_of_files_have_a_limit_of_their_own() -> None:
    client = APIClient()
    client.force_authenticate(make_operator())
    piece = "/api/uploads/00000000-0000-4000-8000-000000000000"
    tus = {"Tus-Resumable": "1.0.0"}

    heads = [client.head(piece, headers=tus) for _ in range(12)]

    assert [answer.status_code for answer in heads] == [404] * 9 + [429] * 3
    assert client.get("/api/releases").status_code == 200
    assert client.delete(piece, headers=tus)["X-RateLimit-Limit"] == "5"


@pytest.mark.usefixtures("still")
def test_answers_count_down_and_tell_when_there_will_be_more() -> None:
    client, now = APIClient(), 1_800_000_000

    answers = [client.get(NOWHERE) for _ in range(4)]

    assert [told(answer)[:2] for answer in answers] == [[3, 2], [3, 1], [3, 0], [3, 0]]
    assert {told(answer)[2] for answer in answers} == {now + 60}
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]
    assert answers[3]["Retry-After"] == "60"
    assert answers[3].json() == {
        "error": "RateLimited",
        "message": "Too many requests: try again in 60 seconds.",
    }


def test_who_waits_as_long_as_told_is_let_in(still: Clock) -> None:
    client = APIClient()
    for _ in range(3):
        client.get(NOWHERE)

    still.shift(int(client.get(NOWHERE)["Retry-After"]))

    assert passed(client, NOWHERE) == 3


@pytest.mark.parametrize("offset", [0, 1, 29, 31, 57, 59.9])
def test_no_border_of_periods_lets_twice_as_many_in(still: Clock, offset: float) -> None:
    client = APIClient()
    still.shift(offset)
    first = passed(client, NOWHERE)
    within = []
    for _ in range(7):
        still.shift(8)
        within.append(passed(client, NOWHERE))

    assert first == 3
    assert within == [0] * 7


def test_requests_come_free_one_by_one_as_they_were_sent(still: Clock) -> None:
    client = APIClient()
    for _ in range(3):
        client.get(NOWHERE)
        still.shift(20)

    assert passed(client, NOWHERE) == 1
    still.shift(20)
    assert passed(client, NOWHERE) == 1


def test_who_is_refused_waits_no_longer_for_having_asked(still: Clock) -> None:
    client = APIClient()
    passed(client, NOWHERE, times=3)
    for _ in range(6):
        still.shift(10)
        refused = passed(client, NOWHERE, times=1)

    assert refused == 1


@pytest.mark.usefixtures("seeded", "still")
def test_one_person_is_one_client_whatever_they_show(settings: Settings) -> None:
    user = make_operator(username="Walter", password="Secret-123")
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"public": "100/min"}
    clients = [client_of(user), client_of(user)]
    for name in ("Walter", "Walter"):
        body = {"username": name, "password": "Secret-123"}
        answer = APIClient().post("/api/auth/login", body, format="json").json()
        clients.append(APIClient(headers={"Authorization": f"Bearer {answer['access_token']}"}))

    answers = [client.get(ME).status_code for client in clients for _ in range(2)]

    assert answers == [200] * 5 + [429] * 3


@pytest.mark.usefixtures("still")
def test_what_a_client_says_of_its_address_changes_nothing() -> None:
    client = APIClient()

    statuses = []
    for number in range(6):
        forged = {
            "X-Forwarded-For": f"198.51.100.{number}",
            "X-Real-IP": f"198.51.100.{number}",
            "Forwarded": f"for=198.51.100.{number}",
            "x-forwarded-host": f"host{number}",
        }
        statuses.append(client.get(NOWHERE + "/" * number + "X", headers=forged).status_code)

    assert statuses == [404] * 3 + [429] * 3


@pytest.mark.usefixtures("still")
def test_each_address_has_its_own() -> None:
    assert passed(APIClient(), NOWHERE, REMOTE_ADDR="192.0.2.1") == 3
    assert passed(APIClient(), NOWHERE, REMOTE_ADDR="192.0.2.2") == 3


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("shown", ["", "Bearer x.y.z", "Bearer rpk_" + "a" * 43, "Basic YTpi"])
def test_who_shows_nothing_of_worth_is_counted_by_address(shown: str) -> None:
    client = APIClient(headers={"Authorization": shown} if shown else {})

    answers = [client.get(ME) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [401] * 3 + [429] * 2
    assert answers[3].json()["error"] == "RateLimited"
    assert int(answers[3]["Retry-After"]) > 0


@pytest.mark.usefixtures("seeded", "still")
def test_what_a_token_may_not_do_counts_as_well() -> None:
    client = client_of(make_operator())

    assert [client.get("/api/releases").status_code for _ in range(6)] == [403] * 5 + [429]


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize(
    ("method", "address", "about", "status"),
    [
        ("get", ME, {}, 200),
        ("head", ME, {}, 200),
        ("options", ME, {}, 200),
        ("get", ME, {"credentials": {"HTTP_AUTHORIZATION": "Bearer no"}}, 401),
        ("get", "/api/releases", {}, 403),
        ("get", NOWHERE, {}, 404),
        ("get", "/api/", {}, 404),
        ("patch", ME, {}, 405),
        ("get", ME, {"headers": {"Accept": "image/png"}}, 406),
        ("get", ME, {"headers": {"Host": "elsewhere.example"}}, 400),
        ("put", "/api/config/preferences", {"data": "{", "content_type": "application/json"}, 403),
        ("get", "/api/schema", {}, 200),
        ("get", "/api/docs", {}, 200),
        ("options", "/api/uploads", {}, 204),
    ],
)
def test_every_answer_tells(method: str, address: str, about: Any, status: int) -> None:
    client = client_of(make_operator())
    if "credentials" in about:
        client.credentials(**about["credentials"])
        about = {}
    answer = getattr(client, method)(address, **about)

    limit, remaining, resets_at = told(answer)
    assert answer.status_code == status
    assert (limit, remaining) in {(5, 4), (3, 2)}
    assert 0 < resets_at - time.time() <= 61


def test_pages_are_not_counted(client: Client) -> None:
    answers = [client.get("/livez") for _ in range(12)]

    assert {answer.status_code for answer in answers} == {200}
    assert not any(name in answers[0] for name in HEADERS)


@pytest.mark.slow
@pytest.mark.parametrize("place", ["memory", "redis"])
def test_of_many_at_once_as_many_pass_as_may(place: str, settings: Settings) -> None:
    if place == "redis":
        settings.CACHES = {"default": redis_or_skip()}
        cache.clear()
    rate, gate = Rate(40, 600), threading.Barrier(16)
    let_in: list[bool] = []

    def ask() -> None:
        gate.wait()
        let_in.extend(not limits.spent("many", rate).wait_s for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(let_in) == 160
    assert sum(let_in) == 40


def redis_or_skip() -> dict[str, Any]:
    redis = pytest.importorskip("redis")
    try:
        redis.Redis(port=6379, db=9, socket_connect_timeout=1).ping()
    except redis.RedisError:
        pytest.skip("no Redis on this machine")
    place = "redis://127.0.0.1:6379/9"
    return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": place}


def test_without_a_cache_all_pass_and_the_log_says_so_once(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    gone = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/9",
    }
    limits.cache_is_gone.clear()

    with override_settings(CACHES={"default": gone}), caplog.at_level(logging.ERROR):
        answers = [APIClient().get(NOWHERE) for _ in range(6)]

    assert {answer.status_code for answer in answers} == {404}
    assert told(answers[5])[:2] == [3, 3]
    assert [record.message for record in caplog.records if record.name == "api.limits"] == [
        "The cache is gone: requests are not counted until it is back"
    ]
    assert passed(APIClient(), NOWHERE) == 3


def test_a_client_that_is_refused_gets_json_whatever_it_asked_for() -> None:
    client = APIClient(headers={"Accept": "text/html"})
    for _ in range(4):
        answer = client.get(ME)

    assert answer.status_code == 429
    assert json.loads(answer.content)["error"] == "RateLimited"


def test_who_reads_the_documents_or_shows_dead_tokens_may_still_log_in(
    operator: User, settings: Settings
) -> None:
    client = APIClient()
    dead = APIClient(headers={"Authorization": "Bearer x.y.z"})
    answers = [
        [client.get("/api/schema").status_code for _ in range(4)],
        [dead.get("/api/auth/me").status_code for _ in range(4)],
    ]
    login = {"username": "operator", "password": "Secret-123"}

    assert answers == [[200, 200, 200, 429], [401, 401, 401, 429]]
    assert client.post("/api/auth/login", login, format="json").status_code == 200
