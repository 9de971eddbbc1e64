from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from jobs.actions import Refused, cancel_job, delete_job, rerun_job
from jobs.models import Job
from jobs.queue import enqueue
from releases.models import Revision
from tests.factories import make_admin, make_answers, make_draft, make_job, make_release, make_user

pytestmark = pytest.mark.django_db


def ended(end: str, **fields: Any) -> Job:
    """Return a job that is over by `end`, a method of it."""
    job = Job.objects.claim(make_job(**fields).pk)
    assert job is not None
    {"finish": lambda: job.finish({}), "fail": lambda: job.fail("why"), "cancel": job.cancel}[end]()
    return job


def test_a_waiting_job_is_cancelled_at_once() -> None:
    job = make_job()

    cancel_job(job, by=job.by)

    assert Job.objects.get().status == "cancelled"


def test_a_running_job_is_asked_to_stop() -> None:
    job = make_job()
    Job.objects.claim(job.pk)
    job.refresh_from_db()

    cancel_job(job, by=job.by)

    job.refresh_from_db()
    assert (job.status, job.cancel_requested) == ("running", True)


def test_a_job_claimed_while_it_is_being_cancelled_is_asked_to_stop() -> None:
    waiting = make_job()
    Job.objects.claim(waiting.pk)

    cancel_job(waiting, by=waiting.by)

    job = Job.objects.get()
    assert (job.status, job.cancel_requested) == ("running", True)


def test_a_job_that_ends_while_it_is_being_cancelled_is_over() -> None:
    waiting = make_job()
    claimed = Job.objects.claim(waiting.pk)
    assert claimed is not None
    claimed.finish({})

    with pytest.raises(Refused, match="nothing to cancel"):
        cancel_job(waiting, by=waiting.by)


@pytest.mark.parametrize("end", ["finish", "fail", "cancel"])
def test_a_job_that_is_over_cannot_be_cancelled(end: str) -> None:
    job = ended(end)

    with pytest.raises(Refused, match="The job is over"):
        cancel_job(job, by=job.by)


@pytest.mark.parametrize("end", ["fail", "cancel"])
def test_a_job_that_did_not_succeed_can_be_run_again(end: str) -> None:
    subject = make_draft(owner=make_user()).subject
    job = ended(end, subject=subject, arguments={"release_id": 7})

    again = rerun_job(job, by=job.by)

    assert again.pk != job.pk
    assert (again.status, again.work, again.subject) == ("pending", "pack", subject)
    assert (again.arguments, again.cancel_requested) == ({"release_id": 7}, False)


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize("suffix", ["", ":3"])
def test_what_was_for_a_release_that_is_gone_is_not_run_again(suffix: str) -> None:
    release = make_release()
    job = ended("fail", subject=f"{release.subject}{suffix}", arguments={"release_id": release.pk})
    release.delete()

    with pytest.raises(Refused, match="packed already or gone"):
        rerun_job(job, by=job.by)

    assert not Job.objects.active().exists()


def test_a_job_that_was_to_be_cancelled_is_not_so_again() -> None:
    job = ended("cancel", cancel_requested=True)

    assert not rerun_job(job, by=job.by).cancel_requested


@pytest.mark.parametrize("state", ["pending", "running", "completed"])
def test_another_job_cannot_be_run_again(state: str) -> None:
    job = make_job()
    if state != "pending":
        claimed = Job.objects.claim(job.pk)
        assert claimed is not None
        job = claimed
    if state == "completed":
        job.finish({})

    with pytest.raises(Refused, match="Only a job that failed or was cancelled"):
        rerun_job(job, by=job.by)


def test_a_job_cannot_be_run_again_while_its_like_is_active() -> None:
    subject = make_draft(owner=make_user()).subject
    job = ended("fail", subject=subject)
    enqueue("pack", by=make_user(), subject=subject)

    with pytest.raises(Refused, match="waiting or running already"):
        rerun_job(job, by=job.by)


def test_nobody_touches_the_job_of_somebody_else() -> None:
    job, stranger = ended("fail"), make_user()

    with pytest.raises(PermissionDenied):
        cancel_job(job, by=stranger)
    with pytest.raises(PermissionDenied):
        rerun_job(job, by=stranger)


def test_an_admin_may_cancel_and_rerun_the_job_of_anybody() -> None:
    admin = make_admin()
    cancel_job(make_job(), by=admin)

    assert rerun_job(ended("fail"), by=admin).status == "pending"


@pytest.mark.parametrize("work", ["download", "pack", "enrich"])
def test_a_job_that_an_admin_runs_again_stays_its_owners(work: str) -> None:
    admin, owner = make_admin(), make_user()

    again = rerun_job(ended("fail", by=owner, work=work, language="fr"), by=admin)

    assert (again.by, again.language) == (owner, "fr")
    assert admin.username in again.lines.get().message


def test_a_job_that_its_owner_runs_again_says_nothing_of_it() -> None:
    job = ended("fail")

    assert not rerun_job(job, by=job.by).lines.exists()


@pytest.mark.parametrize("work", ["sync", "migrate", "repack"])
def test_a_token_has_nothing_run_again_that_it_does_not_allow(work: str) -> None:
    job = ended("fail", work=work)
    job.by.scopes = frozenset({"releases:read", "releases:write"})

    with pytest.raises(PermissionDenied, match="MOD permission"):
        rerun_job(job, by=job.by)
    job.by.scopes = None
    assert rerun_job(job, by=job.by).status == "pending"


@pytest.mark.parametrize("end", ["finish", "fail", "cancel"])
def test_a_job_that_is_over_can_be_deleted_with_its_log(end: str) -> None:
    job = ended(end)
    job.log("one line")

    delete_job(job, by=job.by)

    assert not Job.objects.exists()


def test_a_job_that_is_not_over_cannot_be_deleted() -> None:
    job = make_job()
    with pytest.raises(Refused, match="not over"):
        delete_job(job, by=job.by)
    Job.objects.claim(job.pk)
    with pytest.raises(Refused, match="not over"):
        delete_job(job, by=job.by)


def test_nobody_deletes_the_job_of_somebody_else() -> None:
    job = ended("fail")
    with pytest.raises(PermissionDenied):
        delete_job(job, by=make_user())
    delete_job(job, by=make_admin())


@pytest.mark.usefixtures("seeded")
def test_a_job_that_a_history_tells_of_cannot_be_deleted() -> None:
    job = ended("finish", work="undo")
    Revision.objects.create(release=make_release(), number=1, operation="undo", job=job)

    with pytest.raises(Refused, match="history of a release"):
        delete_job(job, by=job.by)


@pytest.mark.usefixtures("seeded")
def test_a_job_that_a_draft_takes_proposals_from_cannot_be_deleted() -> None:
    draft = make_draft()
    job = make_answers(draft)

    with pytest.raises(Refused, match="takes its proposals"):
        delete_job(job, by=job.by)
    draft.delete()
    delete_job(job, by=job.by)
