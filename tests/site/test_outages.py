"""A database that is away: who asks is told when to come back, and no job is lost by it."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.test import Client
from rest_framework.test import APIClient

from jobs import outages
from jobs.lease import Lease
from jobs.models import Job, JobLog
from jobs.outages import is_outage, patiently
from monitoring import tallies
from monitoring.models import Tally
from notifications.actions import Given, create_channel
from notifications.models import Message
from packer_site import work
from packer_site.work import WORK, Work, run
from releases.actions import Refused, request_packing
from releases.models import Release
from tests.factories import make_admin, make_job, make_operator, make_release

GONE = OperationalError(2006, "Server has gone away")


class Fault:
    """Refuses `count` statements once `after` were let through, as a server that is gone does."""

    def __init__(self) -> None:
        self.after, self.count, self.met = 0, 0, 0

    def arm(self, after: int) -> None:
        self.after, self.count, self.met = after, 1, 0

    def disarm(self) -> bool:
        """Tell whether there was a statement to refuse."""
        self.count = 0
        return bool(self.met)

    def __call__(self, execute: Callable[..., Any], *about: Any) -> Any:
        if self.count and self.after:
            self.after -= 1
        elif self.met < self.count:
            self.met += 1
            raise GONE
        return execute(*about)


@pytest.fixture
def fault() -> Iterator[Fault]:
    fault = Fault()
    with connection.execute_wrapper(fault):
        yield fault


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages, "RETRY_S", 0.001)


@pytest.mark.django_db
def test_a_program_is_told_when_to_come_back(fault: Fault) -> None:
    api = APIClient(raise_request_exception=False)
    api.force_authenticate(make_admin())
    fault.count = 1_000

    answer = api.get("/api/releases")

    assert answer.status_code == 503
    assert answer.json()["error"] == "ServiceUnavailable"
    assert int(answer["Retry-After"]) > 0


@pytest.mark.django_db
def test_a_person_gets_a_page_that_asks_the_database_nothing(fault: Fault) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(make_admin())
    fault.count = 1_000

    page = client.get("/releases/")

    assert page.status_code == 503
    assert page["Retry-After"]
    assert "cannot be reached" in page.content.decode()


@pytest.mark.django_db
def test_a_mistake_of_ours_is_no_outage() -> None:
    assert not is_outage(ProgrammingError(1146, "Table is missing"))
    assert not is_outage(OperationalError(1054, "Unknown column"))
    assert not is_outage(OperationalError())
    assert not is_outage(None)


def test_a_closed_connection_and_a_locked_file_are_outages() -> None:
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
    told = OperationalError("database is locked")
    told.__cause__ = locked

    assert is_outage(InterfaceError(0, ""))
    assert is_outage(told)


@pytest.mark.django_db(transaction=True)
def test_a_stage_begins_when_the_database_is_back(fault: Fault) -> None:
    job = Job.objects.claim(make_job().pk)
    assert job
    with Lease(job) as lease:
        fault.count = 3

        lease.enter("archive")

    job.refresh_from_db()
    assert (job.stage, fault.met) == ("archive", 3)


@pytest.mark.django_db(transaction=True)
def test_work_that_is_done_is_recorded_when_the_database_is_back(
    fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def do(lease: Lease) -> dict[str, Any]:
        fault.count = 3
        return {"volumes": 3}

    monkeypatch.setitem(work.WORK, "test", Work(do))
    job = make_job(work="test")

    run(job.pk)

    job.refresh_from_db()
    assert (job.status, job.result, fault.met) == ("completed", {"volumes": 3}, 3)


@pytest.mark.django_db(transaction=True)
def test_work_that_met_an_outage_is_left_to_the_next_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def do(lease: Lease) -> dict[str, Any]:
        raise GONE

    monkeypatch.setitem(work.WORK, "test", Work(do))
    job = make_job(work="test")

    with pytest.raises(OperationalError):
        run(job.pk)

    job.refresh_from_db()
    assert (job.status, job.error) == ("running", "")


@pytest.fixture
def packing(seeded: None) -> Job:
    """Return a job that is to pack a release, whose owner is told of its end."""
    owner = make_operator()
    create_channel(Given(name="Mine", type="MAIL", address="ann@example.org"), by=owner)
    return request_packing(make_release(owner=owner), by=owner)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return what is heard of jobs that fail to pack."""
    arguments: list[dict[str, Any]] = []
    works = replace(WORK["pack"], failed=lambda **heard: arguments.append(heard))
    monkeypatch.setitem(WORK, "pack", works)
    return arguments


def run_to(end: str, packing: Job, begin: Callable[[], None]) -> None:
    """Have `packing` run, and `begin` called when it is about to `end`."""

    def do(lease: Lease, **_arguments: Any) -> dict[str, Any]:
        begin()
        if end == "failed":
            raise Refused("The file is gone.")
        return {}

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(WORK, "pack", replace(WORK["pack"], do=do))
        run(packing.pk)


def recorded(packing: Job) -> dict[str, Any]:
    packing.refresh_from_db()
    return {
        "status": packing.status,
        "lines": [line.message for line in packing.lines.all()],
        "messages": Message.objects.count(),
        "counted": [tally.value for tally in Tally.objects.filter(name=tallies.JOBS)],
        "release": Release.objects.get().status,
    }


def expected(end: str) -> dict[str, Any]:
    return {
        "status": end,
        "lines": ["The file is gone."] if end == "failed" else [],
        "messages": 1,
        "counted": [1],
        "release": "failed" if end == "failed" else "draft",
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", ["failed", "completed"])
def test_an_end_is_recorded_once_and_whole_wherever_the_database_goes(
    end: str, packing: Job, heard: list[dict[str, Any]], fault: Fault
) -> None:
    beginnings = JobLog, Message, Tally
    waiting = Job.objects.filter(pk=packing.pk).values()[0]
    for after in count():
        Job.objects.filter(pk=packing.pk).update(**waiting)
        Release.objects.update(status=Release.Status.DRAFT)
        for model in beginnings:
            model._default_manager.all().delete()
        heard.clear()

        run_to(end, packing, partial(fault.arm, after))

        if not fault.disarm():
            break
        assert recorded(packing) == expected(end), after
        assert heard == ([packing.arguments] if end == "failed" else [])
    assert after > 10


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", ["failed", "completed"])
def test_a_lost_answer_to_a_commit_is_not_taken_for_the_end_of_another(
    end: str, packing: Job, heard: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    def commit_and_go() -> None:
        patch.undo()
        connection.commit()
        raise GONE

    with pytest.MonkeyPatch.context() as patch:
        run_to(end, packing, lambda: patch.setattr(connection, "commit", commit_and_go))

    assert "The database is away" in caplog.text
    assert recorded(packing) == expected(end)
    assert heard == ([packing.arguments] if end == "failed" else [])


@pytest.mark.django_db(transaction=True)
def test_an_end_that_another_recorded_is_not_told_and_counted_again(
    packing: Job, heard: list[dict[str, Any]]
) -> None:
    ours = Job.objects.claim(packing.pk)
    late = Job.objects.get(pk=packing.pk)
    assert ours

    work.fail(ours, "The file is gone.")
    work.fail(late, "Its worker died.")

    assert recorded(packing) == expected("failed")
    assert heard == [packing.arguments]


@pytest.mark.django_db
def test_nothing_is_tried_again_within_a_transaction(fault: Fault) -> None:
    fault.count = 1_000

    with pytest.raises(OperationalError):
        patiently(Job.objects.count)

    assert fault.met == 1
