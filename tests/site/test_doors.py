"""Three doors, one room: what comes out does not tell which door was used."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from drafts.models import Draft
from jobs.models import Job
from packer_site import commands, work
from releases.models import Release
from rules.models import Rule
from tests.factories import make_admin, make_book

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
DATE = "2026-01-02"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book that needs three volumes of five million bytes."""
    return make_book(tmp_path, title="Été & Ünrest", authors=["Zoë Øst"], size_bytes=12_000_000)


@pytest.fixture
def admin() -> User:
    return make_admin(username="admin")


def run_jobs() -> None:
    for job in Job.objects.active().order_by("pk"):
        work.run(job.pk)


def through_the_wizard(book: Path, admin: User) -> None:
    client = Client()
    client.force_login(admin)
    client.post("/wizard/")
    draft = Draft.objects.get()
    for step, answers in (
        ("group", {"group": "GRP"}),
        ("type", {"release_type": "EBOOK"}),
        ("rule", {"rule_id": Rule.objects.get(name="2022_EBOOK").pk}),
        ("source", {"file": upload(book), "rights": "own_work"}),
    ):
        post(client, draft, step, answers)
    run_jobs()
    post(client, draft, "analysis", {})
    page = client.get(f"/wizard/{draft.uuid}/enrichment/")
    proposed = {name: field.value() for name, field in bound(page).items()}
    post(client, draft, "enrichment", {k: v for k, v in proposed.items() if v is not None})
    page = client.get(f"/wizard/{draft.uuid}/nfo/")
    post(client, draft, "nfo", {name: field.value() for name, field in bound(page).items()})
    post(client, draft, "options", {"generate_sfv": "on"})
    run_jobs()


def bound(page: Any) -> dict[str, Any]:
    form = page.context["form"]
    return {name: form[name] for name in form.fields}


def upload(book: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile(book.name, book.read_bytes())


def post(client: Client, draft: Draft, step: str, answers: dict[str, Any]) -> None:
    data = {f"{draft.uuid}-current_step": step} | answers
    response = client.post(f"/wizard/{draft.uuid}/{step}/", data)
    assert response.status_code == 302, response.context["form"].errors


def through_the_api(book: Path, admin: User) -> None:
    client = APIClient()
    client.force_authenticate(admin)
    handle = client.post("/api/wizard/upload", {"file": upload(book)}).json()["file_path"]
    saved = {"group": "GRP", "release_type": "EBOOK"}
    draft = client.post("/api/wizard/step/1/save", {"data": saved}, format="json").json()["job_id"]
    for step, data in (
        (3, {}),
        (4, {"file_path": handle, "rights": "own_work"}),
        (6, {"metadata": {"title": "Été & Ünrest"}}),
    ):
        if step == 6:
            run_jobs()
        body = {"job_id": draft, "data": data}
        answer = client.post(f"/api/wizard/step/{step}/save", body, format="json")
        assert answer.status_code == 200, answer.json()
    answer = client.post("/api/wizard/pack", {"job_id": draft}, format="json")
    assert answer.status_code == 200, answer.json()
    run_jobs()


def through_the_command(book: Path, admin: User) -> None:
    assert commands.run(["pack", str(book), "--group", "GRP", "--type", "EBOOK"]) == 0


def made_by(
    door: Callable[[Path, User], None], book: Path, admin: User, releases: Path
) -> dict[str, bytes]:
    """Return path and bytes of all that a door makes, and take it away for the next."""
    door(book, admin)
    made = {
        str(path.relative_to(releases)): path.read_bytes()
        for path in sorted(releases.rglob("*"))
        if path.is_file()
    }
    shutil.rmtree(releases)
    Draft.objects.all().delete()
    Release.objects.all().delete()
    return made


def test_three_doors_make_the_same_bytes(book: Path, admin: User, settings: Settings) -> None:
    doors = (through_the_wizard, through_the_api, through_the_command)
    wizard, api, command = (made_by(door, book, admin, settings.RELEASES_DIR) for door in doors)

    assert len([path for path in wizard if path.endswith(".zip")]) == 3
    assert wizard == api
    assert api == command


def test_the_command_prints_what_it_made(
    book: Path, admin: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"

    code = commands.run(
        ["pack", str(book), "-g", "GRP", "-o", str(out), "--released-on", DATE, "--json"]
    )

    made = json.loads(capsys.readouterr().out)
    assert code == 0
    assert made["release"] == "Zoe.Ost.Ete.and.Unrest.2020.RETAiL.ePUB.eBook-GRP"
    assert made["volumes"] == 3
    for file in made["files"]:
        assert (out / file["path"]).stat().st_size == file["size"]
