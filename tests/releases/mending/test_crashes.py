"""Whatever a worker dies of, wherever it is: the old package or the new one stands, whole."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from jobs.lease import Lease
from jobs.models import Job
from releases import packing
from releases.actions import mending
from releases.actions.mending import doing, finishing
from releases.models import Release
from releases.packing import exchange
from tests.factories import make_operator
from tests.releases.mending.making import make_packed, mend, ran, row, sound, tree, undo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
STEPS = {
    Path: ("rename", "replace", "unlink", "mkdir"),
    exchange: ("exchanged", "copy", "sync"),
    finishing: ("settle",),
    shutil: ("copy2",),
}
"""What changes the disk, or says that it was changed."""
OTHER_NAME = {"name": "Ann.Author.Another.Book.2020.RETAiL.ePUB.eBook-GRP"}
TEXT = "Some Book\n2026-01-02 Ann Author 2020 English RETAiL\n"
ASKED = [("repack", {"metadata": {"genre": "Satire"}}), ("dirfix", OTHER_NAME)]


class Killed(BaseException):
    """What is heard of no more."""


class Death:
    """Kills whoever is about to take the step of this number."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def taken(*args: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left == -1:
                raise Killed
            return step(*args, **options)

        return taken


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


@pytest.fixture
def release(operator: User) -> Release:
    return make_packed(operator)


def dies(job: Job, death: Death, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run `job` until it is killed in a step of `finish`, or to its end; tell which."""
    claimed = Job.objects.claim(job.pk)
    assert claimed
    do = doing.undo if job.work == "undo" else doing.mend_release
    finish = finishing.finish

    def mortal(revision: Any) -> None:
        with monkeypatch.context() as patch:
            for owner, names in STEPS.items():
                for name in names:
                    patch.setattr(owner, name, death(getattr(owner, name)))
            finish(revision)

    try:
        with monkeypatch.context() as patch, Lease(claimed) as lease:
            patch.setattr(finishing, "finish", mortal)
            do(lease, **job.arguments)
    except Killed:
        return True
    claimed.finish({})
    return False


def whole(release: Release, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Tell whether one of the two packages can be seen, and nothing of a third."""
    seen = tree(release.into)
    folders = {path.partition("/")[0] for path in seen if "/" in path}
    packages = [inside(before), inside(after)]
    return bool(folders) and inside(seen) in [*packages, packages[0] | packages[1]]


def inside(seen: dict[str, Any]) -> dict[str, Any]:
    return {path: value for path, value in seen.items() if "/" in path}


def again(job: Job) -> Job:
    """Give the job of a dead worker to another one."""
    Job.objects.get(pk=job.pk).release_to_queue()
    return ran(job)


def died_at_each_step(
    release: Release,
    operator: User,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[], Job],
    heal: Callable[[Job], object],
    *,
    may_be_missing: bool = False,
) -> int:
    """Have a worker die at each step in turn, heal that, take all back; return how many died."""
    count = 0
    before, stored = tree(release.into), row(release)
    expected = None
    for death in map(Death, range(100)):
        job = ask()
        is_dead = dies(job, death, monkeypatch)
        count += is_dead
        assert not expected or whole(release, before, expected) or may_be_missing
        if is_dead:
            heal(job)
        release.refresh_from_db()
        expected = expected or tree(release.into)
        assert inside(tree(release.into)) == inside(expected)
        sound(release)
        assert not release.revisions.unfinished().exists()
        undo(release, operator, release.revisions.order_by("-number")[0].number)
        assert tree(release.into) == before
        assert row(release) == stored
        if not is_dead:
            return count
    raise AssertionError("it never came to its end")


@pytest.mark.slow
@pytest.mark.parametrize(("operation", "options"), ASKED)
def test_another_worker_finishes_what_one_began_wherever_it_died(
    operator: User,
    release: Release,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    options: dict[str, Any],
) -> None:
    def ask() -> Job:
        return mending.apply(operation, release, by=operator, options=options)

    count = died_at_each_step(release, operator, monkeypatch, ask, again)

    assert count > 10


@pytest.mark.slow
def test_so_it_is_where_folders_cannot_change_places_in_one_step(
    operator: User, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "exchanged", lambda one, other: False)

    def ask() -> Job:
        return mending.apply("repack", release, by=operator)

    count = died_at_each_step(release, operator, monkeypatch, ask, again, may_be_missing=True)

    assert count > 10


@pytest.mark.slow
def test_the_supervisor_finishes_what_a_job_that_failed_has_recorded(
    operator: User, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> Job:
        return mending.apply("nfofix", release, by=operator, options={"text": TEXT})

    def heal(job: Job) -> None:
        Job.objects.get(pk=job.pk).fail("Its worker died.")
        assert mending.finish_all() in {0, 1}

    assert died_at_each_step(release, operator, monkeypatch, ask, heal) > 10


@pytest.mark.slow
def test_taking_back_can_die_anywhere_too(
    operator: User, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    mend("dirfix", release, operator, **OTHER_NAME)

    def ask() -> Job:
        latest = release.revisions.exclude(kept="").order_by("-number")[0]
        return mending.undo_revision(release, by=operator, number=latest.number)

    assert died_at_each_step(release, operator, monkeypatch, ask, again) > 10


def test_what_dies_while_it_builds_leaves_nothing_and_changes_nothing(
    operator: User, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(release.into), row(release)
    job = mending.apply("repack", release, by=operator)

    def full(*args: Any, **options: Any) -> None:
        raise packing.PackingError("No space left")

    with monkeypatch.context() as patch:
        patch.setattr(packing, "pack", full)
        assert ran(job).status == Job.Status.FAILED

    assert job.error == "No space left"
    assert (tree(release.into), row(release)) == before
    assert list((release.into / ".revisions").iterdir()) == []


def test_a_worker_that_lost_its_job_changes_nothing(
    operator: User, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(release.into), row(release)
    job = mending.apply("repack", release, by=operator)
    pack = packing.pack

    def slow(*args: Any, **options: Any) -> packing.Package:
        package = pack(*args, **options)
        Job.objects.filter(pk=job.pk).update(token="of another worker")
        return package

    monkeypatch.setattr(packing, "pack", slow)
    ran(job)

    assert (tree(release.into), row(release)) == before
    assert not release.revisions.exists()
