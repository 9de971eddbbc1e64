import errno
import json
import os
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from django.db import connection
from pytest_django import Settings

from cli.exits import Exit
from packer_site import commands
from releases.actions.mending import apply
from releases.actions.trash import forget_release, trash_release
from releases.models import Artifact, Source
from tests.fresh import fresh_database
from tests.upkeep.conftest import place
from tests.upkeep.world import World, packed
from upkeep import making
from upkeep.making import make_backup
from upkeep.reading import Backup
from upkeep.restoring import restore_backup
from upkeep.sentences import Unable

pytestmark = pytest.mark.slow


class Meanwhile:
    """Does something once, as soon as the first file is taken."""

    def __init__(self, act: object) -> None:
        self.act = act

    def __call__(self, stage: str, done: int, total: int) -> None:
        act, self.act = self.act, None
        if callable(act):
            act()


@pytest.mark.parametrize("name", ["backups", "all.tar"])
def test_what_changes_meanwhile_is_taken_again(world: World, tmp_path: Path, name: str) -> None:
    def change() -> None:
        from packer_site import work  # noqa: PLC0415  # as a worker

        job = apply(
            "nfofix", world.release, by=world.admin, options={"text": "New\n"}, at_once=True
        )
        work.run(job.pk)
        forget_release(world.trashed, by=world.admin)
        trash_release(world.elsewhere, by=world.admin)
        packed(world.admin, title="Five")

    made = make_backup(tmp_path / name, with_files=True, heard=Meanwhile(change))

    with closing(Backup(made.path)) as backup:
        backup.verify(lambda *_told: None)
        listed = {entry.path: entry.sha256 for entry in backup.entries() if entry.counts}
        rows = dict(backup.manifest.tables)
    world.release.refresh_from_db()
    assert made.lacking == []
    for artifact in world.release.artifacts.all():
        assert listed[artifact.path] == artifact.sha256 or not artifact.sha256
    assert not any(world.trashed.name in path for path in listed)
    assert any(world.elsewhere.name in path and ".trash" in path for path in listed)
    assert any("Five" in path for path in listed)
    assert rows["releases_release"]["rows"] == 3


def test_a_second_backup_takes_what_is_unchanged_from_the_first(
    world: World, tmp_path: Path
) -> None:
    first = make_backup(tmp_path / "backups", with_files=True, heard=Meanwhile(None)).path
    first = first.rename(first.with_name("packer-20200101T000000Z"))
    volume = next((first / "files" / "releases").rglob("*.zip")).relative_to(first)

    second = make_backup(tmp_path / "backups", with_files=True, heard=Meanwhile(None)).path

    assert (first / volume).samefile(second / volume)
    with closing(Backup(second)) as backup:
        backup.verify(lambda *_told: None)


def test_a_copy_that_rotted_is_not_taken_over(world: World, tmp_path: Path) -> None:
    first = make_backup(tmp_path / "backups", with_files=True, heard=Meanwhile(None)).path
    first = first.rename(first.with_name("packer-20200101T000000Z"))
    volume = next((first / "files" / "releases").rglob("*.zip"))
    state, data = volume.stat(), bytearray(volume.read_bytes())
    data[50] ^= 1
    volume.write_bytes(data)
    os.utime(volume, ns=(state.st_atime_ns, state.st_mtime_ns))

    second = make_backup(tmp_path / "backups", with_files=True, heard=Meanwhile(None))

    assert second.lacking == []
    assert not volume.samefile(second.path / volume.relative_to(first))


def test_a_copy_without_a_sum_in_the_rows_is_compared_with_that_of_its_backup(
    world: World, tmp_path: Path
) -> None:
    first = make_backup(tmp_path / "backups", with_files=True, heard=Meanwhile(None)).path
    first = first.rename(first.with_name("packer-20200101T000000Z"))
    rotten, sound = sorted((first / "files" / "covers").iterdir())[:2]
    whole, state = rotten.read_bytes(), rotten.stat()
    rotten.write_bytes(bytes(reversed(whole)))
    os.utime(rotten, ns=(state.st_atime_ns, state.st_mtime_ns))

    second = make_backup(tmp_path / "backups", with_files=True, heard=Meanwhile(None)).path

    assert (second / rotten.relative_to(first)).read_bytes() == whole
    assert sound.samefile(second / sound.relative_to(first))


class Failing:
    """A file of which the disk gives some, and no more."""

    def __init__(self, file: BinaryIO, error: OSError | None) -> None:
        self.file, self.error, self.reads = file, error, 0

    def read(self, size: int) -> bytes:
        self.reads += 1
        if self.reads == 1:
            return self.file.read(10)
        if self.error:
            raise self.error
        return b""

    def fileno(self) -> int:
        return self.file.fileno()

    def __enter__(self) -> "Failing":
        return self

    def __exit__(self, *_error: object) -> None:
        self.file.close()


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("backups", OSError(errno.EIO, "Input/output error")),
        ("all.tar", OSError(errno.EIO, "Input/output error")),
        ("all.tar", None),  # it is shorter than it was when it was opened
    ],
)
def test_what_the_disk_does_not_give_is_named_and_the_rest_backed_up(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    error: OSError | None,
) -> None:
    cover = world.release.source.cover_path
    cover.write_bytes(b"longer than what the disk gives")
    bad = {str(next(world.release.folder.glob("*.zip"))), str(cover)}
    plainly = making.opened

    def opened(path: Path) -> BinaryIO | None:
        file = plainly(path)
        return cast("BinaryIO", Failing(file, error)) if file and str(path) in bad else file

    monkeypatch.setattr(making, "opened", opened)

    made = make_backup(tmp_path / name, with_files=True, heard=Meanwhile(None))

    assert set(made.lacking) == bad
    with closing(Backup(made.path)) as backup:
        backup.verify(lambda *_told: None)


def test_rows_that_point_nowhere_are_named_in_a_backup(
    world: World, tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    artifact = Artifact.objects.filter(release=world.trashed)[0]
    with connection.constraint_checks_disabled():
        Artifact.objects.filter(pk=artifact.pk).update(release=999)

    assert commands.run(["backup", str(tmp_path / "backups")]) == Exit.FAILED

    assert f"releases_artifact {artifact.pk}: its release_id is 999" in capsys.readouterr().err
    backup = next((tmp_path / "backups").iterdir())
    with fresh_database(tmp_path / "two.sqlite3"):
        place(settings, tmp_path / "two")
        with pytest.raises(Unable, match="points nowhere"):
            restore_backup(backup, heard=Meanwhile(None))


def test_a_backup_that_is_cut_off_leaves_nothing(world: World, tmp_path: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    killed = tmp_path / "backups" / ".packer-packer-20200101T000000Z-1.part"
    (killed / "whole").mkdir(parents=True)

    with pytest.raises(KeyboardInterrupt):
        make_backup(tmp_path / "backups", with_files=True, heard=Meanwhile(interrupt))

    assert list((tmp_path / "backups").iterdir()) == []


def test_what_the_instance_lacks_is_named(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = Source.objects.filter(local_path="")[0].path
    gone.unlink()
    short = next(world.release.folder.glob("*.zip"))
    short.write_bytes(b"short")

    assert commands.run(["backup", str(tmp_path / "backups"), "--json"]) == Exit.FAILED

    told = json.loads(capsys.readouterr().out)
    assert sorted(told["lacking"]) == sorted(map(str, [gone, short]))
    with closing(Backup(Path(told["backup"]))) as backup:
        backup.verify(lambda *_told: None)


def test_rows_alone_can_be_backed_up(world: World, tmp_path: Path) -> None:
    made = make_backup(tmp_path / "rows.tar", with_files=False, heard=Meanwhile(None))

    with closing(Backup(made.path)) as backup:
        backup.verify(lambda *_told: None)
        assert list(backup.entries()) == []
    assert (made.files, made.rows > 100) == (0, True)


def test_no_backup_lands_where_something_is(world: World, tmp_path: Path) -> None:
    (tmp_path / "all.tar").write_text("mine")

    with pytest.raises(Unable, match="exists already"):
        make_backup(tmp_path / "all.tar", with_files=True, heard=Meanwhile(None))
    with pytest.raises(Unable, match="among the files that are backed up"):
        make_backup(world.data_dir / "releases", with_files=True, heard=Meanwhile(None))
    (tmp_path / "file").write_text("mine")
    with pytest.raises(Unable, match="cannot be read or written"):
        make_backup(tmp_path / "file", with_files=True, heard=Meanwhile(None))

    assert (tmp_path / "all.tar").read_text() == "mine"
