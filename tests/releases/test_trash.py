import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.permissions import grant
from drafts.models import Draft
from packer_site import work
from releases import actions
from releases.actions import trash
from releases.models import Artifact, Release, Revision, Source
from tests.factories import make_admin, make_job, make_operator, make_release, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def admin(seeded: None) -> User:
    return make_admin()


@pytest.fixture
def release(admin: User) -> Release:
    """A release whose folder lies among the releases, with its SFV beside it."""
    release = make_release(owner=admin, status="completed")
    release.folder.mkdir(parents=True)
    (release.folder / "book.zip").write_bytes(b"volume")
    beside = f"{release.name}.sfv"
    (release.into / beside).write_bytes(b"sums")
    for path in (f"{release.name}/book.zip", beside):
        Artifact.objects.create(release=release, path=path, kind="volume", size=6, crc32="0" * 8)
    return release


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".trash"}


def again(release: Release) -> Release:
    return Release.objects.get(pk=release.pk)


def test_the_trash_takes_all_that_lies_of_a_release(
    release: Release, admin: User, settings: Settings
) -> None:
    actions.trash_release(release, by=admin)

    assert names(settings.RELEASES_DIR) == set()
    assert release.folder == settings.RELEASES_DIR / ".trash" / str(release.pk) / release.name
    for artifact in release.artifacts.all():
        assert artifact.file.is_file()
    assert not Release.objects.visible_to(admin).exists()
    assert list(Release.objects.trashed()) == [release]


def test_what_is_put_back_lies_where_it_lay(
    release: Release, admin: User, settings: Settings
) -> None:
    before = names(settings.RELEASES_DIR)
    actions.trash_release(release, by=admin)

    actions.restore_release(again(release), by=admin)

    assert names(settings.RELEASES_DIR) == before
    back = again(release)
    assert (back.root, back.trashed_at, back.trashed_from) == ("", None, "")
    assert (back.folder / "book.zip").read_bytes() == b"volume"
    assert not (settings.RELEASES_DIR / ".trash").exists()


def test_a_release_of_another_folder_goes_back_there(admin: User, tmp_path: Path) -> None:
    root = tmp_path / "elsewhere"
    release = make_release(owner=admin, root=str(root))
    release.folder.mkdir(parents=True)

    actions.trash_release(release, by=admin)
    assert release.folder.is_dir()
    assert release.into.parent == root / ".trash"
    actions.restore_release(release, by=admin)

    assert again(release).root == str(root)
    assert (root / release.name).is_dir()


def test_the_name_is_free_and_taken_again_is_refused_back(release: Release, admin: User) -> None:
    actions.trash_release(release, by=admin)
    other = make_release(owner=admin, name=release.name)

    with pytest.raises(actions.Refused, match=r"has another .* by now"):
        actions.restore_release(release, by=admin)

    other.delete()
    actions.restore_release(release, by=admin)
    assert again(release).trashed_at is None


def test_a_folder_of_nobody_in_the_way_is_left_alone(release: Release, admin: User) -> None:
    place = release.folder
    actions.trash_release(release, by=admin)
    place.mkdir()
    (place / "mine").touch()

    with pytest.raises(actions.Refused, match=r"has another .* by now"):
        actions.restore_release(release, by=admin)

    assert names(place) == {"mine"}
    assert again(release).trashed_at


def test_a_release_without_a_folder_goes_and_comes(admin: User) -> None:
    release = make_release(owner=admin)

    actions.trash_release(release, by=admin)
    assert again(release).trashed_at
    actions.restore_release(again(release), by=admin)

    assert again(release).trashed_at is None


def test_what_is_at_work_is_not_put_away(release: Release, admin: User) -> None:
    make_job(by=admin, work="lint", subject=release.subject)

    with pytest.raises(actions.Refused, match="A job is at work"):
        actions.trash_release(release, by=admin)

    assert release.folder.is_dir()


def test_what_waits_to_be_put_in_its_place_is_not_put_away(release: Release, admin: User) -> None:
    Revision.objects.create(release=release, number=1, operation="dirfix", is_done=False)

    with pytest.raises(actions.Refused, match="A job is at work"):
        actions.trash_release(release, by=admin)

    assert release.folder.is_dir()


def test_what_is_in_the_trash_is_not_packed(admin: User) -> None:
    release = make_release(owner=admin)
    job = actions.request_packing(release, by=admin)
    trashed = {"trashed_at": timezone.now(), "root": str(release.into / ".trash" / "1")}
    Release.objects.filter(pk=release.pk).update(**trashed)

    work.run(job.pk)

    job.refresh_from_db()
    assert "is in the trash" in job.error
    assert not again(release).folder.exists()


def test_only_who_may_delete_puts_away_and_back() -> None:
    operator = make_operator()
    release = make_release(owner=operator)

    for act in (actions.trash_release, actions.restore_release, actions.forget_release):
        with pytest.raises(PermissionDenied, match="DELETE permission on releases"):
            act(release, by=operator)

    grant(operator, "releases", "delete", release)
    actions.trash_release(release, by=operator)
    assert again(release).trashed_at


def test_who_died_before_moving_the_files_does_it_again(
    release: Release, admin: User, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def die(*_arguments: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(trash, "move", die)
        with pytest.raises(SystemExit):
            actions.trash_release(release, by=admin)
    assert again(release).trashed_at
    assert names(settings.RELEASES_DIR)

    actions.trash_release(again(release), by=admin)

    assert names(settings.RELEASES_DIR) == set()
    assert again(release).folder.is_dir()


def test_who_died_between_two_files_does_it_again(
    release: Release, admin: User, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    left = iter([True])
    rename = Path.rename

    def die_at_the_second(path: Path, target: Path) -> Path:
        if not next(left, False):
            raise SystemExit
        return rename(path, target)

    with monkeypatch.context() as dying:
        dying.setattr(Path, "rename", die_at_the_second)
        with pytest.raises(SystemExit):
            actions.trash_release(release, by=admin)

    actions.trash_release(again(release), by=admin)
    actions.restore_release(again(release), by=admin)

    assert names(settings.RELEASES_DIR) == {release.name, f"{release.name}.sfv"}


def test_who_died_before_saying_that_files_are_back_does_it_again(
    release: Release, admin: User, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    actions.trash_release(release, by=admin)

    def die() -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(Release.objects, "trashed", die)
        with pytest.raises(SystemExit):
            actions.restore_release(again(release), by=admin)
    assert again(release).trashed_at
    assert names(settings.RELEASES_DIR)

    actions.restore_release(again(release), by=admin)

    assert again(release).trashed_at is None
    assert again(release).folder.is_dir()


def test_files_that_cannot_be_moved_leave_all_as_it_was(
    release: Release, admin: User, settings: Settings
) -> None:
    (settings.RELEASES_DIR / ".trash").write_text("in the way")

    with pytest.raises(actions.Refused, match="cannot be moved: Not a directory"):
        actions.trash_release(release, by=admin)

    assert again(release).trashed_at is None
    assert again(release).folder.is_dir()


def test_gone_for_good_are_row_files_and_what_no_one_else_needs(
    release: Release, admin: User, settings: Settings
) -> None:
    source = release.source
    actions.trash_release(release, by=admin)

    actions.forget_release(release, by=admin)

    assert not Release.objects.exists()
    assert not (settings.RELEASES_DIR / ".trash").exists()
    assert not Source.objects.filter(pk=source.pk).exists()
    assert not source.path.exists()


def test_a_source_that_others_need_stays(release: Release, admin: User) -> None:
    shared, drafted = release.source, make_source(owner=admin)
    other = make_release(owner=admin, source=shared)
    of_draft = make_release(owner=admin, source=drafted)
    Draft.objects.create(owner=admin, answers={"source": {"file_path": str(drafted.handle)}})

    for one in (release, of_draft):
        actions.trash_release(one, by=admin)
        actions.forget_release(one, by=admin)

    assert shared.path.exists()
    assert drafted.path.exists()
    assert list(Release.objects.all()) == [other]


def test_a_file_of_the_machine_stays(admin: User, tmp_path: Path) -> None:
    mine = tmp_path / "mine.epub"
    mine.write_bytes(b"mine")
    source = make_source(owner=admin)
    source.local_path = str(mine)
    source.save()
    release = make_release(owner=admin, source=source)
    actions.trash_release(release, by=admin)

    actions.forget_release(release, by=admin)

    assert mine.read_bytes() == b"mine"


def test_what_is_not_in_the_trash_is_not_deleted(release: Release, admin: User) -> None:
    with pytest.raises(actions.Refused, match="is not in the trash"):
        actions.forget_release(release, by=admin)

    assert release.folder.is_dir()


def test_what_was_put_back_meanwhile_is_not_deleted(release: Release, admin: User) -> None:
    actions.trash_release(release, by=admin)
    as_it_was = again(release)
    actions.restore_release(again(release), by=admin)

    with pytest.raises(actions.Refused, match="is not in the trash"):
        actions.forget_release(as_it_was, by=admin)

    assert (again(release).folder / "book.zip").exists()


@pytest.mark.parametrize(("days", "is_left"), [(30, False), (0, True), (32, True)])
def test_the_trash_is_emptied_after_its_days(
    release: Release, admin: User, settings: Settings, days: int, is_left: bool
) -> None:
    settings.TRASH_DAYS = days
    actions.trash_release(release, by=admin)
    old = timezone.now() - timedelta(days=31)
    Release.objects.filter(pk=release.pk).update(trashed_at=old)

    work.recover()

    assert Release.objects.exists() is is_left
    assert release.folder.exists() is is_left


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_what_cannot_be_removed_keeps_its_row(release: Release, admin: User) -> None:
    actions.trash_release(release, by=admin)
    release.folder.chmod(0o500)

    with pytest.raises(actions.Refused, match="cannot be removed"):
        actions.forget_release(release, by=admin)

    assert Release.objects.filter(pk=release.pk).exists()
