"""The conformity report for programs."""

import shutil
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import jsonschema
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import User
from jobs.models import Job
from packer_site import work
from releases import actions
from releases.models import Release
from rules.models import Rule
from tests.factories import METADATA, make_draft, make_new, make_release, make_source, make_user
from tests.packing.test_lint_formats import SARIF

pytestmark = pytest.mark.django_db


@pytest.fixture
def packed(operator: User) -> Release:
    release = actions.create_release(make_new(owner=operator), by=operator)
    work.run(actions.request_packing(release, by=operator).pk)
    release.refresh_from_db()
    return release


def run(answer: Any) -> int:
    """Run the job that was started, and return its number."""
    assert answer.status_code == 202, answer.json()
    assert answer.json()["status"] == "running"
    number = int(answer.json()["job_id"])
    work.run(number)
    return number


def test_the_report_of_a_release_is_that_of_the_command(api: APIClient, packed: Release) -> None:
    body = api.get(f"/api/releases/{packed.pk}/conformity").json()

    assert body["version"] == 1
    assert (body["release"], body["rule"]) == (packed.name, "2022_EBOOK")
    assert body["conforms"]
    keys = {"id", "section", "severity", "confidence", "file", "message", "fix", "uncertain"}
    assert all(set(one) == keys for one in body["violations"])


@pytest.mark.parametrize("asked", ["query", "header"])
def test_the_report_is_sarif_for_who_asks(api: APIClient, packed: Release, asked: str) -> None:
    path = f"/api/releases/{packed.pk}/conformity"
    if asked == "query":
        answer = api.get(f"{path}?format=sarif")
    else:
        answer = api.get(path, headers={"Accept": "application/sarif+json"})

    assert answer["Content-Type"] == "application/sarif+json"
    jsonschema.validate(answer.json(), SARIF)


def test_an_error_is_plain_json_for_who_asks_for_sarif(api: APIClient) -> None:
    for path in ("/api/conformity/987?format=sarif", "/api/releases/987/conformity?format=sarif"):
        answer = api.get(path)

        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/json"
        assert answer.json()["error"] == "NotFound"


def test_a_check_is_told_as_plain_json_for_who_asks_for_sarif(
    api: APIClient, packed: Release
) -> None:
    answer = api.post(f"/api/releases/{packed.pk}/conformity?format=sarif")

    assert answer.status_code == 202
    assert answer["Content-Type"] == "application/json"


def test_a_release_is_checked_again(api: APIClient, packed: Release) -> None:
    (packed.folder / "ad.txt").write_text("ad")

    run(api.post(f"/api/releases/{packed.pk}/conformity"))

    body = api.get(f"/api/releases/{packed.pk}/conformity").json()
    assert not body["conforms"]
    assert "ad.txt" in {one["file"] for one in body["violations"]}


def test_a_release_is_checked_by_another_rule(api: APIClient, packed: Release) -> None:
    path = f"/api/releases/{packed.pk}/conformity"

    number = run(api.post(path, {"rule": "2020_WDX"}, format="json"))

    assert api.get(f"/api/conformity/{number}").json()["rule"] == "2020_WDX"
    assert api.get(path).json()["rule"] == "2022_EBOOK"


def test_an_unknown_rule_is_refused(api: APIClient, packed: Release) -> None:
    Rule.objects.filter(name="2020_WDX").update(is_complete=False)
    for name in ("none", "2020_WDX"):
        answer = api.post(f"/api/releases/{packed.pk}/conformity", {"rule": name}, format="json")

        assert answer.status_code == 400
        assert answer.json()["errors"] == {"rule": [f"{name} is no complete rule of the library."]}


def test_before_any_check_there_is_no_report(api: APIClient, operator: User) -> None:
    release = make_release(owner=operator)

    assert api.get(f"/api/releases/{release.pk}/conformity").status_code == 404
    assert api.post(f"/api/releases/{release.pk}/conformity").status_code == 422


def test_the_releases_and_checks_of_others_are_not_found(api: APIClient, packed: Release) -> None:
    number = run(api.post(f"/api/releases/{packed.pk}/conformity"))
    Release.objects.update(created_by=make_user())
    Job.objects.update(by=make_user())
    packed.group.members.clear()

    assert api.get(f"/api/releases/{packed.pk}/conformity").status_code == 404
    assert api.post(f"/api/releases/{packed.pk}/conformity").status_code == 404
    assert api.get(f"/api/conformity/{number}").status_code == 404


def zipped(*folders: Path) -> SimpleUploadedFile:
    path = Path(settings.DATA_DIR) / "sent.zip"
    with ZipFile(path, "w") as archive:
        for folder in folders:
            for file in sorted(folder.rglob("*")):
                archive.write(file, f"{folder.name}/{file.relative_to(folder).as_posix()}")
    return SimpleUploadedFile("sent.zip", path.read_bytes())


def test_a_zip_is_checked(api: APIClient, packed: Release) -> None:
    number = run(api.post("/api/conformity", {"file": zipped(packed.folder)}))

    body = api.get(f"/api/conformity/{number}").json()
    (report,) = body["reports"]
    assert (report["path"], report["release"]) == (packed.name, packed.name)
    assert body["conforms"]
    assert not list(settings.UPLOADS_DIR.glob("lint-*"))


def test_the_releases_of_a_zip_are_judged_by_the_rule_that_is_named(
    api: APIClient, packed: Release
) -> None:
    other = shutil.copytree(packed.folder, packed.folder.with_name("Other-GRP"))

    body = {"file": zipped(packed.folder, other), "rule": "HOUSE_DOCS"}
    number = run(api.post("/api/conformity", body))

    said = api.get(f"/api/conformity/{number}").json()
    assert [one["rule"] for one in said["reports"]] == ["HOUSE_DOCS"] * 2
    runs = api.get(f"/api/conformity/{number}?format=sarif").json()["runs"]
    assert len(runs) == 2


def test_a_check_that_is_not_over_has_no_report(api: APIClient, packed: Release) -> None:
    number = api.post("/api/conformity", {"file": zipped(packed.folder)}).json()["job_id"]

    answer = api.get(f"/api/conformity/{number}")

    assert answer.status_code == 409


def test_what_is_no_zip_is_refused(api: APIClient) -> None:
    answer = api.post("/api/conformity", {"file": SimpleUploadedFile("a.rar", b"no ZIP")})

    assert answer.status_code == 422
    assert answer.json()["message"].startswith("a.rar is not a ZIP")
    assert api.post("/api/conformity", {}).status_code == 400


def test_a_draft_is_reported_with_the_step_that_mends_it(api: APIClient, operator: User) -> None:
    source = make_source(owner=operator)
    draft = make_draft(
        owner=operator,
        group={"group": "GRP"},
        type={"release_type": "EBOOK"},
        rule={"rule_id": Rule.objects.get(name="2022_EBOOK").pk},
        source={"file_path": str(source.handle), "rights": "own_work"},
        enrichment=METADATA,
        nfo={"template_text": "x" * 99},
    )

    body = api.post("/api/wizard/conformity", {"job_id": draft.pk}, format="json").json()

    assert not body["conforms"]
    wide = next(one for one in body["violations"] if one["id"] == "nfo-width")
    keys = {"id", "section", "severity", "message", "fix", "confidence", "step"}
    assert set(wide) == keys
    assert (wide["severity"], wide["step"]) == ("structure", 7)


def test_a_draft_of_which_nothing_can_be_said_tells_why(api: APIClient, operator: User) -> None:
    draft = make_draft(owner=operator)

    answer = api.post("/api/wizard/conformity", {"job_id": draft.pk}, format="json")

    assert answer.status_code == 422
    assert answer.json()["message"] == "Choose a type, a rule and a file first."
    other = make_draft()
    path = "/api/wizard/conformity"
    assert api.post(path, {"job_id": other.pk}, format="json").status_code == 404
    assert api.post(path, {}, format="json").status_code == 400
