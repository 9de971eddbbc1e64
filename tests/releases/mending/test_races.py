"""Several at once, and workers that are killed as the system kills: in a real database."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, connections

from accounts.models import User
from jobs.models import Job
from packer_site import work
from releases import actions
from releases.actions import mending
from releases.actions.mending import finishing
from releases.models import Release, Revision
from releases.packing.exchange import Held
from tests.factories import make_operator, make_source
from tests.releases.mending.making import make_packed, ran, row, sound, tree, undo

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("seeded"),
]
TEXT = {"text": "Some Book\n2026-01-02 Ann Author 2020 English RETAiL\n"}
KILLS = 12


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


@pytest.fixture
def release(operator: User) -> Release:
    source = make_source(owner=operator, size_bytes=12_000_000)
    return make_packed(operator, source=source)


def at_once(do: Callable[[], object], threads: int) -> list[BaseException]:
    """Do it in several threads at once, and return what was raised."""
    raised: list[BaseException] = []
    start = threading.Barrier(threads)

    def hand() -> None:
        start.wait()
        try:
            do()
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    hands = [threading.Thread(target=hand) for _ in range(threads)]
    for one in hands:
        one.start()
    for one in hands:
        one.join()
    return raised


def test_of_many_who_ask_at_once_one_gets_a_job(operator: User, release: Release) -> None:
    operations = iter(["repack", "nfofix"] * 5)

    def ask() -> None:
        operation = next(operations)
        options = TEXT if operation == "nfofix" else {}
        mending.apply(operation, release, by=operator, options=options)

    raised = at_once(ask, 10)

    assert Job.objects.active().count() == 1
    assert len(raised) == 9
    assert {type(error) for error in raised} == {actions.ReleaseConflict}


def test_many_who_finish_one_revision_do_it_once(
    operator: User, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(release.into), row(release)
    job = mending.apply("nfofix", release, by=operator, options=TEXT)

    def unfinished(revision: Revision) -> None:
        raise OSError("the disk is away")

    with monkeypatch.context() as patch:
        patch.setattr(finishing, "finish", unfinished)
        assert ran(job).status == Job.Status.FAILED
    assert tree(release.into) == before[0]

    raised = at_once(mending.finish_all, 6)

    assert [error for error in raised if not isinstance(error, Held)] == []
    mending.finish_all()
    release.refresh_from_db()
    sound(release)
    undo(release, operator)
    assert (tree(release.into), row(release)) == before


def test_a_worker_that_is_killed_leaves_a_whole_package_and_another_goes_on(
    operator: User, release: Release
) -> None:
    before, stored = tree(release.into), row(release)
    took_s = timed(mending.apply("repack", release, by=operator, options={"generate_sfv": False}))
    after = tree(release.into)
    moments = random.Random(6)
    for _ in range(KILLS):
        undo(release, operator)
        assert tree(release.into) == before
        assert row(release) == stored
        release.revisions.all().delete()
        job = mending.apply("repack", release, by=operator, options={"generate_sfv": False})

        kill_after(moments.uniform(0, took_s * 1.1), job)

        assert packages(tree(release.into)) in [packages(before), packages(after)]
        heal(job)
        release.refresh_from_db()
        assert tree(release.into) == after
        sound(release)
        assert leftovers(release) == 1


def timed(job: Job) -> float:
    began_s = time.monotonic()
    assert ran(job).status == Job.Status.COMPLETED
    return time.monotonic() - began_s


def kill_after(seconds: float, job: Job) -> None:
    """Run `job` in a process of its own, which is killed after so long."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            work.run(job.pk)
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def heal(job: Job) -> None:
    job.refresh_from_db()
    if job.status == Job.Status.RUNNING:
        assert job.release_to_queue()
    if not job.is_over:
        assert ran(job).status == Job.Status.COMPLETED, job.error
    assert job.status == Job.Status.COMPLETED


def packages(seen: dict[str, tuple[str, int, int]]) -> dict[str, tuple[str, int, int]]:
    return {path: value for path, value in seen.items() if "/" in path}


def leftovers(release: Release) -> int:
    return len(list(Path(release.into, ".revisions").iterdir()))
