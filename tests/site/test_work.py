from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import Settings

from jobs.duties import Duty
from jobs.lease import Lease
from jobs.models import Job
from packer_site import chores, work
from packer_site.work import Work, recover, run
from releases import actions
from releases.models import Release
from releases.packing import PackingError, verify
from tests.factories import make_job, make_operator, make_release

pytestmark = pytest.mark.django_db(transaction=True)  # a lease has a connection of its own
Do = Callable[..., dict[str, Any]]


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> Callable[[Do], list[dict[str, Any]]]:
    """Return what has a function done under the name "test", and tells the failures it hears."""

    def register(do: Do) -> list[dict[str, Any]]:
        failures: list[dict[str, Any]] = []
        done = Work(do, failed=lambda **arguments: failures.append(arguments))
        monkeypatch.setitem(work.WORK, "test", done)
        return failures

    return register


def raising(error: BaseException) -> Do:
    def do(lease: Lease, **arguments: Any) -> dict[str, Any]:
        raise error

    return do


def ran(**fields: Any) -> Job:
    job = make_job(work="test", active_key="test something", **fields)
    run(job.pk)
    job.refresh_from_db()
    return job


def told(job: Job) -> list[str]:
    return [str(line) for line in job.lines.all()]


def test_a_work_that_succeeds_completes_its_job(works: Any) -> None:
    heard: list[dict[str, Any]] = []

    def do(lease: Lease, **arguments: Any) -> dict[str, Any]:
        heard.append(arguments)
        return {"volumes": 3}

    failures = works(do)

    job = ran(arguments={"release_id": 7})

    assert heard == [{"release_id": 7}]
    assert (job.status, job.result, job.progress, job.error) == (
        "completed",
        {"volumes": 3},
        100,
        "",
    )
    assert job.active_key is None
    assert failures == []


def test_a_message_delivered_twice_is_work_done_once(works: Any) -> None:
    done: list[int] = []

    def do(lease: Lease) -> dict[str, Any]:
        done.append(lease.job.pk)
        return {}

    works(do)

    job = ran()
    run(job.pk)

    assert done == [job.pk]


def test_a_message_of_a_job_that_is_no_more_does_nothing() -> None:
    run(0)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (actions.Refused("The name is taken."), "The name is taken."),
        (PackingError("%(path)s is gone", path="a.epub"), "a.epub is gone"),
    ],
)
def test_an_expected_error_is_told_as_it_is(works: Any, error: Exception, sentence: str) -> None:
    failures = works(raising(error))

    job = ran(arguments={"release_id": 7})

    assert (job.status, job.error) == ("failed", sentence)
    assert told(job) == [f"ERROR {sentence}"]
    assert failures == [{"release_id": 7}]


def test_an_unforeseen_error_gives_a_reference_and_keeps_its_secrets(
    works: Any, caplog: pytest.LogCaptureFixture
) -> None:
    failures = works(raising(RuntimeError("secret at /srv/data")))

    job = ran()

    assert (job.status, failures) == ("failed", [{}])
    assert "unforeseen" in job.error
    reference = job.error.split()[-1].rstrip(".")
    assert reference in caplog.text
    assert "secret at /srv/data" in caplog.text
    for text in (job.error, *told(job)):
        assert "secret" not in text
        assert "Traceback" not in text


def test_a_failure_is_told_in_the_language_of_who_asked(works: Any) -> None:
    works(raising(RuntimeError()))

    french = ran(language="fr")
    english = ran(language="en")

    assert french.error
    assert french.error.split(".")[0] != english.error.split(".")[0]


def test_an_interruption_is_recorded_and_goes_on(works: Any) -> None:
    failures = works(raising(SystemExit(1)))
    job = make_job(work="test")

    with pytest.raises(SystemExit):
        run(job.pk)

    job.refresh_from_db()
    assert (job.status, failures) == ("failed", [{}])
    assert "Interrupted" in job.error


def test_who_interrupts_a_job_at_a_terminal_cancels_it(works: Any) -> None:
    failures = works(raising(KeyboardInterrupt()))
    job = make_job(work="test")

    with pytest.raises(KeyboardInterrupt):
        run(job.pk)

    job.refresh_from_db()
    assert (job.status, job.error, failures) == ("cancelled", "", [])


def test_a_job_cancelled_while_it_runs_stops_at_its_next_step(works: Any) -> None:
    def do(lease: Lease) -> dict[str, Any]:
        Job.objects.filter(pk=lease.job.pk).update(cancel_requested=True)
        lease.enter("next")
        raise AssertionError("it went on")

    failures = works(do)

    job = ran()

    assert (job.status, job.error, job.active_key) == ("cancelled", "", None)
    assert told(job) == ["WARNING Cancelled"]
    assert failures == []


def test_a_worker_that_lost_its_lease_changes_nothing_more(works: Any) -> None:
    def do(lease: Lease) -> dict[str, Any]:
        Job.objects.get(pk=lease.job.pk).release_to_queue()
        lease.enter("next")
        raise AssertionError("it went on")

    failures = works(do)

    job = ran()

    assert (job.status, job.active_key) == ("pending", "test something")
    assert (told(job), failures) == ([], [])


def give_away(lease: Lease) -> None:
    Job.objects.get(pk=lease.job.pk).release_to_queue()
    assert Job.objects.claim(lease.job.pk)


@pytest.mark.parametrize("error", [None, PackingError("late"), RuntimeError("late")])
def test_a_worker_too_late_to_notice_ends_nothing(works: Any, error: Exception | None) -> None:
    def do(lease: Lease) -> dict[str, Any]:
        give_away(lease)
        if error:
            raise error
        return {"late": True}

    failures = works(do)

    job = ran()

    assert (job.status, job.attempts, job.result, job.error) == ("running", 2, {}, "")
    assert (told(job), failures) == ([], [])


def test_a_work_nobody_knows_fails_with_a_reason() -> None:
    job = make_job(work="of-another-version")

    run(job.pk)

    job.refresh_from_db()
    assert job.status == "failed"
    assert job.error


def abandoned(attempts: int, **fields: Any) -> Job:
    """Return a running job whose worker died, as it did `attempts` times now."""
    return make_job(
        status="running",
        attempts=attempts,
        token="of the dead",
        lease_until=timezone.now() - timedelta(seconds=1),
        **fields,
    )


def test_an_abandoned_job_is_given_to_another_worker() -> None:
    job = abandoned(attempts=1, active_key="pack release:7")

    recover()

    job.refresh_from_db()
    assert (job.status, job.token, job.active_key) == ("pending", "", "pack release:7")
    assert told(job) == ["WARNING The worker died; the job is given to another."]
    assert OrmQ.objects.count() == 1


def test_a_chore_that_fails_keeps_no_other_from_being_done(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unlucky() -> None:
        raise PermissionError("the inbox is somebody else's")

    monkeypatch.setattr(chores, "CHORES", {"unlucky": duty(unlucky), **chores.CHORES})
    job = abandoned(attempts=1)

    recover()

    job.refresh_from_db()
    assert job.status == "pending"
    assert "unlucky failed" in caplog.text


def duty(do: Callable[[], None]) -> Duty:
    return Duty("A chore", do, "%(count)d")


def test_without_a_database_no_chore_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError(2006, "Server has gone away")

    tried = partial(pytest.fail, "it was tried")
    monkeypatch.setattr(chores, "CHORES", {"away": duty(away), "next": duty(tried)})

    with pytest.raises(OperationalError):
        recover()


def test_recovering_twice_gives_a_job_away_once() -> None:
    job = abandoned(attempts=1)

    recover()
    recover()

    assert len(told(job)) == 1
    assert OrmQ.objects.count() == 1


def test_the_third_death_fails_the_job_and_its_release(seeded: None, settings: Settings) -> None:
    release = make_release()
    job = abandoned(
        attempts=settings.JOB_ATTEMPTS,
        subject=release.subject,
        arguments={"release_id": release.pk},
    )

    recover()

    job.refresh_from_db()
    release.refresh_from_db()
    assert (job.status, release.status) == ("failed", "failed")
    assert "died 3 times" in job.error
    assert told(job) == [f"ERROR {job.error}"]
    assert not OrmQ.objects.exists()


def test_a_job_nobody_knows_does_not_keep_others_from_recovery(settings: Settings) -> None:
    unknown = abandoned(attempts=settings.JOB_ATTEMPTS, work="of-another-version")
    known = abandoned(attempts=1)

    recover()

    assert Job.objects.get(pk=unknown.pk).status == "failed"
    assert Job.objects.get(pk=known.pk).status == "pending"


def test_a_job_that_is_held_is_left_alone() -> None:
    job = Job.objects.claim(make_job().pk)
    assert job is not None

    recover()

    assert Job.objects.get().token == job.token


def test_a_forgotten_job_is_sent_again() -> None:
    make_job()

    recover()

    assert OrmQ.objects.count() == 1


def test_a_job_to_be_cancelled_whose_worker_died_is_cancelled_by_the_next(works: Any) -> None:
    def do(lease: Lease) -> dict[str, Any]:
        lease.enter("first")
        raise AssertionError("it began")

    works(do)
    job = abandoned(attempts=1, work="test", cancel_requested=True)

    recover()
    run(job.pk)

    job.refresh_from_db()
    assert job.status == "cancelled"


def test_a_release_is_packed_by_its_job(seeded: None) -> None:
    owner = make_operator()
    release = make_release(owner=owner)
    job = actions.request_packing(release, by=owner)

    run(job.pk)

    job.refresh_from_db()
    assert (job.status, job.error) == ("completed", "")
    packed = Release.objects.get()
    assert packed.status == "completed"
    assert verify(packed.folder).faults == ()


def test_a_release_whose_file_is_gone_fails_with_a_reason(seeded: None) -> None:
    owner = make_operator()
    release = make_release(owner=owner)
    release.source.path.unlink()
    job = actions.request_packing(release, by=owner)

    run(job.pk)

    job.refresh_from_db()
    assert (job.status, Release.objects.get().status) == ("failed", "failed")
    assert "unforeseen" not in job.error
    assert not release.folder.exists()


def test_the_lease_of_the_dead_ends_by_the_databases_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job.objects.claim(make_job().pk)
    assert job is not None
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)  # this machine's clock jumps

    recover()
    assert Job.objects.get().status == "running"

    Job.objects.update(lease_until=Now() - timedelta(seconds=1))
    recover()
    assert Job.objects.get().status == "pending"
