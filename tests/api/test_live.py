"""Jobs over WebSockets, from a real server on this machine."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from accounts.actions.tokens import make_token
from accounts.models import Login, User
from accounts.seeds import seed_roles
from api import live as sockets
from api.live import with_sockets
from jobs import live
from jobs.models import Job
from tests.factories import make_admin, make_job, make_operator
from tests.instance import free_port, running_instance

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PATIENCE_S = 30


@pytest.fixture(autouse=True)
def hub(monkeypatch: pytest.MonkeyPatch, db: None) -> live.Hub:
    monkeypatch.setattr(live, "HUB", live.Hub())
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(sockets, "CHECK_S", 0.2)
    seed_roles()
    return live.HUB


@pytest.fixture
def server(hub: live.Hub) -> Iterator[str]:
    port = free_port()
    config = uvicorn.Config(
        with_sockets(get_asgi_application()),
        port=port,
        lifespan="off",
        log_level="error",
        ws="websockets-sansio",
        ws_max_size=settings.SOCKET_BYTES,
    )
    serving = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(serving.serve()))
    thread.start()
    until(lambda: serving.started)
    yield f"127.0.0.1:{port}"
    hub.close()
    serving.should_exit = True
    thread.join()


@pytest.fixture
def owner(hub: live.Hub) -> User:
    return make_operator(password="Secret-123")


def until(is_so: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def running(owner: User) -> Job:
    job = Job.objects.claim(make_job(by=owner).pk)
    assert job is not None
    return job


def token_of(server: str, user: User) -> str:
    body = {"username": user.username, "password": "Secret-123"}
    answer = httpx.post(f"http://{server}/api/auth/login", json=body, timeout=PATIENCE_S)
    return str(answer.json()["access_token"])


@contextmanager
def socket(server: str, key: object, first: Any) -> Iterator[ClientConnection]:
    with connect(f"ws://{server}/ws/jobs/{key}", open_timeout=PATIENCE_S) as opened:
        opened.send(first if isinstance(first, str | bytes) else json.dumps(first))
        yield opened


def heard(opened: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(opened.recv(timeout=PATIENCE_S))
    return message


def end(opened: ClientConnection) -> tuple[list[dict[str, Any]], int]:
    """Return what is told until the end, and what it is closed with."""
    messages: list[dict[str, Any]] = []
    with suppress(ConnectionClosed):
        while True:
            messages.append(heard(opened))
    return messages, opened.close_code or 0


def lines(messages: list[dict[str, Any]]) -> list[str]:
    return [one["data"]["message"] for one in messages if one["type"] == "job_log"]


@pytest.mark.parametrize("name", ["pk", "uuid"])
def test_a_job_is_told_until_it_is_over(server: str, owner: User, name: str) -> None:
    job = running(owner)
    other = running(owner)
    with socket(server, getattr(job, name), {"token": token_of(server, owner)}) as opened:
        first = heard(opened)
        job.log("one", "WARNING")
        line = heard(opened)
        other.log("of another job")
        other.finish({})
        job.log("two")
        job.finish({})
        messages, code = end(opened)

    assert (first["type"], first["job_id"]) == ("job_status", job.pk)
    assert first["data"]["status"] == "running"
    assert (line["type"], line["job_id"]) == ("job_log", job.pk)
    assert set(line["data"]) == {"timestamp", "level", "message"}
    assert (line["data"]["level"], line["data"]["message"]) == ("WARNING", "one")
    assert lines(messages) == ["two"]
    assert {one["job_id"] for one in messages} == {job.pk}
    assert [one for one in messages if one["type"] == "job_status"][-1]["data"]["progress"] == 100
    assert code == 1000


def test_a_long_log_is_told_whole_and_read_on_from_a_line(server: str, owner: User) -> None:
    job = running(owner)
    for number in range(1203):
        job.log(f"line {number}")
    job.fail("why")
    token = token_of(server, owner)
    with socket(server, job.pk, {"token": token}) as opened:
        messages, code = end(opened)
    numbers = [one["id"] for one in messages if one["type"] == "job_log"]
    with socket(server, job.pk, {"token": token, "after": numbers[1200]}) as opened:
        rest, _code = end(opened)

    assert lines(messages) == [f"line {number}" for number in range(1203)]
    assert lines(rest) == ["line 1201", "line 1202"]
    assert code == 1000


def test_a_personal_token_that_reads_releases_is_enough(server: str, owner: User) -> None:
    job = running(owner)
    job.finish({})
    _row, reads = make_token("reads", ["releases:read"], by=owner)
    _row, prefers = make_token("prefers", ["account:read"], by=owner)

    with socket(server, job.pk, {"token": reads}) as opened:
        assert end(opened)[1] == 1000
    with socket(server, job.pk, {"token": prefers}) as opened:
        assert end(opened) == ([], 4401)


@pytest.mark.parametrize(
    "first",
    [
        {"token": "nonsense"},
        {"token": "rpk_nonsense"},
        {"token": ""},
        {"token": 5},
        {"after": 5},
        ["token"],
        "no json",
        "[" * 10_000,
        b"bytes",
    ],
    ids=str,
)
def test_who_shows_no_good_token_is_told_nothing(server: str, owner: User, first: Any) -> None:
    with socket(server, running(owner).pk, first) as opened:
        assert end(opened) == ([], 4401)


@pytest.mark.parametrize("after", [-1, "1", True, 1.5, 10**19])
def test_a_line_that_is_no_number_is_refused(server: str, owner: User, after: Any) -> None:
    first = {"token": token_of(server, owner), "after": after}
    with socket(server, running(owner).pk, first) as opened:
        assert end(opened) == ([], 4401)


def test_who_says_nothing_is_hung_up_on(
    server: str, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "FIRST_S", 0.1)
    with connect(f"ws://{server}/ws/jobs/{running(owner).pk}") as opened:
        assert end(opened) == ([], 4401)


def test_a_token_in_the_address_opens_nothing(server: str, owner: User) -> None:
    token = token_of(server, owner)
    with connect(f"ws://{server}/ws/jobs/{running(owner).pk}?token={token}") as opened:
        opened.send("{}")
        assert end(opened) == ([], 4401)


def test_the_job_of_somebody_else_is_nowhere(server: str, owner: User) -> None:
    job, token = running(make_operator()), token_of(server, owner)
    for key in (job.pk, job.uuid, job.pk + 99):
        with socket(server, key, {"token": token}) as opened:
            assert end(opened) == ([], 4404)

    job.finish({})
    admin = make_admin(password="Secret-123")
    with socket(server, job.pk, {"token": token_of(server, admin)}) as opened:
        assert end(opened)[1] == 1000


def test_there_is_nothing_at_another_address(server: str) -> None:
    with pytest.raises(Exception, match=r"403|404"), connect(f"ws://{server}/ws/nothing"):
        pass


def test_who_logs_out_meanwhile_hears_no_more(server: str, owner: User) -> None:
    job = running(owner)
    with socket(server, job.pk, {"token": token_of(server, owner)}) as opened:
        assert heard(opened)["type"] == "job_status"
        Login.objects.all().delete()
        assert end(opened) == ([], 4401)


def test_who_is_shut_out_meanwhile_hears_no_more(server: str, owner: User) -> None:
    job = running(owner)
    with socket(server, job.pk, {"token": token_of(server, owner)}) as opened:
        assert heard(opened)["type"] == "job_status"
        User.objects.update(is_active=False)
        assert end(opened) == ([], 4401)


def test_nobody_opens_more_than_there_is_room_for(
    server: str, owner: User, monkeypatch: pytest.MonkeyPatch, hub: live.Hub
) -> None:
    monkeypatch.setattr(live, "PER_USER", 1)
    job, token = running(owner), token_of(server, owner)
    with socket(server, job.pk, {"token": token}) as opened:
        heard(opened)
        with socket(server, job.pk, {"token": token}) as another:
            assert end(another) == ([], 4429)
    until(lambda: not hub.watchers)
    with socket(server, job.pk, {"token": token}) as opened:
        assert heard(opened)["type"] == "job_status"


def test_so_many_may_be_silent_at_once(
    server: str, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MOST_SILENT", 1)
    address = f"ws://{server}/ws/jobs/{running(owner).pk}"
    with connect(address):
        until(lambda: sockets.Socket.silent == 1)
        with connect(address) as another:
            assert end(another) == ([], 1013)
    until(lambda: sockets.Socket.silent == 0)


def test_who_hangs_up_leaves_nothing_behind(server: str, owner: User, hub: live.Hub) -> None:
    job = running(owner)
    with socket(server, job.pk, {"token": token_of(server, owner)}) as opened:
        heard(opened)
        assert len(hub.watchers) == 1
    until(lambda: not hub.watchers)


def test_a_server_that_stops_says_so(server: str, owner: User, hub: live.Hub) -> None:
    with socket(server, running(owner).pk, {"token": token_of(server, owner)}) as opened:
        heard(opened)
        hub.close()
        assert end(opened)[1] == 1012


def test_a_served_site_tells_jobs_until_one_logs_out(tmp_path: Path) -> None:
    with running_instance(tmp_path) as instance:
        api = instance.api()
        token = api.headers["Authorization"].removeprefix("Bearer ")
        job = begun(api)
        with socket(f"127.0.0.1:{instance.port}", job, {"token": token}) as opened:
            messages, code = end(opened)
        states = [one["data"]["status"] for one in messages if one["type"] == "job_status"]
        assert states[-1] == "completed"
        assert (lines(messages) != [], code) == (True, 1000)

        assert api.post("/auth/logout").status_code == 200
        with socket(f"127.0.0.1:{instance.port}", job, {"token": token}) as opened:
            assert end(opened) == ([], 4401)


def begun(api: httpx.Client) -> int:
    """Begin a job that logs, and return its number."""
    answer = api.post("/config/templates/migrate", json={"to": "disk"})
    assert answer.status_code == 202, answer.text
    return int(answer.json()["job_id"])
