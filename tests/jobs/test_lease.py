import math
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count

import pytest
from django.db import InterfaceError, OperationalError
from django.db.models.functions import Now
from pytest_django import Settings

from jobs import lease as leases
from jobs.lease import Cancelled, Lease, LeaseLost
from jobs.models import Job
from tests.factories import make_job

pytestmark = pytest.mark.django_db(transaction=True)  # its thread has a connection of its own
BEAT_S = 0.02


@pytest.fixture(autouse=True)
def quick(still_lease: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "BEAT_S", BEAT_S)


@pytest.fixture
def job() -> Job:
    claimed = Job.objects.claim(make_job().pk)
    assert claimed is not None
    return claimed


@pytest.fixture
def lease(job: Job) -> Iterator[Lease]:
    with Lease(job) as lease:
        yield lease


def eventually(happens: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not happens():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(BEAT_S / 2)


def stored(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def raises(error: type[Exception], lease: Lease) -> bool:
    """Tell whether work that goes on within one stage is told to stop by `error`."""
    try:
        lease.progress("", 1, 2)
    except error:
        return True
    return False


def work_until(lease: Lease, happens: Callable[[], object]) -> None:
    """Go on with a stage of a thousand bytes, slowly, until something `happens`."""
    done = count(1)

    def goes_on() -> object:
        lease.progress("archive", next(done), 1000)
        return happens()

    eventually(goes_on)


def test_the_lease_is_prolonged_while_the_work_goes_on(job: Job, lease: Lease) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))

    eventually(lambda: not Job.objects.abandoned().exists())


def test_progress_reaches_the_row_without_the_work_writing_it(job: Job, lease: Lease) -> None:
    lease.progress("archive", 1, 4)
    lease.progress("archive", 3, 4)

    eventually(lambda: stored(job).progress == 75)
    assert stored(job).stage == "archive"


def test_the_row_tells_how_fast_a_stage_goes_and_when_it_ends(job: Job, lease: Lease) -> None:
    work_until(lease, lambda: stored(job).rate)

    row = stored(job)
    assert 0 < row.bytes_done < row.bytes_total == 1000
    assert row.eta_s == math.ceil((1000 - row.bytes_done) / row.rate)


def test_a_new_stage_begins_without_a_rate(job: Job, lease: Lease) -> None:
    work_until(lease, lambda: stored(job).rate)

    lease.enter("verify")

    row = stored(job)
    assert (row.bytes_done, row.bytes_total, row.rate, row.eta_s) == (0, 0, 0, None)


def test_who_watches_hears_the_progress(job: Job) -> None:
    heard: list[tuple[str, int, int]] = []

    with Lease(job, lambda *told: heard.append(told)) as lease:
        lease.progress("archive", 1, 4)
        lease.progress("archive", 4, 4)

    assert heard == [("archive", 1, 4), ("archive", 4, 4)]


@pytest.mark.parametrize(("done", "total", "percent"), [(0, 0, 0), (5, 4, 100), (0, 9, 0)])
def test_progress_is_always_a_percentage(
    job: Job, lease: Lease, done: int, total: int, percent: int
) -> None:
    lease.progress("archive", done, total)

    eventually(lambda: stored(job).progress == percent)


def test_a_stage_of_a_long_name_is_cut(job: Job, lease: Lease) -> None:
    lease.enter("a stage with a name of more than thirty-two characters")

    assert stored(job).stage == "a stage with a name of more than"


def test_a_cancellation_is_heard_between_two_stages(job: Job, lease: Lease) -> None:
    lease.enter("archive")
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)

    with pytest.raises(Cancelled):
        lease.enter("verify")


def test_a_cancellation_is_heard_within_a_stage(job: Job, lease: Lease) -> None:
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)

    eventually(lambda: raises(Cancelled, lease))


def test_a_loss_is_heard_between_two_stages(job: Job, lease: Lease) -> None:
    stored(job).release_to_queue()

    with pytest.raises(LeaseLost):
        lease.enter("verify")


def test_a_loss_is_heard_within_a_stage(job: Job, lease: Lease) -> None:
    stored(job).release_to_queue()
    assert Job.objects.claim(job.pk)

    eventually(lambda: raises(LeaseLost, lease))


def test_a_lost_lease_changes_nothing_of_the_next_holders(job: Job, lease: Lease) -> None:
    stored(job).release_to_queue()
    second = Job.objects.claim(job.pk)
    assert second is not None
    before = stored(job).lease_until

    with pytest.raises(LeaseLost):
        lease.progress("late", 9, 10)
    time.sleep(3 * BEAT_S)

    after = stored(job)
    assert (after.stage, after.progress, after.lease_until) == ("", 0, before)


def test_a_job_that_is_over_is_lost_to_its_worker(job: Job, lease: Lease) -> None:
    stored(job).cancel()
    Job.objects.filter(pk=job.pk).update(token=job.token)

    eventually(lambda: raises(LeaseLost, lease))


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_away_for_less_than_a_lease_costs_nothing(
    job: Job,
    lease: Lease,
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[int] = []
    with monkeypatch.context() as fault:
        fault.setattr(leases, "lease_end", lambda: away(error, calls))
        eventually(lambda: len(calls) > 2)
        lease.check()

    lease.progress("", 1, 2)
    eventually(lambda: stored(job).progress == 50)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_away_for_more_than_a_lease_ends_the_work(
    lease: Lease, error: type[Exception], monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.JOB_LEASE_S = 0.1
    monkeypatch.setattr(leases, "lease_end", lambda: away(error, []))

    eventually(lambda: raises(LeaseLost, lease))


def away(error: type[Exception], calls: list[int]) -> None:
    calls.append(1)
    raise error("the database is away")


def test_the_thread_of_a_lease_ends_with_it(job: Job) -> None:
    def threads() -> list[str]:
        return [thread.name for thread in threading.enumerate() if "lease" in thread.name]

    with Lease(job):
        assert len(threads()) == 1
    assert threads() == []

    with pytest.raises(ValueError, match="the work failed"), Lease(job):
        raise ValueError("the work failed")
    assert threads() == []


def test_the_log_is_the_jobs(job: Job, lease: Lease) -> None:
    lease.log("Something is odd", "WARNING")

    assert [str(line) for line in job.lines.all()] == ["WARNING Something is odd"]
