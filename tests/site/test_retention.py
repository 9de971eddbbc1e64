"""What goes by itself after a while, what stays, and that 0 keeps it for ever."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone
from django_q.models import Failure
from pytest_django import Settings

from drafts.actions import sweep_drafts
from drafts.models import Draft
from jobs.actions import sweep_jobs
from jobs.models import Job, JobLog
from jobs.queue import forget_tasks
from releases.actions import mending, trash
from releases.models import Revision, Source, Upload
from tests.factories import make_draft, make_job, make_operator, make_release, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=1000)


@pytest.fixture(autouse=True)
def kept_for_100_days(settings: Settings) -> None:
    settings.RETENTION_DRAFTS_DAYS = 100
    settings.RETENTION_SOURCES_DAYS = 100
    settings.RETENTION_JOBS_DAYS = 100
    settings.RETENTION_QUEUE_DAYS = 100


def aged(row: Any, field: str, days: int) -> Any:
    type(row).objects.filter(pk=row.pk).update(**{field: NOW - timedelta(days=days)})
    return row


def left(model: type[Model]) -> set[Any]:
    return set(model._default_manager.values_list("pk", flat=True))


def draft_of(owner: Any, days: int, **answers: Any) -> Draft:
    made: Draft = aged(make_draft(owner=owner, **answers), "updated_at", days)
    return made


def test_drafts_that_nobody_touched_go_with_their_files() -> None:
    owner = make_operator()
    source = make_source(owner=owner)
    old = draft_of(owner, 101, source={"file_path": str(source.handle)})
    young = draft_of(owner, 99)
    at_work, arriving = (draft_of(owner, 101) for _ in range(2))
    make_job(by=owner, subject=at_work.subject)
    Upload.objects.create(name="a.epub", size=9, created_by=owner, subject=arriving.subject)

    assert sweep_drafts() == 1

    assert left(Draft) == {young.pk, at_work.pk, arriving.pk}
    assert old.pk not in left(Draft)
    assert not Source.objects.exists()
    assert not source.path.exists()


def test_a_draft_is_said_to_go_a_month_before() -> None:
    owner = make_operator()
    soon, later = draft_of(owner, 71), draft_of(owner, 69)
    soon.refresh_from_db()
    later.refresh_from_db()

    assert soon.goes_at
    assert soon.goes_at - NOW == timedelta(days=29)
    assert later.goes_at is None


def test_sent_files_go_that_nothing_names() -> None:
    owner = make_operator()
    lost, young, drafted = (make_source(owner=owner) for _ in range(3))
    make_draft(owner=owner, source={"file_path": str(drafted.handle)})
    packed = make_release(owner=owner).source
    local = make_source(owner=owner)
    Source.objects.filter(pk=local.pk).update(local_path=str(local.path))
    Source.objects.exclude(pk=young.pk).update(created_at=LONG_AGO)

    assert trash.sweep_sources() == 1

    assert left(Source) == {young.pk, drafted.pk, packed.pk, local.pk}
    assert not lost.path.exists()


def over(days: int, **fields: Any) -> Job:
    at = NOW - timedelta(days=days)
    job = make_job(status="completed", finished_at=at, **fields)
    JobLog.objects.create(job=job, message="Something was done")
    return job


def test_jobs_that_are_over_go_with_their_logs_but_what_is_needed() -> None:
    owner = make_operator()
    gone, young, told, proposes = (over(101), over(99), over(101), over(101, work="enrich"))
    Job.objects.filter(pk=proposes.pk).update(subject=make_draft(owner=owner).subject)
    revision = {"number": 1, "operation": "repack", "job": told}
    Revision.objects.create(release=make_release(owner=owner), **revision)
    waiting = make_job(queued_at=LONG_AGO)

    assert sweep_jobs() == 1

    assert left(Job) == {young.pk, told.pk, proposes.pk, waiting.pk}
    assert not JobLog.objects.filter(job=gone.pk).exists()


def test_more_jobs_than_one_batch_go_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.actions.BATCH", 2)
    jobs = [over(101) for _ in range(5)]

    assert sweep_jobs() == len(jobs)
    assert sweep_jobs() == 0


def test_old_notes_of_the_queue_go() -> None:
    for number, days in enumerate((101, 99)):
        at = NOW - timedelta(days=days)
        task = {"id": f"{number:032}", "name": "a job", "func": "f", "success": False}
        Failure.objects.create(**task, started=at, stopped=at)

    assert forget_tasks() == 1
    assert Failure.objects.count() == 1


def test_what_more_revisions_replaced_than_are_kept_goes(settings: Settings, folders: Path) -> None:
    release = make_release()
    for number in (1, 2, 3):
        kept = release.into / ".revisions" / f"{release.pk}-{number}-abc"
        kept.mkdir(parents=True)
        Revision.objects.create(
            release=release, number=number, operation="repack", kept=str(kept), is_done=True
        )
    settings.REVISIONS_KEPT = 0
    assert mending.prune_all() == 0

    settings.REVISIONS_KEPT = 2
    assert mending.prune_all() == 1

    assert [bool(one.kept) for one in release.revisions.order_by("number")] == [False, True, True]
    assert len(list((release.into / ".revisions").iterdir())) == 2


@pytest.mark.parametrize(
    ("setting", "make", "sweep"),
    [
        ("DRAFTS", lambda: draft_of(make_operator(), 9000), sweep_drafts),
        ("SOURCES", lambda: aged(make_source(), "created_at", 9000), trash.sweep_sources),
        ("JOBS", lambda: over(9000), sweep_jobs),
    ],
)
def test_0_keeps_things_for_ever(
    settings: Settings, setting: str, make: Callable[[], Any], sweep: Callable[[], int]
) -> None:
    make()
    setattr(settings, f"RETENTION_{setting}_DAYS", 0)

    assert sweep() == 0
