"""Streams of what jobs do, read from a real server on this machine."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx
import pytest
import uvicorn
from django.core.asgi import get_asgi_application
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Session, User
from accounts.preferences import prefer
from jobs import live
from jobs.models import Job
from tests.factories import make_admin, make_job, make_user
from tests.instance import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Event = tuple[str, str, dict[str, Any]]
PATIENCE_S = 15


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> live.Hub:
    monkeypatch.setattr(live, "HUB", live.Hub())
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0.05)
    return live.HUB


@pytest.fixture
def server(hub: live.Hub) -> Iterator[str]:
    port = free_port()
    config = uvicorn.Config(
        get_asgi_application(), port=port, lifespan="off", log_level="error", ws="none"
    )
    serving = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(serving.serve()))
    thread.start()
    until(lambda: serving.started)
    yield f"http://127.0.0.1:{port}"
    hub.close()
    serving.should_exit = True
    thread.join()


def until(is_so: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def signed_in(server: str, user: User) -> httpx.Client:
    client = Client()
    client.force_login(user)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    return httpx.Client(base_url=server, cookies=cookies, timeout=PATIENCE_S)


@contextmanager
def stream(
    server: str, user: User, path: str = "/jobs/events", **headers: str
) -> Iterator[Iterator[Event]]:
    """Open a stream as `user`, past its first word."""
    with (
        signed_in(server, user) as client,
        client.stream("GET", path, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
        events = told(answer.iter_lines())
        assert next(events)[0] == "begin"
        yield events


def told(lines: Iterator[str]) -> Iterator[Event]:
    facts: dict[str, str] = {}
    for line in lines:
        if not line and facts:
            yield facts["event"], facts.get("id", ""), json.loads(facts["data"])
            facts = {}
        elif line and not line.startswith(":"):
            name, _colon, value = line.partition(": ")
            facts[name] = value


def running(**fields: Any) -> Job:
    job = Job.objects.claim(make_job(**fields).pk)
    assert job is not None
    return job


def of(job: Job) -> str:
    return f"/jobs/{job.pk}/events"


def messages(events: list[Event]) -> list[str]:
    return [data["message"] for event, _id, data in events if event == "line"]


def test_progress_log_and_end_come_in_order(server: str) -> None:
    job = running()
    with stream(server, job.by, of(job)) as events:
        assert next(events)[2]["status"] == "running"
        job.log("one")
        assert next(events)[2]["message"] == "one"
        Job.objects.update(stage="archive", progress=40)
        state = next(events)[2]
        assert (state["progress"], state["stage"]) == (40, "writing the volumes")
        job.log("two <b>")
        job.finish({})
        job.log("three")
        rest = list(events)

    assert messages(rest) == ["two <b>", "three"]
    (state,) = [data for event, _id, data in rest if event == "job"]
    assert (state["status"], state["isOver"]) == ("completed", True)
    assert rest[-1][0] == "end"


def test_a_cut_stream_goes_on_where_it_was(server: str) -> None:
    job = running()
    for number in range(5):
        job.log(f"line {number}")
    with stream(server, job.by, of(job)) as events:
        read = [next(events) for _each in range(4)]  # the state, and three lines
    last = read[-1][1]
    job.log("line 5")
    job.finish({})

    with stream(server, job.by, of(job), **{"Last-Event-ID": last}) as events:
        rest = list(events)

    assert messages(read) + messages(rest) == [f"line {number}" for number in range(6)]


def test_a_stream_of_a_job_that_is_over_tells_all_and_ends(server: str) -> None:
    job = running()
    job.log("all of it")
    job.fail("The disk is full", "Free some")

    with stream(server, job.by, of(job)) as events:
        heard = list(events)

    assert messages(heard) == ["all of it"]
    assert heard[0][2]["error"] == "The disk is full"
    assert heard[-1][0] == "end"


def test_what_ended_between_two_pages_is_told_on_the_next(server: str) -> None:
    job = running()
    job.finish({})

    with stream(server, job.by, f"/jobs/events?known={job.pk}") as events:
        state = next(events)[2]

    assert (state["id"], state["status"], state["isNews"]) == (job.pk, "completed", True)
    assert "done" in state["said"]


def test_a_job_asked_for_later_is_told(server: str) -> None:
    user = make_user()
    with stream(server, user) as events:
        job = make_job(by=user)

        assert next(events)[2]["id"] == job.pk


def test_one_who_wants_no_word_of_ends_gets_none(server: str) -> None:
    job = running()
    prefer(job.by, "notifications", {"job_completed": False, "desktop": True})
    job.finish({})

    with stream(server, job.by, f"/jobs/events?known={job.pk}") as events:
        assert next(events)[2]["isNews"] is False


def test_nobody_hears_of_anothers_jobs(server: str) -> None:
    other, user = running(), make_user()
    with stream(server, user, f"/jobs/events?known={other.pk}&everyone=yes") as events:
        Job.objects.update(progress=50)
        own = running(by=user)
        other.finish({})
        own.finish({})
        heard = [next(events)]
        while not heard[-1][2]["isOver"]:
            heard.append(next(events))

    assert {data["id"] for _event, _id, data in heard} == {own.pk}


def test_an_administrator_hears_of_all_who_asks_for_it(server: str) -> None:
    job, admin = running(), make_admin()
    with stream(server, admin, "/jobs/events?everyone=yes") as events:
        state = next(events)[2]

    assert (state["id"], state["isOwn"], state["isNews"]) == (job.pk, False, False)


def test_the_stream_of_anothers_job_is_nowhere(server: str) -> None:
    job = running()
    with signed_in(server, make_user()) as client:
        assert client.get(of(job)).status_code == 404
        assert client.get("/jobs/0/events").status_code == 404


@pytest.mark.parametrize(("limit", "status"), [("PER_USER", 429), ("PER_PROCESS", 503)])
def test_too_many_streams_are_refused(
    server: str, monkeypatch: pytest.MonkeyPatch, limit: str, status: int
) -> None:
    monkeypatch.setattr(live, limit, 1)
    user = make_user()
    with stream(server, user), signed_in(server, user) as client:
        refused = client.get("/jobs/events")

    assert refused.status_code == status
    assert int(refused.headers["Retry-After"]) > 0


def test_who_goes_leaves_nothing_behind(server: str, hub: live.Hub) -> None:
    with stream(server, make_user()):
        assert len(hub.watchers) == 1
    until(lambda: not hub.watchers)
    until(lambda: hub._task is None or hub._task.done())

    assert hub._thread.submit(lambda: connection.connection).result() is None


def log_out(user: User) -> None:
    Session.objects.all().delete()


def deactivate(user: User) -> None:
    User.objects.update(is_active=False)


def change_password(user: User) -> None:
    user.set_password("Another-Horse-8")
    user.save()


@pytest.mark.parametrize("shut_out", [log_out, deactivate, change_password])
def test_a_stream_ends_with_the_right_to_read_it(
    server: str, monkeypatch: pytest.MonkeyPatch, shut_out: Callable[[User], None]
) -> None:
    monkeypatch.setattr(live, "CHECK_S", 0.1)
    user = make_user()
    with stream(server, user) as events:
        shut_out(user)

        assert list(events) == []


def test_a_stream_ends_after_its_time(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_S", 0.2)
    monkeypatch.setattr(live, "BEAT_S", 0.05)

    with stream(server, make_user()) as events:
        assert list(events) == []


def test_a_look_that_fails_is_made_up_for(
    server: str, hub: live.Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    job = running()
    looks = iter([OSError("gone")])
    lines_of = live.lines_of

    def fail_once(watchers: list[live.Watcher]) -> Any:
        for trouble in looks:
            raise trouble
        return lines_of(watchers)

    with stream(server, job.by, of(job)) as events:
        next(events)
        monkeypatch.setattr(live, "lines_of", fail_once)
        job.log("said meanwhile")

        assert next(events)[2]["message"] == "said meanwhile"
    assert "cannot be looked at" in caplog.text


def make_crowd(by: User) -> list[Job]:
    """Have more jobs wait than a reader of the stream may be behind."""
    count = live.MOST_WAITING + 1
    Job.objects.bulk_create(Job(work="pack", by=by, language="fr") for _each in range(count))
    return list(Job.objects.waiting().order_by("pk"))


def test_thousands_that_wait_do_not_end_the_stream(server: str) -> None:
    crowd = make_crowd(make_user())
    first, watched = crowd[:2]
    with stream(server, first.by, of(watched)) as events:
        shown = [next(events)[2]["id"] for _each in range(live.MOST_PENDING + 1)]

        Job.objects.claim(first.pk)
        now_running = next(events)[2]
        Job.objects.filter(pk=watched.pk).update(status="cancelled", finished_at=timezone.now())
        now_cancelled = next(events)[2]

    assert set(shown) == {watched.pk, *(job.pk for job in crowd[-live.MOST_PENDING :])}
    assert (now_running["id"], now_running["status"]) == (first.pk, "running")
    assert (now_cancelled["id"], now_cancelled["status"]) == (watched.pk, "cancelled")


def test_a_page_that_asks_is_told_the_newest_of_thousands_that_wait(client: Client) -> None:
    crowd = make_crowd(make_user())
    runs = running(by=crowd[0].by)
    client.force_login(runs.by)

    body = client.get("/jobs/states").json()

    assert {one["id"] for one in body["jobs"]} == {
        runs.pk,
        *(job.pk for job in crowd[-live.MOST_PENDING :]),
    }


def test_a_page_without_streams_asks_for_the_same(client: Client) -> None:
    job = running()
    over = running(by=job.by)
    over.finish({})
    job.log("one")
    job.log("two")
    first = job.lines.order_by("pk")[0]
    client.force_login(job.by)
    asked = f"?known={over.pk}&job={job.pk}&after={first.pk}"

    body = client.get(f"/jobs/states{asked}").json()

    assert [one["id"] for one in body["jobs"]] == [over.pk, job.pk]
    assert [one["message"] for one in body["lines"]] == ["two"]


def test_a_page_that_asks_hears_nothing_of_others(client: Client) -> None:
    other = running()
    client.force_login(make_user())

    body = client.get(f"/jobs/states?known={other.pk}&everyone=yes").json()

    assert (body["jobs"], body["lines"]) == ([], [])
    assert client.get(f"/jobs/states?job={other.pk}&after=0").status_code == 404


@pytest.mark.parametrize("path", ["/jobs/events", "/jobs/1/events", "/jobs/states"])
def test_who_is_not_signed_in_is_sent_to_the_login(client: Client, path: str) -> None:
    assert client.get(path).headers["Location"].startswith("/accounts/login/")


def test_the_log_is_timed_by_the_readers_clock(client: Client) -> None:
    job = running()
    job.log("now")
    prefer(job.by, "time_zone", "Asia/Tokyo")
    client.force_login(job.by)

    (line,) = client.get(f"/jobs/states?job={job.pk}&after=0").json()["lines"]

    at = datetime.fromisoformat(line["at"])
    assert line["time"] == f"{(at.hour + 9) % 24:02}:{at:%M:%S}"
