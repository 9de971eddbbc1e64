from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from jobs import health
from jobs.models import Job, Supervisor
from packer_site import worker
from tests.factories import make_job, make_user

pytestmark = pytest.mark.django_db


def state() -> str:
    return health.workers(health.jobs(None)).state


def waiting(seconds: float) -> Job:
    return make_job(queued_at=timezone.now() - timedelta(seconds=seconds))


def silent() -> None:
    past = Now() - timedelta(seconds=settings.SUPERVISOR_SILENCE_S + 1)
    Supervisor.objects.update(seen_at=past)


def test_nobody_knows_of_workers_that_were_never_heard_of() -> None:
    waiting(3)

    assert state() == "unknown"


def test_supervisors_that_live_are_counted_with_their_workers() -> None:
    Supervisor.objects.beat("gone:1", 8)
    silent()
    Supervisor.objects.beat("here:1", 2)
    Supervisor.objects.beat("there:1", 3)

    found = health.workers(health.jobs(None))

    assert (found.state, found.count) == ("ready", 5)


def test_a_supervisor_is_one_row_however_often_it_beats() -> None:
    Supervisor.objects.beat("here:1", 2)
    Supervisor.objects.beat("here:1", 4)

    assert [row.workers for row in Supervisor.objects.all()] == [4]


def test_those_long_gone_are_forgotten() -> None:
    Supervisor.objects.beat("old:1", 2)
    Supervisor.objects.update(seen_at=Now() - timedelta(seconds=settings.SUPERVISOR_KEPT_S + 1))

    Supervisor.objects.beat("new:1", 2)

    assert [row.name for row in Supervisor.objects.all()] == ["new:1"]


def test_workers_unheard_of_for_long_are_silent_and_it_is_told_since_when() -> None:
    Supervisor.objects.beat("here:1", 2)
    silent()

    found = health.workers(health.jobs(None))

    assert found.state == "silent"
    assert found.seen_at == Supervisor.objects.get().seen_at


def test_workers_that_leave_a_job_waiting_are_busy() -> None:
    Supervisor.objects.beat("here:1", 2)
    waiting(health.PATIENCE_S - 30)
    assert state() == "ready"

    waiting(health.PATIENCE_S + 30)
    assert state() == "busy"


def test_a_job_that_runs_proves_a_worker_without_a_supervisor() -> None:
    Job.objects.claim(make_job().pk)

    assert state() == "ready"


def test_jobs_are_counted_the_failed_ones_of_one_user_alone() -> None:
    user, now = make_user(), timezone.now()
    failed: dict[str, Any] = {"status": "failed", "finished_at": now}
    make_job(by=user, **failed), make_job(**failed)
    waiting(5), Job.objects.claim(make_job().pk)

    own, every = health.jobs(user), health.jobs(None)

    assert (own.failed, own.waiting, own.running) == (1, 1, 1)
    assert every.failed == 2


@pytest.mark.django_db(transaction=True)
def test_who_keeps_workers_running_says_so_and_who_keeps_none_does_not() -> None:
    worker.recover_jobs()
    assert not Supervisor.objects.exists()

    worker.look_after_workers()

    assert Supervisor.objects.get().workers == settings.Q_CLUSTER["workers"]
