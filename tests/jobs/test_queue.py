import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone, translation
from django_q.models import OrmQ

from jobs.models import Job
from jobs.queue import RUN, Busy, enqueue, record, resend_forgotten, run_here, send
from tests.factories import make_job, make_user

pytestmark = pytest.mark.django_db


def messages() -> list[tuple[str, tuple[Any, ...]]]:
    """Return what waits for workers: the function and its arguments."""
    return [(message.task["func"], message.task["args"]) for message in OrmQ.objects.order_by("pk")]


def test_a_job_is_recorded_with_its_arguments() -> None:
    user = make_user()

    job = enqueue("pack", by=user, subject="release:7", release_id=7)

    assert (job.status, job.by, job.attempts) == ("pending", user, 0)
    assert (job.work, job.arguments, job.subject) == ("pack", {"release_id": 7}, "release:7")


def test_a_message_is_sent_on_commit_with_the_number_alone(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        job = enqueue("pack", by=make_user(), release_id=7)
        assert messages() == []

    assert len(callbacks) == 1
    assert messages() == [(RUN, (job.pk,))]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_nor_recorded_when_the_transaction_fails() -> None:
    @transaction.atomic
    def ask_in_vain() -> None:
        enqueue("pack", by=make_user())
        raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        ask_in_vain()

    assert messages() == []
    assert not Job.objects.exists()


def test_a_recorded_job_wakes_nobody(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        record("pack", by=make_user())

    assert callbacks == []


def test_one_job_of_a_work_about_a_subject_is_active() -> None:
    user = make_user()
    enqueue("pack", by=user, subject="release:7")

    with pytest.raises(Busy):
        enqueue("pack", by=make_user(), subject="release:7")

    enqueue("analysis", by=user, subject="release:7")
    enqueue("pack", by=user, subject="release:8")
    assert Job.objects.count() == 3


def test_jobs_about_nothing_are_as_many_as_one_likes() -> None:
    user = make_user()

    enqueue("sync", by=user)
    enqueue("sync", by=user)

    assert Job.objects.count() == 2


@pytest.mark.parametrize("end", ["finish", "fail", "cancel"])
def test_every_end_frees_the_subject(end: str) -> None:
    first = enqueue("pack", by=make_user(), subject="release:7")
    job = Job.objects.claim(first.pk)
    assert job is not None
    arguments: dict[str, tuple[Any, ...]] = {"finish": ({},), "fail": ("why",), "cancel": ()}

    getattr(job, end)(*arguments[end])

    assert enqueue("pack", by=make_user(), subject="release:7").pk != first.pk


def test_a_job_given_back_to_the_queue_still_holds_the_subject() -> None:
    job = Job.objects.claim(enqueue("pack", by=make_user(), subject="release:7").pk)
    assert job is not None
    job.release_to_queue()

    with pytest.raises(Busy):
        enqueue("pack", by=make_user(), subject="release:7")


@pytest.mark.django_db(transaction=True)
def test_of_many_who_ask_at_once_one_gets_the_job() -> None:
    user, gate = make_user(), threading.Barrier(8)
    busy: list[Busy] = []

    def ask() -> None:
        gate.wait()
        try:
            enqueue("pack", by=user, subject="release:7")
        except Busy as error:
            busy.append(error)
        finally:
            connection.close()

    people = [threading.Thread(target=ask) for _ in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert Job.objects.count() == 1
    assert len(busy) == 7
    assert len(messages()) == 1


def test_a_pending_job_without_a_message_is_sent_again_once() -> None:
    job = make_job()
    make_job(status="completed", finished_at=timezone.now())

    assert resend_forgotten() == 1
    assert resend_forgotten() == 0
    assert messages() == [(RUN, (job.pk,))]


def test_nothing_is_sent_again_while_messages_wait() -> None:
    send(make_job())
    make_job()

    assert resend_forgotten() == 0


def test_a_message_that_died_with_its_worker_hides_no_job() -> None:
    job = make_job()
    send(job)
    taken_until = timezone.now() + timedelta(hours=25)
    OrmQ.objects.update(lock=taken_until)  # as a worker does that takes it

    assert resend_forgotten() == 1
    assert messages() == [(RUN, (job.pk,))] * 2


def test_nothing_is_sent_again_of_jobs_that_run() -> None:
    Job.objects.claim(make_job().pk)

    assert resend_forgotten() == 0


def test_a_job_keeps_the_language_it_was_asked_in() -> None:
    with translation.override("fr"):
        job = record("pack", by=make_user())

    assert job.language == "fr"


def test_a_job_that_is_interrupted_before_it_is_claimed_waits_for_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*arguments: Any) -> None:
        raise KeyboardInterrupt

    job = record("pack", by=make_user(), subject="release:7")
    monkeypatch.setattr(RUN, interrupted)

    with pytest.raises(KeyboardInterrupt):
        run_here(job)

    job.refresh_from_db()
    assert (job.status, job.active_key) == ("cancelled", None)
