"""From the first tables to those of today, with data from each step on the way."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps as present
from django.apps.registry import Apps
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.system import MEMORY
from packer_site.setup import prepare
from releases.models import Release
from tests.fresh import fresh_database
from upkeep.loading import leaves

STEPS = (
    [
        ("accounts", "0001_initial"),
        ("rules", "0001_initial"),
        ("releases", "0001_initial"),
        ("jobs", "0001_initial"),
        ("drafts", "0001_initial"),
        ("rulebook", "0001_initial"),
        ("enrichment", "0001_initial"),
        ("api", "0001_idempotent_answers"),
    ],
    [("releases", "0005_templates_are_a_library"), ("accounts", "0003_user_preferences_version")],
    [("releases", "0010_duplicates_are_found"), ("drafts", "0003_draft_version_and_origin")],
    [
        ("releases", "0013_uploads_revisions_trash"),
        ("jobs", "0003_hints_and_supervisors"),
        ("rules", "0003_rules_are_found_fast"),
    ],
    [
        ("releases", "0017_inbox_files"),
        ("accounts", "0006_credentials_and_settings"),
        ("delivery", "0001_destinations"),
        ("drafts", "0004_draft_writers"),
    ],
)
"""What was released, one after the other."""
REWRITTEN = {
    ("releases.NfoTemplate", "is_system"),
    ("releases.Release", "isbn"),
    ("releases.Release", "work_key"),
    ("rules.Rule", "updated_at"),
}
"""What a migration fills, some steps after it made the column."""
PASSWORD = "Correct-Horse-7"

Kept = dict[tuple[str, Any], dict[str, Any]]


@pytest.fixture
def database(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), fresh_database(tmp_path / "old.sqlite3"):
        yield
        MEMORY.keep({})


@pytest.mark.slow
@pytest.mark.usefixtures("database")
def test_data_of_every_earlier_version_outlive_the_upgrade() -> None:
    kept: Kept = {}
    for number, step in enumerate(STEPS):
        kept |= dict(filled(state_after(step), number))

    prepare(makes_admin=False)

    assert dict(changed(kept)) == {}
    assert len(kept) > 10 * len(STEPS)
    connection.check_constraints()
    answers_as_ever()
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def state_after(step: list[tuple[str, str]]) -> Apps:
    """Migrate to what `step` and all before it make, and return the models of that time."""
    executor = MigrationExecutor(connection)
    applied = set(executor.loader.applied_migrations)
    plans = map(executor.loader.graph.forwards_plan, step)
    return executor.migrate(leaves(applied.union(chain(*plans)))).apps


def filled(apps: Apps, number: int) -> Iterator[tuple[tuple[str, Any], dict[str, Any]]]:
    """Make a row of each kind that there is, and yield what stands in it."""
    made: dict[str, models.Model] = {}
    for label, fields in rows(number).items():
        if label not in {model._meta.label for model in apps.get_models()}:
            continue
        model = apps.get_model(label)
        known = {field.name for field in model._meta.concrete_fields}
        told = {name: made.get(value, value) if is_link(value) else value
                for name, value in fields.items() if name in known}  # fmt: skip
        made[label] = model._base_manager.create(**told)
        made[label].refresh_from_db()
        columns = {f.attname: getattr(made[label], f.attname) for f in model._meta.concrete_fields}
        yield (label, made[label].pk), columns


def is_link(value: object) -> bool:
    return isinstance(value, str) and value.count(".") == 1 and value[0].islower()


def rows(number: int) -> dict[str, dict[str, Any]]:
    """Return a row of each model; links name the model that they lead to."""
    name = f"Ann.Author.Some.Book.{number}.2020.RETAiL.ePUB.eBook-GRP{number}"
    book = {"title": "Some Bôok", "author": "Ann Author", "year": 2020, "isbn": "9780306406157"}
    by = "accounts.User"
    return {
        by: {
            "username": f"ann{number}",
            "password": make_password(PASSWORD),
            "is_superuser": True,
            "is_staff": True,
        },
        "accounts.ReleaseGroup": {"tag": f"GRP{number}"},
        "accounts.Preference": {"user": by, "key": "theme", "value": "dark"},
        "rules.Rule": {
            "name": f"20{number:02}_EBOOK",
            "scene": "ENGLISH",
            "section": "EBOOK",
            "year": 2000 + number,
            "release_type": "EBOOK",
            "content": "The rule.\r\n",
        },
        "releases.NfoTemplate": {"name": f"mine{number}", "content": "{{ title }} \u2588\n"},
        "releases.Source": {
            "name": "book.epub",
            "size": 100 + number,
            "sha256": "ab" * 32,
            "analysis": {"format": "epub", "valid": True, "problems": [], "metadata": book},
            "created_by": by,
        },
        "releases.Release": {
            "name": name,
            "type": "EBOOK",
            "title": "Some Bôok",
            "metadata": book,
            "rights": "own_work",
            "nfo": "Some Bôok \u2588\n",
            "format": "ZIP",
            "volume_bytes": 5_000_000,
            "volume_base": f"grp{number:03}",
            "released_on": timezone.now().date(),
            "status": "completed",
            "size": 1234,
            "volumes": 1,
            "packed_at": timezone.now(),
            "group": "accounts.ReleaseGroup",
            "rule": "rules.Rule",
            "source": "releases.Source",
            "created_by": by,
        },
        "releases.Artifact": {
            "release": "releases.Release",
            "path": f"{name}/grp{number:03}01.zip",
            "kind": "volume",
            "size": 1234,
            "crc32": "0A0B0C0D",
        },
        "releases.Upload": {"name": "b.epub", "size": 10, "created_by": by},
        "releases.Revision": {
            "release": "releases.Release",
            "number": 1,
            "operation": "nfofix",
            "before": {"name": name, "nfo": "\u2588", "artifacts": [], "files": []},
            "by": by,
        },
        "jobs.Job": {
            "work": "pack",
            "arguments": {"release_id": number},
            "language": "en",
            "status": "completed",
            "progress": 100,
            "finished_at": timezone.now(),
            "result": {"bytes": 1234},
            "by": by,
        },
        "jobs.JobLog": {"job": "jobs.Job", "message": "Packing \u2588 done"},
        "drafts.Draft": {"owner": by, "answers": {"group": {"group": "GRP"}}},
        "rulebook.Listing": {
            "name": f"20{number:02}_TV",
            "scene": "ENGLISH",
            "section": "TV",
            "url": f"https://example.org/{number}",
        },
        "enrichment.Answer": {
            "key": f"{number:064}",
            "value": "{}",
            "until": timezone.now(),
        },
        "delivery.Destination": {"user": by, "name": "Box", "type": "FTP", "host": "127.0.0.1"},
    }


def changed(kept: Kept) -> Iterator[tuple[tuple[str, Any, str], tuple[Any, Any]]]:
    """Yield each column that stands in a row no more as it did, with both values."""
    for (label, pk), columns in kept.items():
        row = present.get_model(label)._base_manager.get(pk=pk)
        today = {field.attname for field in row._meta.concrete_fields}
        for name, before in columns.items():
            if name in today and (label, name) not in REWRITTEN and getattr(row, name) != before:
                yield (label, pk, name), (before, getattr(row, name))


def answers_as_ever() -> None:
    """Look at each release by its page and by the API."""
    client = Client()
    token = client.post(
        "/api/auth/login",
        {"username": "ann0", "password": PASSWORD},
        content_type="application/json",
    ).json()["access_token"]
    told = client.get("/api/releases", headers={"authorization": f"Bearer {token}"}).json()
    assert told["pagination"]["total"] == len(STEPS)
    assert client.login(username="ann0", password=PASSWORD)
    for release in Release.objects.all():
        page = client.get(release.get_absolute_url())
        assert (page.status_code, release.name in page.content.decode()) == (200, True)
    assert client.get("/releases/", {"q": "bôok"}).content.decode().count("eBook-GRP") >= len(STEPS)
