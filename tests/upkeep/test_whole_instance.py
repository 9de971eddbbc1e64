"""An instance is backed up while its worker works, and lives on elsewhere."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.contrib.auth import authenticate
from pytest_django import DjangoDbBlocker, Settings

from cli.exits import Exit
from packer_site import commands
from releases import packing
from releases.models import Release
from tests.books import make_epub
from tests.fresh import fresh_database
from tests.instance import PASSWORD, Instance, own_database, wait_for_job
from tests.upkeep.conftest import place
from upkeep.reading import Backup

pytestmark = pytest.mark.slow

LISTED, WORKED_ON = 3, {"jobs_job", "jobs_joblog"}
"""Rows of jobs that were running wait again, and say so."""


class Hands:
    """Has releases packed, repacked and trashed, one after the other, until it is told to stop."""

    def __init__(self, api: httpx.Client, book: Path) -> None:
        self.api, self.done = api, 0
        self.over, self.error = threading.Event(), ""
        sent = api.post("/wizard/upload", files={"file": (book.name, book.read_bytes())})
        self.file = sent.json()["file_path"]
        self.thread = threading.Thread(target=self.work)

    def __enter__(self) -> "Hands":
        for _ in range(LISTED):
            self.one()
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.over.set()
        self.thread.join()

    def work(self) -> None:
        try:
            while not self.over.is_set():
                self.one()
        except (AssertionError, KeyError, httpx.HTTPError) as error:
            self.error = repr(error)

    def one(self) -> None:
        release = self.packed(f"Some Book {self.done}")
        options = {"options": {"text": f"The NFO {self.done}\n"}}
        self.asked(f"/releases/{release}/nfofix", options)
        if self.done % 2:
            assert self.api.delete(f"/releases/{release}").status_code == 200
        self.done += 1

    def packed(self, title: str) -> int:
        answers: dict[int, dict[str, Any]] = {
            1: {"group": "GRP", "release_type": "EBOOK"},
            3: {},
            4: {"file_path": self.file, "rights": "own_work"},
            6: {"metadata": {"title": title}},
        }
        draft: dict[str, Any] = {}
        for step, data in answers.items():
            saved = self.api.post(f"/wizard/step/{step}/save", json={"data": data, **draft})
            draft = {"job_id": saved.json()["job_id"]}
        self.asked("/wizard/pack", draft | {"confirm_duplicates": True})
        return int(self.api.get("/releases").json()["releases"][0]["id"])

    def asked(self, path: str, body: dict[str, Any]) -> None:
        """Ask for a job, and see it done."""
        begun = self.api.post(path, json=body)
        assert begun.status_code < 300, begun.text
        ended = wait_for_job(self.api, begun.json()["job_id"])
        assert ended["status"] == "completed", ended


@pytest.fixture
def instance(tmp_path: Path, seeded_file: Path) -> Iterator[Instance]:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(seeded_file, data / "db.sqlite3")  # where the suite's server is not used
    with own_database() as url:
        made = Instance(data, url)
        yield made
        if made.process and made.process.poll() is None:
            made.kill()


def test_an_instance_at_work_is_backed_up_and_lives_on(
    instance: Instance,
    tmp_path: Path,
    settings: Settings,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    book = make_epub(tmp_path / "book.epub", title="Some Book", authors=["Ann Author"], year=2020)
    with Hands(instance.start().api(), book) as hands:
        before = hands.done
        for _ in range(2):
            backed_up = instance.run("backup", str(tmp_path / "backups"))
            assert backed_up.returncode == 0, backed_up.stdout + backed_up.stderr
        during = hands.done - before
    assert (hands.error, during > 0) == ("", True)
    instance.kill()
    backup = sorted((tmp_path / "backups").iterdir())[-1]

    settings.CREDENTIAL_KEYS = [instance.environment["CREDENTIAL_KEYS"]]
    settings.PASSWORD_HASHERS = ["accounts.hashers.Argon2"]  # as the instance
    with django_db_blocker.unblock():
        for is_sqlite in kinds():
            instance.data_dir.rename(tmp_path / f"gone{is_sqlite}")
            instance.data_dir.mkdir()
            with fresh_database(tmp_path / f"{is_sqlite}.sqlite3", is_sqlite=is_sqlite):
                place(settings, instance.data_dir)
                backup = restored(backup, tmp_path / f"again{is_sqlite}")


def kinds() -> list[bool]:
    """Return whether each database is SQLite that the instance moves to, from the one before."""
    is_on_server = os.environ.get("DATABASE_URL", "").startswith("mysql")
    return [True, False] if is_on_server else [True]


def restored(backup: Path, again: Path) -> Path:
    """Restore, look through what came of it, and return another backup, of that."""
    assert commands.run(["restore", str(backup)]) == Exit.DONE

    assert commands.run(["check"]) == Exit.DONE
    kept = Release.objects.filter(status=Release.Status.COMPLETED)
    assert kept.count() >= LISTED
    for release in kept:
        assert packing.verify(release.folder).faults == ()
    assert authenticate(username="admin", password=PASSWORD)
    assert commands.run(["backup", str(again)]) == Exit.DONE
    (made,) = again.iterdir()
    before, after = digests(backup), digests(made)
    assert {name for name in before if before[name] != after[name]} <= WORKED_ON
    return made


def digests(backup: Path) -> dict[str, tuple[int, str]]:
    with closing(Backup(backup)) as opened:
        tables = opened.manifest.tables
    return {name: (facts["rows"], facts["digest"]) for name, facts in tables.items()}
