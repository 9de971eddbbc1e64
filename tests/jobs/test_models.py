import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.db.models.functions import Now
from django.utils import timezone

from jobs.models import Job, JobLog
from tests.factories import make_admin, make_job

pytestmark = pytest.mark.django_db
ENDS: dict[str, Callable[[Job], bool]] = {
    "completed": lambda job: job.finish({"volumes": 3}),
    "failed": lambda job: job.fail("The disk is full"),
    "cancelled": lambda job: job.cancel(),
}


def claimed(**fields: Any) -> Job:
    job = Job.objects.claim(make_job(**fields).pk)
    assert job is not None
    return job


def abandon(job: Job) -> None:
    """Let the lease of `job` be over, as when its worker died."""
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_a_claimed_job_runs_and_tells_whose_it_is() -> None:
    waiting = make_job()

    job = Job.objects.claim(waiting.pk)

    assert job is not None
    assert (job.status, job.attempts, job.progress) == ("running", 1, 0)
    assert len(job.token) == 32
    assert job.started_at is not None
    assert job.lease_until is not None
    lease_s = (job.lease_until - job.started_at).total_seconds()
    assert lease_s == pytest.approx(settings.JOB_LEASE_S, abs=0.1)


def test_a_job_is_claimed_once() -> None:
    job = make_job()

    assert Job.objects.claim(job.pk)
    assert Job.objects.claim(job.pk) is None


@pytest.mark.parametrize("end", ENDS)
def test_a_job_that_is_over_cannot_be_claimed(end: str) -> None:
    job = claimed()
    ENDS[end](job)

    assert Job.objects.claim(job.pk) is None


def test_a_job_that_does_not_exist_cannot_be_claimed() -> None:
    assert Job.objects.claim(0) is None


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_wins_each_job() -> None:
    jobs = [make_job() for _ in range(10)]
    gate = threading.Barrier(4)
    won: list[int] = []

    def work() -> None:
        gate.wait()
        won.extend(job.pk for job in jobs if Job.objects.claim(job.pk))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(won) == [job.pk for job in jobs]
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.parametrize("end", ENDS)
def test_the_holder_ends_its_job(end: str) -> None:
    job = claimed(subject="release:1", active_key="pack release:1")

    assert ENDS[end](job)

    job.refresh_from_db()
    assert (job.status, job.is_over, job.active_key) == (end, True, None)
    assert job.finished_at is not None


def test_an_end_keeps_what_came_of_the_job() -> None:
    finished, failed = claimed(), claimed()

    finished.finish({"volumes": 3})
    failed.fail("The disk is full")

    assert (finished.result, finished.progress, finished.error) == ({"volumes": 3}, 100, "")
    assert (failed.result, failed.error) == ({}, "The disk is full")


@pytest.mark.parametrize("end", ENDS)
def test_a_job_that_is_over_goes_at_no_rate(end: str) -> None:
    job = claimed()
    Job.objects.update(bytes_done=1, bytes_total=10, rate=5)

    ENDS[end](job)

    assert (job.rate, job.eta_s) == (0, None)


def test_more_bytes_than_foreseen_leave_no_time() -> None:
    assert Job(bytes_done=12, bytes_total=10, rate=5).eta_s == 0


@pytest.mark.parametrize("first", ENDS)
@pytest.mark.parametrize("second", ENDS)
def test_a_job_ends_once(first: str, second: str) -> None:
    job = claimed()
    ENDS[first](job)

    assert not ENDS[second](job)
    assert Job.objects.get().status == first


@pytest.mark.parametrize("is_claimed_again", [True, False])
@pytest.mark.parametrize("end", ENDS)
def test_the_first_holder_of_a_job_given_away_cannot_end_it(
    end: str, is_claimed_again: bool
) -> None:
    first = claimed()
    assert Job.objects.get(pk=first.pk).release_to_queue()
    if is_claimed_again:
        assert Job.objects.claim(first.pk)

    assert [ENDS[end](first) for _ in range(3)] == [False, False, False]
    assert not first.release_to_queue()

    job = Job.objects.get()
    assert job.status == ("running" if is_claimed_again else "pending")
    assert job.finished_at is None


def test_the_second_holder_ends_the_job_though_the_first_tried() -> None:
    first = claimed()
    Job.objects.get(pk=first.pk).release_to_queue()
    second = Job.objects.claim(first.pk)
    assert second is not None

    first.fail("too late")

    assert second.finish({})
    assert (second.status, second.attempts, second.error) == ("completed", 2, "")


def test_a_job_given_back_keeps_its_place_as_the_active_one() -> None:
    job = claimed(active_key="pack release:1")

    assert job.release_to_queue()

    assert (job.status, job.token, job.lease_until) == ("pending", "", None)
    assert job.active_key == "pack release:1"


def test_a_pending_job_can_be_cancelled_and_one_being_claimed_meanwhile_cannot() -> None:
    waiting, raced = make_job(), make_job()
    Job.objects.claim(raced.pk)

    assert waiting.cancel()
    assert not raced.cancel()
    assert raced.status == "running"


def test_a_running_job_is_abandoned_after_its_lease_by_the_databases_clock() -> None:
    fresh, old = claimed(), claimed()
    make_job()
    over = claimed()
    over.finish({})
    for job in (old, over):
        abandon(job)

    assert list(Job.objects.abandoned()) == [old]
    assert fresh not in Job.objects.abandoned()


def test_only_pending_and_running_jobs_are_active() -> None:
    pending, running = make_job(), claimed()
    for end in ENDS.values():
        end(claimed())

    assert set(Job.objects.active()) == {pending, running}


def test_a_user_sees_own_jobs_and_an_admin_all() -> None:
    own, other = make_job(), make_job()

    assert list(Job.objects.visible_to(own.by)) == [own]
    assert list(Job.objects.visible_to(make_admin()).newest_first()) == [other, own]
    assert list(Job.objects.about("release:7")) == []


@pytest.mark.parametrize(
    "facts",
    [
        {"status": "completed"},
        {"status": "failed"},
        {"status": "cancelled"},
        {"status": "pending", "finished_at": timezone.now()},
        {"status": "running", "finished_at": timezone.now()},
        {"status": "asleep"},
        {"progress": 101},
        {"progress": -1},
    ],
)
def test_the_database_refuses_what_must_never_be(facts: dict[str, Any]) -> None:
    job = make_job()

    with pytest.raises(Exception, match=r"(?i)constraint|range"), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**facts)


def test_the_database_keeps_one_active_job_of_a_key_and_many_of_none() -> None:
    make_job(active_key="pack release:1")
    make_job(active_key=None)
    make_job(active_key=None)

    with pytest.raises(IntegrityError), transaction.atomic():
        make_job(active_key="pack release:1")


def test_who_asked_for_a_job_cannot_be_deleted() -> None:
    job = make_job()

    with pytest.raises(ProtectedError):
        job.by.delete()


def test_lines_of_the_log_keep_their_order_and_go_with_their_job() -> None:
    job = make_job()
    for message in ("first", "second"):
        job.log(message)
    job.log("third", "WARNING")

    assert [str(line) for line in job.lines.all()] == ["INFO first", "INFO second", "WARNING third"]
    job.delete()
    assert not JobLog.objects.exists()


def test_a_job_is_called_by_its_work_and_number() -> None:
    job = make_job(work="unheard-of")

    assert str(job) == f"unheard-of {job.pk}"


def test_what_is_done_is_done_to_the_last_byte() -> None:
    job = claimed()
    Job.objects.filter(pk=job.pk).update(bytes_done=10, bytes_total=20)

    job.finish({})

    assert (job.bytes_done, job.progress) == (20, 100)
