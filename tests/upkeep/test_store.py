"""Backups, restores and checks of an instance that keeps its files in a store."""

import json
import shutil
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from cli.exits import Exit
from jobs.models import Job
from packer_site import commands, work
from releases import bucket, copies
from releases.actions.mending import undo_revision
from releases.bucket import placed
from releases.models import Release, Revision, Source
from tests.factories import make_source
from tests.fresh import fresh_database
from tests.upkeep.conftest import place
from tests.upkeep.world import World
from upkeep import stored_faults
from upkeep.checking import check_instance
from upkeep.making import make_backup
from upkeep.pushing import push
from upkeep.restoring import restore_backup
from upkeep.sentences import Unable

pytestmark = pytest.mark.slow


@pytest.fixture
def emptied(shared: Any, world: World) -> World:
    """The same instance on a machine that has nothing of what lies in the store."""
    for source in Source.objects.filter(local_path=""):
        copies.store_source(source)
        source.path.unlink()
    for folder in (world.release.into, world.elsewhere.into):
        shutil.rmtree(folder)
    return world


def quiet(stage: str, done: int, total: int) -> None:
    """Hear of progress, and show nothing."""


def faults() -> set[tuple[str, str]]:
    return {(str(one.kind), one.what) for one in check_instance(quick=False, heard=quiet)}


def contents(store: Any, prefix: str = "") -> dict[str, bytes]:
    found = store.objects.filter(Prefix=prefix)
    return {one.key.removeprefix(prefix): one.get()["Body"].read() for one in found}


@pytest.mark.parametrize("name", ["backups", "all.tar"])
def test_what_lies_in_the_store_alone_is_backed_up_and_restored(
    emptied: World, shared: Any, tmp_path: Path, settings: Settings, name: str
) -> None:
    before = contents(shared)
    made = make_backup(tmp_path / name, with_files=True, heard=quiet)
    assert made.lacking == []
    with fresh_database(tmp_path / "two.sqlite3"):
        place(settings, tmp_path / "two")
        with pytest.raises(Unable, match="store of files holds something"):
            restore_backup(made.path, heard=quiet)
        settings.S3_PREFIX = f"{name}/"

        restore_backup(made.path, heard=quiet)

        assert contents(shared, f"{name}/") == before
        assert faults() == set()
    settings.S3_BUCKET = ""
    with fresh_database(tmp_path / "three.sqlite3"):
        place(settings, tmp_path / "three")

        restore_backup(made.path, heard=quiet)

        assert faults() == set()
        assert not Release.objects.exclude(package_key="").exists()
        states = Revision.objects.values_list("before__package_key", "after__package_key")
        assert not any(filter(None, chain.from_iterable(states)))
        job = undo_revision(Release.objects.get(pk=emptied.release.pk), by=emptied.admin)
        work.run(job.pk)
        assert Job.objects.get(pk=job.pk).status == "completed"
        assert faults() == set()


def test_rows_alone_are_restored_beside_their_store(
    emptied: World, shared: Any, tmp_path: Path, settings: Settings
) -> None:
    made = make_backup(tmp_path / "rows.tar", with_files=False, heard=quiet)
    with fresh_database(tmp_path / "two.sqlite3"):
        place(settings, tmp_path / "two")

        restore_backup(made.path, heard=quiet)

        assert Release.objects.get(pk=emptied.release.pk).package_key


def test_a_second_backup_fetches_nothing_that_the_first_has(
    emptied: World, shared: Any, tmp_path: Path
) -> None:
    first = make_backup(tmp_path / "backups", with_files=True, heard=quiet).path
    first = first.rename(first.with_name("packer-20200101T000000Z"))
    for one in shared.objects.all():
        one.delete()

    second = make_backup(tmp_path / "backups", with_files=True, heard=quiet)

    assert second.lacking == []


def test_what_the_store_does_not_hold_as_it_should_is_named_in_a_backup(
    emptied: World, shared: Any, tmp_path: Path
) -> None:
    source = emptied.release.source
    shared.Object(f"sources/{source.handle}").put(Body=b"x" * source.size)

    made = make_backup(tmp_path / "backups", with_files=True, heard=quiet)

    assert made.lacking == [str(source.path)]


def test_a_backup_says_that_the_store_is_away(
    emptied: World, tmp_path: Path, settings: Settings
) -> None:
    away: dict[str, Any] = settings.STORAGES["bucket"]
    away = {**away, "OPTIONS": {**away["OPTIONS"], "endpoint_url": "http://127.0.0.1:9"}}
    settings.STORAGES = {**settings.STORAGES, "bucket": away}

    with pytest.raises(Unable, match="does not answer"):
        make_backup(tmp_path / "backups", with_files=True, heard=quiet)
    with pytest.raises(Unable, match="does not answer"):
        faults()

    assert list((tmp_path / "backups").iterdir()) == []


def test_a_check_looks_at_the_store(
    emptied: World, shared: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert faults() == set()
    volume = next(one.key for one in shared.objects.all() if one.key.endswith(".zip"))
    shared.Object(volume).delete()
    source = f"sources/{emptied.release.source.handle}"
    shared.Object(source).put(Body=b"short")
    strays = {"sources/0f0e0d0c-0000-4000-8000-000000000000", "packages/999/abc", "mine"}
    for stray in strays:
        shared.Object(placed(f"{stray}/a.zip" if "999" in stray else stray)).put(Body=b"left")
    wrong = {("missing", volume), ("changed", source)}

    assert faults() == wrong  # what is new may yet get its row
    monkeypatch.setattr(stored_faults, "YOUNG_S", -60)

    assert faults() == wrong | {("unclaimed", stray) for stray in strays}


def test_an_instance_changes_over_to_a_store(
    world: World, shared: Any, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    for one in shared.objects.all():
        one.delete()
    Release.objects.update(package_key="")  # as it was before there was a store
    volume = next(world.elsewhere.folder.glob("*.zip"))
    whole = volume.read_bytes()
    volume.write_bytes(b"cut")

    assert commands.run(["store", "push", "--json"]) == Exit.FAILED
    assert json.loads(capsys.readouterr().out)["left"] == [world.elsewhere.name]
    volume.write_bytes(whole)
    assert commands.run(["store", "push"]) == Exit.DONE
    capsys.readouterr()
    assert commands.run(["store", "push", "--json"]) == Exit.DONE

    assert json.loads(capsys.readouterr().out) == {"sources": 0, "releases": 0, "left": []}
    shutil.rmtree(world.elsewhere.folder)
    release = Release.objects.get(pk=world.elsewhere.pk)
    copies.have_package(release)
    assert next(release.folder.glob("*.zip")).read_bytes() == whole


def test_what_is_discarded_or_analysed_meanwhile_is_neither_kept_nor_overwritten(
    world: World, shared: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in shared.objects.all():
        one.delete()
    Release.objects.update(package_key="")
    lost = make_source(owner=world.admin)
    put = bucket.put

    def meanwhile(path: Path, key: str, *, anew: bool = False) -> None:
        put(path, key, anew=anew)
        Source.objects.exclude(pk=lost.pk).update(analysis={"format": "new"})
        Source.objects.filter(pk=lost.pk).delete()
        if key.startswith(copies.home_of(world.elsewhere)):
            world.elsewhere.delete()

    monkeypatch.setattr(bucket, "put", meanwhile)

    assert push(quiet).left == []

    assert not any(str(lost.handle) in key for key in contents(shared))
    assert not any(key.startswith(copies.home_of(world.elsewhere)) for key in contents(shared))
    for source in Source.objects.all():
        assert source.analysis["format"] == "new"
