import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from pytest_django import Settings

from cli.exits import Exit
from packer_site import commands
from releases.models import Artifact, Release, Upload
from releases.packing.engine.workshops import workshop
from releases.packing.exchange import held
from tests.factories import make_job
from tests.upkeep.world import World, packed
from upkeep import orphans
from upkeep.checking import check_instance

pytestmark = pytest.mark.slow

FETCHED = ".0a1b2c3d4e5f6071.fetched"


def faults(*, quick: bool = False) -> set[tuple[str, str]]:
    found = check_instance(quick=quick, heard=lambda *_told: None)
    return {(str(fault.kind), fault.what) for fault in found}


def aged(path: Path) -> Path:
    """Make a file that was last changed long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left")
    os.utime(path, (1, 1))
    return path


def test_an_instance_that_is_whole_has_no_faults(world: World) -> None:
    assert faults() == set()
    assert commands.run(["check"]) == Exit.DONE


def test_everything_that_is_missing_changed_or_orphaned_is_named(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    volume = next(world.release.folder.glob("*.zip"))
    flipped = bytearray(volume.read_bytes())
    flipped[60] ^= 1
    volume.write_bytes(flipped)
    nfo = next(world.elsewhere.folder.glob("*.nfo"))
    nfo.write_bytes(b"cut")
    world.trashed.source.path.unlink()
    world.upload.path.write_bytes(b"x" * 39)
    releases, revisions = world.release.into, world.release.into / ".revisions"
    kept = next(path for path in revisions.rglob("*.diz"))
    kept.unlink()
    strays = {
        aged(releases / "Some.Release-GRP" / "grp.zip").parent,
        aged(releases / "lone.sfv"),
        aged(releases / f".{world.release.name}.0a1b2c3d" / "half.zip").parent,
        aged(world.release.folder / "extra.txt"),
        aged(world.data_dir / "uploads" / "stray.bin"),
        aged(world.data_dir / "covers" / "stray.jpg"),
        aged(releases / ".trash" / "999" / "gone.zip").parent,
        aged(revisions / "999-1-abcdef01" / "old" / "gone.zip").parent.parent,
    }
    os.utime(releases / f".{world.release.name}.0a1b2c3d", (1, 1))
    expected = {
        ("changed", str(volume)),
        ("changed", str(nfo)),
        ("missing", str(world.trashed.source.path)),
        ("changed", str(world.upload.path)),
        ("missing", str(kept)),
    }
    workshop_left = str(releases / f".{world.release.name}.0a1b2c3d")
    orphaned = {("orphan", str(path)) for path in strays if str(path) != workshop_left}

    assert faults() == expected | orphaned
    assert faults(quick=True) == (expected | orphaned) - {("changed", str(volume))}

    assert commands.run(["check", "--repair", "--json"]) == Exit.FAILED
    told = json.loads(capsys.readouterr().out)
    assert len(told["faults"]) == len(expected | orphaned)
    assert faults() == expected
    moved = {path.name for path in (world.data_dir / "orphans").rglob("*") if path.is_file()}
    assert moved >= {"lone.sfv", "extra.txt", "stray.bin", "stray.jpg"}


def test_what_jobs_are_at_is_no_fault(world: World) -> None:
    releases = world.release.into
    make_job(by=world.admin, subject=world.release.subject, status="running")
    next(world.release.folder.glob("*.zip")).unlink()
    aged(world.release.folder / "extra.txt")
    arriving = Upload.objects.create(name="c.epub", size=9, created_by=world.admin)
    arriving.path.write_bytes(b"new")
    uploads, covers = world.data_dir / "uploads", world.data_dir / "covers"
    for name in (str(uuid4()), f".keeping-{uuid4()}", f".fetching-{uuid4()}", FETCHED):
        (uploads / name).write_bytes(b"its row comes next")
    for name in (f".{uuid4()}.jpg", FETCHED):
        (covers / name).write_bytes(b"its name comes next")
    with workshop("Another.Release-GRP", releases) as shop:
        aged(shop / "half.zip")

        assert faults() == set()


def test_what_is_fetched_is_no_fault_however_long_it_takes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "YOUNG_S", -60)
    uploads, releases, handle = world.data_dir / "uploads", world.release.into, uuid4()
    make_job(by=world.admin, work="download", status="running", arguments={"handle": str(handle)})
    aged(uploads / f".fetching-{handle}")
    left = {
        aged(uploads / f".fetching-{uuid4()}"),
        aged(uploads / FETCHED),
        aged(world.data_dir / "covers" / f".{world.release.source.handle}.jpg"),
        aged(releases / ".fetching-2" / "half.zip").parent,
    }
    with held(releases / ".fetching-1"):
        aged(releases / ".fetching-1" / "Some.Release-GRP" / "first.zip")

        assert faults(quick=True) == {("orphan", str(path)) for path in left}


def test_names_that_are_no_text_are_orphans_too(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    releases = world.release.into
    bad = os.fsdecode(b"caf\xe9")
    for folder in (
        *(releases, releases / ".trash", releases / ".revisions", world.release.folder),
        *(world.data_dir / "uploads", world.data_dir / "covers", Path(world.trashed.root)),
    ):
        aged(folder / f"{bad}.zip")

    assert commands.run(["check", "--repair"]) == Exit.FAILED

    assert "caf\\udce9.zip" in capsys.readouterr().out
    assert faults() == set()
    assert len(list((world.data_dir / "orphans").rglob(f"{bad}.zip"))) == 7


def test_a_folder_that_cannot_be_read_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scandir = os.scandir

    def refused(path: str | Path) -> object:
        if str(path) == str(world.release.folder):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)  # root may read all

    assert commands.run(["check", "--quick"]) == Exit.FAILED

    assert f"{world.release.folder} cannot be read" in capsys.readouterr().err


def test_what_goes_while_it_is_looked_at_is_no_fault(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = orphans.stray_beside_trashed
    folder = Path(world.trashed.root)

    def gone(release: Release, into: Path) -> Iterator[Path]:
        shutil.rmtree(folder, ignore_errors=True)
        return look(release, into)

    monkeypatch.setattr(orphans, "stray_beside_trashed", gone)

    assert {kind for kind, _what in faults(quick=True)} == set()


def test_a_folder_that_holds_what_is_ours_is_no_orphan(world: World, settings: Settings) -> None:
    """One may nest: releases in a folder among the releases, or what is delivered, or the inbox."""
    releases = world.release.into
    nested = packed(world.admin, title="Nested", root=str(releases / "of-mine" / "deep"))
    settings.DELIVERY_ROOTS = [releases / "delivered"]
    settings.INBOX_DIR = releases / "inbox"
    for folder in (settings.DELIVERY_ROOTS[0], settings.INBOX_DIR):
        aged(folder / "somebody" / "file.epub")

    assert faults(quick=True) == set()
    assert commands.run(["check", "--repair"]) == Exit.DONE
    assert nested.folder.is_dir()


def test_rows_that_point_nowhere_are_named(world: World) -> None:
    artifact = Artifact.objects.filter(release=world.trashed)[0]
    with connection.constraint_checks_disabled():
        Artifact.objects.filter(pk=artifact.pk).update(release=999)

    found = faults()

    assert ("nowhere", f"releases_artifact {artifact.pk}") in found
