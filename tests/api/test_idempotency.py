"""Requests that are sent again under the key of the first."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from api.models import IdempotentAnswer, forget_old_answers
from jobs.models import Job
from releases.models import Source, Upload
from tests.api.test_wizard import finished_draft
from tests.factories import make_book, make_job, make_operator
from tests.releases.mending.making import make_packed

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "one-and-the-same"}
TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": "7", "Upload-Metadata": "filename Ym9vay5lcHVi"}


@pytest.fixture
def pack(api: APIClient) -> Callable[..., Any]:
    draft = finished_draft(api)

    def sent(headers: dict[str, str] = KEY, **body: Any) -> Any:
        asked = {"job_id": draft} | body
        return api.post("/api/wizard/pack", asked, format="json", headers=headers)

    return sent


def test_the_same_request_gets_the_same_answer_and_is_done_once(pack: Callable[..., Any]) -> None:
    first, second = pack(), pack()

    assert (first.status_code, second.status_code) == (200, 200), first.content
    assert second.content == first.content
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Job.objects.filter(work="pack").count() == 1


def test_without_a_key_the_second_is_another_request(pack: Callable[..., Any]) -> None:
    assert [pack(headers={}).status_code for _ in range(2)] == [200, 409]
    assert not IdempotentAnswer.objects.exists()


def test_a_key_stands_for_one_body_and_one_address(
    pack: Callable[..., Any], api: APIClient
) -> None:
    pack()

    body = pack(confirm_duplicates=True)
    address = api.post("/api/uploads", headers=KEY | TUS)

    for other in (body, address):
        assert (other.status_code, other.json()["error"]) == (422, "UnprocessableEntity")
    assert not Upload.objects.exists()


def test_the_order_of_fields_makes_no_other_request(api: APIClient) -> None:
    draft = finished_draft(api)
    bodies = [
        f'{{"job_id": {draft}, "confirm_duplicates": true}}',
        f'{{"confirm_duplicates":true,"job_id":{draft}}}',
    ]

    answers = [
        api.post("/api/wizard/pack", body, content_type="application/json", headers=KEY)
        for body in bodies
    ]

    assert answers[0].content == answers[1].content


def test_what_a_client_did_wrong_is_told_again(api: APIClient) -> None:
    answers = [
        api.post("/api/wizard/pack", {"job_id": 987}, format="json", headers=KEY) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    assert answers[1]["Idempotency-Replayed"] == "true"


def test_what_was_in_the_way_is_not_told_again_when_it_is_gone(
    api: APIClient, operator: User
) -> None:
    release = make_packed(operator)
    busy = make_job(by=operator, subject=release.subject)

    def repack() -> Any:
        return api.post(f"/api/releases/{release.pk}/repack", {}, format="json", headers=KEY)

    refused = repack()
    busy.cancel()
    done, again = repack(), repack()

    assert [refused.status_code, done.status_code, again.status_code] == [409, 200, 200]
    assert done.json() == again.json()
    assert Job.objects.filter(work="repack").count() == 1


def test_keys_that_differ_in_capitals_are_not_one(api: APIClient) -> None:
    small, large = (
        api.post("/api/uploads", headers={"Idempotency-Key": key} | TUS) for key in ("key", "KEY")
    )

    assert small.status_code == 201
    assert "Idempotency-Replayed" not in large
    assert large.get("Location") != small["Location"]


@pytest.mark.parametrize("key", ["", "a" * 101, "two words", "clé"])
def test_a_key_is_short_and_visible(pack: Callable[..., Any], key: str) -> None:
    answer = pack(headers={"Idempotency-Key": key})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["Idempotency-Key"]


def test_keys_of_others_are_no_concern(api: APIClient, operator: User) -> None:
    other = APIClient()
    other.force_authenticate(make_operator())

    places = [one.post("/api/uploads", headers=KEY | TUS)["Location"] for one in (api, other)]

    assert places[0] != places[1]


def test_a_request_at_work_is_not_begun_again(pack: Callable[..., Any]) -> None:
    pack()
    IdempotentAnswer.objects.update(status=None)

    answer = pack()

    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")
    assert int(answer["Retry-After"]) > 0


def test_who_died_at_work_frees_the_key(api: APIClient) -> None:
    first = api.post("/api/uploads", headers=KEY | TUS)
    long_ago = timezone.now() - timedelta(minutes=11)
    IdempotentAnswer.objects.update(status=None, asked_at=long_ago)

    second = api.post("/api/uploads", headers=KEY | TUS)
    third = api.post("/api/uploads", headers=KEY | TUS)

    assert first.status_code == second.status_code == third.status_code == 201
    assert first["Location"] != second["Location"] == third["Location"]


def test_an_answer_is_kept_for_a_day(api: APIClient) -> None:
    first = api.post("/api/uploads", headers=KEY | TUS)["Location"]
    IdempotentAnswer.objects.update(asked_at=timezone.now() - timedelta(hours=23))
    forget_old_answers()
    same_day = api.post("/api/uploads", headers=KEY | TUS)["Location"]
    IdempotentAnswer.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    next_day = api.post("/api/uploads", headers=KEY | TUS)["Location"]

    assert first == same_day != next_day
    assert IdempotentAnswer.objects.count() == 1


def test_the_chore_removes_what_is_older_than_a_day(api: APIClient) -> None:
    api.post("/api/uploads", headers=KEY | TUS)
    IdempotentAnswer.objects.update(asked_at=timezone.now() - timedelta(hours=25))

    forget_old_answers()

    assert not IdempotentAnswer.objects.exists()


def test_an_error_of_the_server_frees_the_key(
    pack: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_about: Any) -> None:
        raise RuntimeError("out of order")

    with monkeypatch.context() as patched:
        patched.setattr("drafts.actions.pack_draft", broken)
        with pytest.raises(RuntimeError):
            pack()

    assert not IdempotentAnswer.objects.exists()
    assert pack().status_code == 200


def test_a_resumable_upload_is_told_by_its_headers(api: APIClient) -> None:
    first, second = (api.post("/api/uploads", headers=KEY | TUS) for _ in range(2))
    larger = api.post("/api/uploads", headers=KEY | TUS | {"Upload-Length": "8"})

    assert first["Location"] == second["Location"]
    assert second["Tus-Resumable"] == "1.0.0"
    assert (larger.status_code, Upload.objects.count()) == (422, 1)


def test_a_file_is_told_by_its_name_and_its_content(api: APIClient, tmp_path: Path) -> None:
    book = make_book(tmp_path).read_bytes()

    def sent(name: str, content: bytes) -> Any:
        file = SimpleUploadedFile(name, content)
        return api.post("/api/wizard/upload", {"file": file}, headers=KEY)

    first, again = sent("a.epub", book), sent("a.epub", book)
    renamed, changed = sent("b.epub", book), sent("a.epub", book + b"\0")

    assert first.status_code == 201, first.content
    assert again.json() == first.json()
    assert (renamed.status_code, changed.status_code) == (422, 422)
    assert Source.objects.count() == 1


def test_what_was_sent_cannot_be_read_from_the_row(pack: Callable[..., Any]) -> None:
    pack()

    row = IdempotentAnswer.objects.get()
    assert "job_id" not in row.fingerprint
    assert len(row.fingerprint) == 64
    assert "Authorization" not in row.headers


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_one_is_done(api: APIClient, operator: User) -> None:
    statuses: list[int] = []
    places: set[str] = set()
    gate = threading.Barrier(20)

    def ask() -> None:
        client = APIClient()
        client.force_authenticate(operator)
        gate.wait()
        answer = client.post("/api/uploads", headers=KEY | TUS)
        statuses.append(answer.status_code)
        places.update([answer["Location"]] if "Location" in answer else [])
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Upload.objects.count() == 1
    assert len(places) == 1
    assert len(statuses) == 20
    assert set(statuses) <= {201, 409}
