"""`packer backup` and `packer restore` die at any point, as at a lack of memory."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from cli.exits import Exit
from tests.instance import ROOT, Instance, own_database
from tests.upkeep.world import World
from upkeep.making import make_backup
from upkeep.reading import Backup

pytestmark = pytest.mark.slow

DIES = """
import os, signal, sys
from importlib import import_module
import django
django.setup()
where, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
module = import_module(where)
whole, calls = getattr(module, name), 0

def dying(*arguments, **named):
    global calls
    calls += 1
    if calls == count:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(*arguments, **named)

setattr(module, name, dying)
from packer_site import commands
sys.exit(commands.run(sys.argv[4:]))
"""
KILLED, PART = -9, "restored in part"


class Dying:
    """Runs commands of an instance, each of which is killed as it calls something."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.environment = instance.environment | {
            "DJANGO_SETTINGS_MODULE": "packer_site.settings",
            "PYTHONPATH": str(ROOT),
        }

    def run(self, at: str, count: int, *arguments: str) -> int:
        where, _dot, name = at.rpartition(".")
        command = [sys.executable, "-c", DIES, where, name, str(count), *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=self.instance.data_dir, check=False
        ).returncode


def as_instance(world: World, settings: Settings) -> Instance:
    """Return the instance of this process, to run other processes of it."""
    url = f"sqlite:///{connection.settings_dict['NAME']}"
    return Instance(world.data_dir, url, CREDENTIAL_KEYS=settings.CREDENTIAL_KEYS[0])


@pytest.mark.parametrize(
    ("kind", "points"),
    [
        (
            "backups",
            [
                ("upkeep.making.lines", 3),  # while rows are written
                ("upkeep.making.settle", 1),  # when all of it is there
            ],
        ),
        ("backups/all.tar", [("upkeep.making.opened", 4)]),  # while files are taken
    ],
)
def test_a_backup_that_is_killed_is_none(
    world: World, tmp_path: Path, settings: Settings, kind: str, points: list[tuple[str, int]]
) -> None:
    dying, folder = Dying(as_instance(world, settings)), tmp_path / "backups"

    for at, count in points:
        assert dying.run(at, count, "backup", str(tmp_path / kind)) == KILLED
        (left,) = folder.iterdir()  # what others left is removed
        assert left.name.startswith(".")
    made = make_backup(tmp_path / kind, with_files=True, heard=lambda *_told: None)

    assert (list(folder.iterdir()), made.lacking) == ([made.path], [])
    with closing(Backup(made.path)) as backup:
        backup.verify(lambda *_told: None)


@pytest.fixture
def backup(world: World, tmp_path: Path) -> Path:
    return make_backup(tmp_path / "all.tar", with_files=True, heard=lambda *_told: None).path


@pytest.fixture
def other(tmp_path: Path, settings: Settings) -> Iterator[Instance]:
    """Another instance, which is empty, of the kind the suite runs on."""
    (tmp_path / "other").mkdir()
    keys = {"CREDENTIAL_KEYS": settings.CREDENTIAL_KEYS[0]}
    with own_database() as url:
        yield Instance(tmp_path / "other", url, **keys)


def test_a_restore_that_is_killed_is_done_again(backup: Path, other: Instance) -> None:
    dying = Dying(other)
    for at, count in (
        ("upkeep.restoring.put", 5),  # while files are written
        ("upkeep.loading.load_table", 9),  # while rows are
        ("upkeep.loading.drop", 40),  # while tables of the one before are removed
    ):
        assert dying.run(at, count, "restore", str(backup)) == KILLED
        refused = other.run("setup")
        assert (refused.returncode, PART in refused.stderr) == (Exit.FAILED, True), refused.stderr

    again = other.run("restore", str(backup))

    assert again.returncode == Exit.DONE, again.stderr
    assert other.run("check").returncode == Exit.DONE
