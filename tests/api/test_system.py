import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from accounts.models import SystemSetting, User
from accounts.permissions import grant
from accounts.system import system
from tests.factories import make_admin, make_operator, make_source
from tests.instance import running_instance, wait_for_job
from tests.processes import waited_for

pytestmark = pytest.mark.django_db
PATH = "/api/config/system"


@pytest.fixture
def root(seeded: None) -> APIClient:
    return client_of(make_admin())


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def put(client: APIClient, body: Any, **headers: str) -> Any:
    return client.put(PATH, body, format="json", headers=headers)


def test_all_settings_are_told_in_the_documented_shape(root: APIClient, settings: Settings) -> None:
    told = root.get(PATH)

    assert told.status_code == 200
    assert told.json() == {
        "paths": {
            "uploads": str(settings.UPLOADS_DIR),
            "releases": str(settings.RELEASES_DIR),
            "cache": str(settings.COVERS_DIR),
            "logs": "",
        },
        "limits": {"max_file_size": 21474836480, "api_timeout": 10, "ftp_timeout": 60},
        "logs": {
            "level": "WARNING",
            "rotation_size": 10485760,
            "rotation_count": 10,
            "format": "TEXT",
        },
        "retention": {
            "drafts_days": 180,
            "upload_expiry": 604800,
            "sources_days": 90,
            "jobs_days": 365,
            "trash_days": 30,
            "revisions_kept": 5,
            "logins_days": 7,
            "answers_days": 1,
            "queue_days": 30,
        },
    }


def test_what_is_set_is_told_and_counts(
    root: APIClient, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    body = {"limits": {"max_file_size": 10}, "logs": {"level": "DEBUG"}}
    with django_capture_on_commit_callbacks(execute=True):
        updated = put(root, body)

    assert (updated.status_code, updated.json()) == (200, {"message": "System settings updated"})
    told = root.get(PATH).json()
    assert (told["limits"]["max_file_size"], told["logs"]["level"]) == (10, "DEBUG")
    assert told["limits"]["ftp_timeout"] == 60
    assert system().max_file_bytes == 10


def test_what_makes_no_sense_changes_nothing(root: APIClient) -> None:
    answer = put(root, {"limits": {"max_file_size": 10, "ftp_timeout": 0, "x": 1}})

    assert (answer.status_code, answer.json()["error"]) == (400, "ValidationError")
    assert set(answer.json()["errors"]) == {"limits.ftp_timeout", "limits.x"}
    assert not SystemSetting.objects.exclude(key="changes").exists()


@pytest.mark.parametrize("body", [[], "text", 5, {"limits": []}, {"nonsense": {}}])
def test_what_is_no_object_of_sections_is_refused(root: APIClient, body: Any) -> None:
    assert put(root, body).status_code == 400


def test_a_place_in_use_is_a_conflict_that_tells_how_much(
    root: APIClient, settings: Settings
) -> None:
    make_source()
    make_source()

    answer = put(root, {"paths": {"uploads": f"{settings.DATA_DIR}/new"}})

    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")
    assert "2 things" in answer.json()["message"]


def test_an_edit_of_what_somebody_changed_meanwhile_is_lost_to_nobody(root: APIClient) -> None:
    tag = root.get(PATH)["ETag"]
    assert put(root, {"limits": {"ftp_timeout": 5}}, **{"If-Match": tag}).status_code == 200

    late = put(root, {"limits": {"ftp_timeout": 7}}, **{"If-Match": tag})

    assert (late.status_code, late.json()["error"]) == (412, "PreconditionFailed")
    assert root.get(PATH).json()["limits"]["ftp_timeout"] == 5


def test_who_knows_it_already_is_told_so(root: APIClient) -> None:
    tag = root.get(PATH)["ETag"]

    assert root.get(PATH, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.slow
def test_a_served_site_follows_what_is_set(tmp_path: Path, db: None) -> None:
    with running_instance(tmp_path) as instance:
        api, log = instance.api(), tmp_path / "logs" / "packer.log"
        api.get("/config/system")
        assert not log.exists()
        body = {
            "paths": {"logs": str(log.parent)},
            "limits": {"max_file_size": 1000},
            "logs": {"level": "DEBUG", "format": "JSON"},
        }
        assert api.put("/config/system", json=body).status_code == 200

        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "1001"}
        headers["Upload-Metadata"] = "filename Ym9vay5lcHVi"
        assert api.post("/uploads", headers=headers).status_code == 413
        headers["Upload-Length"] = "1000"
        assert api.post("/uploads", headers=headers).status_code == 201

        def lines() -> list[dict[str, Any]]:
            return [json.loads(line) for line in log.read_text().splitlines()]

        told = [one["message"] for one in lines()]
        assert any(one.startswith("POST /api/uploads 413") for one in told)
        job = api.post("/config/templates/migrate", json={"to": "disk"}).json()["job_id"]
        wait_for_job(api, job)
        assert waited_for(lambda: f"Job {job} is done" in {one["message"] for one in lines()})


def test_rights_are_asked_one_by_one(seeded: None) -> None:
    user = make_operator()
    operator = client_of(user)
    refused = operator.get(PATH)
    assert (refused.status_code, refused.json()["error"]) == (403, "Forbidden")
    assert "READ permission on config" in refused.json()["message"]

    grant(user, "config", "read")
    reader = client_of(User.objects.get(pk=user.pk))
    assert reader.get(PATH).status_code == 200
    assert put(reader, {"limits": {"ftp_timeout": 5}}).status_code == 403
    assert put(reader, {"nonsense": 1}).status_code == 403
    assert APIClient().get(PATH).status_code == 401
    assert put(APIClient(), {}).status_code == 401
