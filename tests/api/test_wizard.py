from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from drafts.models import Draft
from jobs.models import Job
from packer_site import work
from releases.models import Release
from rules.models import Rule
from tests.books import encryption
from tests.factories import make_book, make_draft, make_job, make_source, make_user

pytestmark = pytest.mark.django_db


def post(api: APIClient, path: str, body: Any) -> Any:
    return api.post(f"/api/wizard/{path}", body, format="json")


def send_book(api: APIClient, **facts: Any) -> str:
    book = make_book(**facts)
    file = SimpleUploadedFile(book.name, book.read_bytes())
    answer = api.post("/api/wizard/upload", {"file": file})
    assert answer.status_code == 201
    return str(answer.json()["file_path"])


def finished_draft(api: APIClient) -> int:
    """Make a draft that is ready to be packed, and return its number."""
    rule = Rule.objects.get(name="2022_EBOOK")
    data = {"group": "GRP", "release_type": "EBOOK", "rule_id": rule.pk}
    data |= {"file_path": send_book(api), "rights": "own_work"}
    number = post(api, "step/1/save", {"data": data}).json()["job_id"]
    run_jobs()
    saved = post(api, "step/6/save", {"job_id": number, "data": {"metadata": {"year": 1999}}})
    assert saved.status_code == 200, saved.json()
    return int(number)


def run_jobs() -> None:
    for job in Job.objects.active():
        work.run(job.pk)


def test_validate_answers_as_documented(api: APIClient) -> None:
    good = post(api, "step/1/validate", {"group": "TESTGROUP"})
    bad = post(api, "step/1/validate", {"group": "test-group"})

    assert good.json() == {"valid": True, "errors": []}
    assert (bad.status_code, bad.json()["valid"]) == (200, False)
    assert len(bad.json()["errors"]) == 1


def test_validate_speaks_french_to_who_names_no_language(
    api: APIClient, settings: Settings
) -> None:
    settings.LANGUAGE_CODE = "fr"

    bad = post(api, "step/1/validate", {"group": "test"})

    assert bad.json()["errors"] == [
        "Le nom du groupe doit contenir uniquement lettres majuscules et chiffres"
    ]


def test_save_begins_a_draft_and_data_reads_it_back(api: APIClient) -> None:
    saved = post(api, "step/1/save", {"data": {"group": "TESTGROUP"}})

    number = saved.json()["job_id"]
    assert saved.json() == {"job_id": number, "message": "Progress saved"}
    assert api.get(f"/api/wizard/step/1/data?job_id={number}").json() == {
        "step": 1,
        "data": {"group": "TESTGROUP"},
    }
    assert api.get("/api/wizard/step/1/data").json()["data"] == {"group": "TESTGROUP"}


def test_save_refuses_what_is_wrong_and_begins_nothing(api: APIClient) -> None:
    answer = post(api, "step/1/save", {"data": {"group": "bad group"}})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["group"]
    assert not Draft.objects.exists()


def test_metadata_left_out_come_from_the_file(api: APIClient) -> None:
    number = finished_draft(api)

    saved = api.get(f"/api/wizard/step/6/data?job_id={number}").json()["data"]["metadata"]

    assert saved["title"] == "Some Book"
    assert saved["year"] == 1999


def test_a_draft_of_the_api_opens_in_the_browser(api: APIClient, client: Any) -> None:
    draft = Draft.objects.get(pk=finished_draft(api))
    client.force_login(draft.owner)

    page = client.get(f"/wizard/{draft.uuid}/options/")

    assert b"Ann.Author.Some.Book.1999.RETAiL.ePUB.eBook-GRP" in page.content


def test_the_metadata_read_back_are_the_fields_alone(api: APIClient) -> None:
    number = finished_draft(api)
    metadata = {"genre": "Tales", "locked": ["title"], "sources": {"title": "TMDb"}}

    post(api, "step/6/save", {"job_id": number, "data": {"metadata": metadata}})

    data = api.get(f"/api/wizard/step/6/data?job_id={number}").json()["data"]
    assert set(data) == {"metadata"}
    assert data["metadata"]["genre"] == "Tales"
    assert not {"locked", "sources"} & set(data["metadata"])


def test_what_is_packed_by_a_program_keeps_who_said_what(api: APIClient) -> None:
    number = finished_draft(api)
    post(api, "step/6/save", {"job_id": number, "data": {"metadata": {"genre": "Tales"}}})

    post(api, "pack", {"job_id": number})

    sources = Release.objects.get().metadata_sources
    assert (sources["title"], sources["genre"]) == ("file", "person")


def test_pack_makes_the_release_and_answers_a_new_job(api: APIClient) -> None:
    number = finished_draft(api)
    options = {"format": "ZIP", "compression": "normal", "volumes": 50, "generate_nfo": True}

    answer = post(api, "pack", {"job_id": number, "options": options})
    run_jobs()

    body = answer.json()
    assert answer.status_code == 200
    assert body["status"] == "running"
    assert body["message"] == "Packaging started"
    status = api.get(f"/api/wizard/jobs/{body['job_id']}/status").json()
    assert (status["status"], status["progress"]) == ("completed", 100)
    assert (status["rate"], status["eta"]) == (0, None)
    assert Release.objects.get().volume_bytes == 50_000_000


def test_the_status_of_a_running_job_tells_how_fast_it_goes(api: APIClient) -> None:
    job = make_job(by=User.objects.get())
    Job.objects.claim(job.pk)
    Job.objects.update(stage="archive", progress=25, bytes_done=250, bytes_total=1000, rate=300)

    status = api.get(f"/api/wizard/jobs/{job.pk}/status").json()

    told = {name: status[name] for name in ("stage", "bytes_done", "bytes_total", "rate", "eta")}
    assert told == {
        "stage": "archive",
        "bytes_done": 250,
        "bytes_total": 1000,
        "rate": 300,
        "eta": 3,
    }


def test_both_formats_are_what_the_rule_nests(api: APIClient) -> None:
    answer = post(api, "pack", {"job_id": finished_draft(api), "options": {"format": "BOTH"}})

    assert answer.status_code == 200
    assert Release.objects.get().format == "ZIP"


def test_packing_twice_is_a_conflict(api: APIClient) -> None:
    number = finished_draft(api)
    post(api, "pack", {"job_id": number})

    assert post(api, "pack", {"job_id": number}).status_code == 409
    assert Release.objects.count() == 1


def test_packing_does_not_wait_for_the_analysis_of_a_known_file(api: APIClient) -> None:
    data = {"group": "GRP", "release_type": "EBOOK", "file_path": send_book(api)}
    number = post(api, "step/1/save", {"data": {"group": "GRP", "release_type": "EBOOK"}})
    draft = number.json()["job_id"]
    for step in (3, 4, 6):
        body = {"job_id": draft, "data": data | {"rights": "own_work"} if step == 4 else {}}
        assert post(api, f"step/{step}/save", body).status_code == 200

    assert Job.objects.active().filter(work="analysis").exists()
    assert post(api, "pack", {"job_id": draft}).status_code == 200


def test_the_issue_of_a_magazine_makes_its_name(api: APIClient) -> None:
    number = finished_draft(api)
    issue = {"title": "Name", "category": "MAGAZiNE", "issue": "22", "issue_date": "2012-05"}

    saved = post(api, "step/6/save", {"job_id": number, "data": {"metadata": issue}})
    packed = post(api, "pack", {"job_id": number})

    assert (saved.status_code, packed.status_code) == (200, 200)
    assert Release.objects.get().name == "Name.No.22.May.2012.RETAiL.MAGAZiNE.ePUB.eBook-GRP"


def test_packing_an_unfinished_draft_names_the_steps(api: APIClient) -> None:
    number = post(api, "step/1/save", {"data": {"group": "GRP"}}).json()["job_id"]

    answer = post(api, "pack", {"job_id": number})

    assert answer.status_code == 422
    assert answer.json()["error"] == "UnprocessableEntity"
    assert {"2", "3", "4"} <= set(answer.json()["errors"])


@pytest.mark.parametrize(
    "options", [{"volumes": 7}, {"format": "RAR"}, {"generate_nfo": False}, {"volumes": "x"}]
)
def test_options_that_the_rule_forbids_are_refused(api: APIClient, options: dict[str, Any]) -> None:
    answer = post(api, "pack", {"job_id": finished_draft(api), "options": options})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == list(options)
    assert not Release.objects.exists()


def test_analyze_answers_a_job_and_its_results(api: APIClient) -> None:
    handle = send_book(api)

    answer = post(api, "step/5/analyze", {"file_path": handle, "release_type": "EBOOK"})
    run_jobs()

    assert answer.status_code == 202
    assert answer.json()["message"] == "Analysis started"
    found = api.get(f"/api/wizard/jobs/{answer.json()['job_id']}/analysis").json()
    assert found["metadata"]["title"] == "Some Book"
    assert found["metadata"]["author"] == "Ann Author"
    assert "mimetype" in found["structure"]["files"]
    assert set(found) == {
        *("format", "extension", "metadata", "sources", "mediainfo", "structure"),
        *("cover", "drm", "encrypted", "valid", "problems"),
    }
    assert (found["format"], found["extension"]) == ("epub", "epub")
    assert set(found["sources"]) == set(found["metadata"]) - {"author"}
    assert found["encrypted"] is False


def test_an_analysis_names_the_protection_and_what_is_wrong(api: APIClient) -> None:
    scheme = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
    handle = send_book(api, entries={"META-INF/encryption.xml": encryption(scheme)})
    job = post(api, "step/5/analyze", {"file_path": handle}).json()["job_id"]
    run_jobs()

    found = api.get(f"/api/wizard/jobs/{job}/analysis").json()

    assert found["drm"]
    assert found["problems"] == []


def test_an_analysis_not_over_is_a_conflict(api: APIClient) -> None:
    job = post(api, "step/5/analyze", {"file_path": send_book(api)}).json()["job_id"]

    assert api.get(f"/api/wizard/jobs/{job}/analysis").status_code == 409


def test_logs_are_read_since_a_time(api: APIClient) -> None:
    post(api, "pack", {"job_id": finished_draft(api)})
    run_jobs()
    job = Job.objects.get(work="pack")

    logs = api.get(f"/api/wizard/jobs/{job.pk}/logs").json()["logs"]
    later = api.get(f"/api/wizard/jobs/{job.pk}/logs?since={logs[1]['timestamp']}").json()["logs"]

    assert set(logs[0]) == {"timestamp", "level", "message"}
    assert later == logs[1:] != []
    assert api.get(f"/api/wizard/jobs/{job.pk}/logs?since=yesterday").status_code == 400


def test_what_is_not_a_file_is_refused(api: APIClient) -> None:
    assert api.post("/api/wizard/upload", {"file": "text"}).status_code == 400
    assert post(api, "upload", {}).status_code == 415


def test_an_empty_file_is_refused_and_not_kept(api: APIClient, settings: Settings) -> None:
    answer = api.post("/api/wizard/upload", {"file": SimpleUploadedFile("b.epub", b"")})

    assert answer.status_code == 422
    assert "empty" in answer.json()["message"]
    assert list(settings.UPLOADS_DIR.iterdir()) == []


def test_a_file_too_large_is_507(api: APIClient, settings: Settings) -> None:
    settings.MAX_FILE_BYTES = 10

    answer = api.post("/api/wizard/upload", {"file": SimpleUploadedFile("b.epub", bytes(100))})

    assert answer.status_code == 507
    assert answer.json()["error"] == "InsufficientStorage"


def test_what_is_somebody_elses_is_not_found(api: APIClient) -> None:
    draft, job, source = make_draft(), make_job(), make_source()

    assert api.get(f"/api/wizard/step/1/data?job_id={draft.pk}").status_code == 404
    body = {"job_id": draft.pk, "data": {"group": "GRP"}}
    assert post(api, "step/1/save", body).status_code == 404
    assert post(api, "pack", {"job_id": draft.pk}).status_code == 404
    assert api.get(f"/api/wizard/jobs/{job.pk}/status").status_code == 404
    assert api.get(f"/api/wizard/jobs/{job.pk}/logs").status_code == 404
    assert api.get(f"/api/wizard/jobs/{job.pk}/analysis").status_code == 404
    assert post(api, "step/5/analyze", {"file_path": str(source.handle)}).status_code == 404


def test_who_may_not_make_releases_is_told_which_permission(seeded: None) -> None:
    client = APIClient()
    client.force_authenticate(make_user())

    answer = post(client, "step/1/save", {"data": {"group": "GRP"}})

    assert answer.status_code == 403
    assert answer.json() == {
        "error": "Forbidden",
        "message": "You don't have WRITE permission on releases",
    }


@pytest.mark.parametrize("body", [[], "text", 5, {"data": []}, {"data": {"group": {}}}])
def test_bodies_of_another_shape_are_refused_without_a_failure(api: APIClient, body: Any) -> None:
    assert post(api, "step/1/save", body).status_code == 400
    assert post(api, "step/1/validate", body).status_code in {200, 400}


def test_an_unknown_step_is_not_found(api: APIClient) -> None:
    assert post(api, "step/10/save", {"data": {}}).json() == {
        "error": "NotFound",
        "message": "Step with id 10 not found",
    }
