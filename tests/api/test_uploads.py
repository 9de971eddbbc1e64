"""Resumable uploads as programs speak to them: tus 1.0."""

import base64
import hashlib
import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from drafts.models import Draft
from releases.actions import uploads
from releases.models import Source, Upload
from rules.models import Rule
from tests.factories import make_book, make_draft, make_operator

pytestmark = pytest.mark.django_db
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"
NOISE = random.Random(0).randbytes(100_000)


@pytest.fixture
def book(tmp_path: Path) -> bytes:
    return make_book(tmp_path).read_bytes()


def b64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def metadata(**told: str) -> str:
    return ",".join(f"{key} {b64(value)}" for key, value in told.items())


def begin(api: Client, size: int, name: str = "book.epub", **told: str) -> Any:
    headers = {"Upload-Length": str(size), "Upload-Metadata": metadata(filename=name, **told)}
    return api.post("/api/uploads", headers=TUS | headers)


def begun(api: Client, size: int, name: str = "book.epub", **told: str) -> str:
    answer = begin(api, size, name, **told)
    assert answer.status_code == 201, answer.content
    return str(answer["Location"])


def send(api: Client, place: str, offset: int, content: bytes, **headers: str) -> Any:
    return api.generic(
        "PATCH",
        place,
        content,
        content_type=BYTES,
        headers=TUS | {"Upload-Offset": str(offset)} | headers,
    )


def ask(api: Client, place: str) -> Any:
    return api.head(place, headers=TUS)


def there(folders: Path) -> set[str]:
    return {path.name for path in (folders / "uploads").iterdir()}


def test_what_is_understood_is_told_to_anybody(client: Client, settings: Settings) -> None:
    told = client.options("/api/uploads")

    assert told.status_code == 204
    assert told["Tus-Version"] == told["Tus-Resumable"] == "1.0.0"
    assert set(told["Tus-Extension"].split(",")) == {
        *("creation", "checksum", "expiration", "termination")
    }
    assert {"sha1", "sha256"} <= set(told["Tus-Checksum-Algorithm"].split(","))
    assert told["Tus-Max-Size"] == str(settings.MAX_FILE_BYTES)


def test_a_file_in_pieces_becomes_a_source(
    api: APIClient, operator: User, book: bytes, folders: Path
) -> None:
    place = begun(api, len(book), "Été.epub")
    for offset in range(0, len(book), 1000):
        assert ask(api, place)["Upload-Offset"] == str(offset)
        last = send(api, place, offset, book[offset : offset + 1000])
        assert last.status_code == 204, last.content

    source = Source.objects.get()
    assert (source.name, source.created_by, source.format) == ("Été.epub", operator, "epub")
    assert source.path.read_bytes() == book
    assert source.sha256 == last["Upload-Sha256"] == hashlib.sha256(book).hexdigest()
    assert place.endswith(last["Upload-Source"])
    assert there(folders) == {str(source.handle)}
    assert not Upload.objects.exists()


def test_a_whole_file_is_still_told_to_be_whole(api: APIClient, book: bytes) -> None:
    place = begun(api, len(book))
    send(api, place, 0, book)

    told = ask(api, place)

    assert told["Upload-Offset"] == told["Upload-Length"] == str(len(book))
    assert place.endswith(told["Upload-Source"])
    assert send(api, place, 0, book).status_code == 404
    assert api.delete(place, headers=TUS).status_code == 404
    assert Source.objects.count() == 1


@pytest.mark.parametrize("offset", [0, 49, 51, 10**17])
def test_bytes_for_another_place_are_refused(api: APIClient, offset: int) -> None:
    place = begun(api, 100)
    send(api, place, 0, NOISE[:50])

    refused = send(api, place, offset, NOISE[:10])

    assert refused.status_code == 409
    assert refused.json()["error"] == "Conflict"
    assert ask(api, place)["Upload-Offset"] == "50"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_bytes_with_their_checksum_are_taken(api: APIClient, algorithm: str, book: bytes) -> None:
    place = begun(api, len(book))
    for offset, end in ((0, 500), (500, len(book))):
        digest = b64(hashlib.new(algorithm, book[offset:end]).digest())
        checksum = {"Upload-Checksum": f"{algorithm} {digest}"}
        assert send(api, place, offset, book[offset:end], **checksum).status_code == 204

    assert Source.objects.get().sha256 == hashlib.sha256(book).hexdigest()


@pytest.mark.parametrize("sent", [3000, 5000])
def test_bytes_without_their_checksum_are_dropped(
    api: APIClient, book: bytes, sent: int, folders: Path
) -> None:
    place = begun(api, 5000)
    send(api, place, 0, NOISE[:1000])
    checksum = {"Upload-Checksum": f"sha1 {b64(hashlib.sha1(b'other').digest())}"}

    refused = send(api, place, 1000, NOISE[1000:sent], **checksum)

    assert refused.status_code == 460
    assert ask(api, place)["Upload-Offset"] == "1000"
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Checksum": "crc32 AAAA"}, 400),
        ({"Upload-Checksum": "sha1 *"}, 400),
        ({"Upload-Offset": "x"}, 400),
        ({"Upload-Offset": "-1"}, 400),
        ({"Tus-Resumable": "0.2.2"}, 412),
    ],
)
def test_headers_that_say_nothing_sensible_are_refused(
    api: APIClient, headers: dict[str, str], status: int
) -> None:
    place = begun(api, 100)

    refused = send(api, place, 0, b"x", **headers)

    assert refused.status_code == status
    assert refused["Tus-Resumable"] == "1.0.0"
    assert ask(api, place)["Upload-Offset"] == "0"


def test_bytes_of_another_content_type_are_refused(api: APIClient) -> None:
    place = begun(api, 100)

    answer = api.generic("PATCH", place, "x", "text/plain", headers=TUS | {"Upload-Offset": "0"})

    assert answer.status_code == 415


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upload-Length": "-1"},
        {"Upload-Length": "1" * 30},
        {"Upload-Length": "0"},
        {"Upload-Length": "5", "Upload-Metadata": ""},
        {"Upload-Length": "5", "Upload-Metadata": "filename *"},
        {"Upload-Length": "5", "Upload-Metadata": f"filename {b64(bytes([255, 254]))}"},
        {"Upload-Length": "5", "Upload-Metadata": f"filename {b64('..')}"},
        {"Upload-Length": "5", "Upload-Metadata": f"filename {b64('x')},draft {b64('7')}"},
    ],
)
def test_an_upload_that_says_nothing_sensible_is_not_begun(
    api: APIClient, headers: dict[str, str]
) -> None:
    told = {"Upload-Metadata": metadata(filename="x")} | headers
    answer = api.post("/api/uploads", headers=TUS | told)

    assert answer.status_code in {400, 422}
    assert answer.json()["message"]
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\win.ini", "win.ini"),
        ("a\0b\r\nc.epub", "abc.epub"),
        ("\u202efdp.exe", "fdp.exe"),
        ("x" * 400 + ".epub", "x" * 250 + ".epub"),
        (" spaced .pdf ", "spaced .pdf"),
        ("-rf *;$(id).mkv", "-rf *;$(id).mkv"),
    ],
)
def test_a_name_is_no_path(api: APIClient, name: str, kept: str) -> None:
    begun(api, 5, name)

    assert Upload.objects.get().name == kept


def test_a_file_too_large_is_refused_before_its_first_byte(
    api: APIClient, settings: Settings
) -> None:
    settings.MAX_FILE_BYTES = 1 << 20

    refused = begin(api, (1 << 20) + 1)

    assert refused.status_code == 413
    assert "at most 1.0 MiB are accepted" in refused.json()["message"]


def test_a_file_larger_than_the_disk_is_refused_before_its_first_byte(
    api: APIClient, settings: Settings
) -> None:
    settings.MAX_FILE_BYTES = 10**18

    refused = begin(api, 10**15)

    assert refused.status_code == 507
    assert "There is no space for this file: it needs 909.5 TiB" in refused.json()["message"]


def test_room_that_other_uploads_still_need_is_not_given_twice(
    api: APIClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "free_bytes", lambda: 1000)
    first = begun(api, 600)
    assert begin(api, 600).status_code == 507

    monkeypatch.setattr(uploads, "free_bytes", lambda: 600)
    send(api, first, 0, NOISE[:400])

    assert begin(api, 401).status_code == 507
    assert begin(api, 400).status_code == 201


def test_room_is_not_kept_for_uploads_that_fell_silent(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "free_bytes", lambda: 1000)
    begun(api, 900)

    Upload.objects.update(touched_at=timezone.now() - timedelta(hours=2))

    assert begin(api, 900).status_code == 201


def test_a_quota_counts_what_is_here_and_what_is_coming(
    api: APIClient, book: bytes, settings: Settings
) -> None:
    settings.UPLOAD_QUOTA_BYTES = len(book) * 3
    send(api, begun(api, len(book)), 0, book)
    coming = begun(api, len(book))

    refused = begin(api, len(book) + 1)

    assert refused.status_code == 507
    assert "Your files may take" in refused.json()["message"]
    assert begin(api, len(book)).status_code == 201
    api.delete(coming, headers=TUS)
    assert begin(api, len(book)).status_code == 201


def test_a_quota_is_each_users_own(api: APIClient, settings: Settings) -> None:
    settings.UPLOAD_QUOTA_BYTES = 1000
    Upload.objects.create(name="x", size=900, created_by=make_operator())

    assert begin(api, 900).status_code == 201


def test_more_bytes_than_announced_are_refused(api: APIClient) -> None:
    place = begun(api, 100)

    assert send(api, place, 0, NOISE[:101]).status_code == 413
    assert ask(api, place)["Upload-Offset"] == "0"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [("torn.epub", b"PK\3\4" + NOISE, "torn.epub"), ("fake.pdf", b"Only a text.", "fake.pdf")],
)
def test_a_file_that_its_draft_cannot_use_leaves_no_trace(
    *, api: APIClient, operator: User, name: str, content: bytes, sentence: str, folders: Path
) -> None:
    rule = Rule.objects.get(name="2022_EBOOK")
    answers = {"type": {"release_type": "EBOOK"}, "rule": {"rule_id": rule.pk}}
    draft = make_draft(owner=operator, **answers)
    place = begun(api, len(content), name, draft=str(draft.uuid))

    refused = send(api, place, 0, content)

    assert refused.status_code == 422
    assert sentence in refused.json()["message"]
    assert ask(api, place).status_code == 404
    assert there(folders) == set()
    assert not Source.objects.exists()


@pytest.fixture
def other(seeded: None) -> Client:
    """Somebody else, with a session."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_operator())
    client.cookies["csrftoken"] = "t" * 32
    return client


def test_an_upload_of_somebody_else_is_not_there(api: APIClient, other: Client) -> None:
    place = begun(api, 100)
    token = {"X-CSRFToken": other.cookies["csrftoken"].value}

    answers = [
        ask(other, place),
        send(other, place, 0, NOISE[:50], **token),
        other.delete(place, headers=TUS | token),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert ask(api, place)["Upload-Offset"] == "0"


def test_a_draft_of_somebody_else_is_not_there(api: APIClient) -> None:
    theirs = make_draft()

    assert begin(api, 5, draft=str(theirs.uuid)).status_code == 404
    assert begin(api, 5, draft=str(uuid4())).status_code == 404
    assert not Upload.objects.exists()


def test_a_page_sends_with_its_session_and_its_token(other: Client, book: bytes) -> None:
    assert begin(other, len(book)).status_code == 403

    token = {"X-CSRFToken": other.cookies["csrftoken"].value}
    headers = {"Upload-Length": str(len(book)), "Upload-Metadata": metadata(filename="b.epub")}
    place = other.post("/api/uploads", headers=TUS | headers | token)["Location"]

    assert send(other, place, 0, book).status_code == 403
    assert send(other, place, 0, book, **token).status_code == 204


def test_nobody_begins_without_the_right(client: Client, seeded: None) -> None:
    assert begin(client, 5).status_code == 401


def test_a_given_up_upload_is_gone(api: APIClient, folders: Path) -> None:
    place = begun(api, 100)
    send(api, place, 0, NOISE[:50])

    assert api.delete(place, headers=TUS).status_code == 204

    assert ask(api, place).status_code == 404
    assert there(folders) == set()


@pytest.mark.parametrize("left", [None, 30])
def test_what_a_power_cut_cost_is_asked_for_again(
    api: APIClient, book: bytes, left: int | None
) -> None:
    place = begun(api, len(book))
    send(api, place, 0, book[:50])
    path = Upload.objects.get().path
    path.unlink() if left is None else os.truncate(path, left)

    offset = int(ask(api, place)["Upload-Offset"])
    send(api, place, offset, book[offset:])

    assert offset == (left or 0)
    assert Source.objects.get().path.read_bytes() == book


def age(**fields: Any) -> None:
    Upload.objects.update(touched_at=timezone.now() - timedelta(**fields))


def test_an_upload_expires(api: APIClient, folders: Path, settings: Settings) -> None:
    settings.UPLOAD_EXPIRY_S = 3600
    place = begun(api, 100)
    send(api, place, 0, NOISE[:50])
    age(minutes=59)
    uploads.sweep_expired()
    assert "GMT" in ask(api, place)["Upload-Expires"]

    age(minutes=61)

    assert ask(api, place).status_code == 404
    assert send(api, place, 50, NOISE[:50]).status_code == 404
    assert uploads.sweep_expired() == 1
    assert there(folders) == set()


def test_what_is_being_received_does_not_expire(api: APIClient, settings: Settings) -> None:
    settings.UPLOAD_EXPIRY_S = 3600
    begun(api, 100)
    age(minutes=61)
    Upload.objects.update(held_until=timezone.now() + timedelta(minutes=1))

    assert uploads.sweep_expired() == 0


def test_files_of_no_upload_are_swept_once_they_are_old(
    api: APIClient, folders: Path, settings: Settings, old: Callable[[str], Path]
) -> None:
    settings.UPLOAD_EXPIRY_S = 3600
    send(api, begun(api, 100), 0, NOISE[:50])
    kept = there(folders) | {"source"}
    old("source")
    old(".arriving-lost")
    old(".0a1b2c3d4e5f6071.fetched")

    uploads.sweep_expired()

    assert there(folders) == kept


def test_where_uploads_are_kept_for_ever_none_expires(
    api: APIClient, folders: Path, settings: Settings
) -> None:
    settings.UPLOAD_EXPIRY_S = 0
    place = begun(api, 100)
    age(days=4000)

    assert uploads.sweep_expired() == 0
    assert "Upload-Expires" not in ask(api, place)


@pytest.fixture
def old(folders: Path) -> Callable[[str], Path]:
    def make(name: str) -> Path:
        path = folders / "uploads" / name
        path.write_bytes(b"x")
        os.utime(path, (time.time() - 7200,) * 2)
        return path

    return make


def test_a_file_waits_in_its_draft_for_a_page_that_was_closed(
    api: APIClient, operator: User, book: bytes
) -> None:
    draft = make_draft(owner=operator)
    draft.typed = {"source": {"rights": ["own_work"]}}
    draft.save()

    answer = send(api, begun(api, len(book), draft=str(draft.uuid)), 0, book)

    draft.refresh_from_db()
    assert draft.typed["source"] == {
        "rights": ["own_work"],
        "file_path": [answer["Upload-Source"]],
    }


def test_further_files_become_drafts_like_the_first_ones(
    api: APIClient, operator: User, book: bytes
) -> None:
    rule = Rule.objects.get(name="2022_EBOOK")
    first = make_draft(
        owner=operator,
        group={"group": "GRP"},
        type={"release_type": "EBOOK"},
        rule={"rule_id": rule.pk},
    )
    first.typed = {"source": {"rights": ["own_work"], "rights_note": [""]}}
    first.save()
    told = {"draft": str(first.uuid), "further": "yes"}
    place = begun(api, len(book), "second.epub", **told)

    answer = send(api, place, 0, book)

    second = Draft.objects.get(uuid=answer["Upload-Draft"])
    assert second.source == Source.objects.get(name="second.epub")
    assert (second.origin, second.awaits_review) == (Draft.Origin.QUEUE, True)
    assert {key: second.answers[key] for key in first.answers} == first.answers
    assert second.answer("source", "rights") == "own_work"
    assert second.step == "analysis"
    assert second.title == "second.epub · GRP"


def test_a_further_file_without_rights_asks_for_them(
    api: APIClient, operator: User, book: bytes
) -> None:
    rule = Rule.objects.get(name="2022_EBOOK")
    answers = {"type": {"release_type": "EBOOK"}, "rule": {"rule_id": rule.pk}}
    first = make_draft(owner=operator, **answers)
    place = begun(api, len(book), draft=str(first.uuid), further="yes")

    answer = send(api, place, 0, book)

    second = Draft.objects.get(uuid=answer["Upload-Draft"])
    assert second.step == "source"
    assert second.typed["source"]["file_path"] == [answer["Upload-Source"]]


def test_a_file_whose_draft_is_gone_is_a_source_all_the_same(
    api: APIClient, operator: User, book: bytes
) -> None:
    draft = make_draft(owner=operator)
    place = begun(api, len(book), draft=str(draft.uuid), further="yes")
    draft.delete()

    assert "Upload-Draft" not in send(api, place, 0, book)
    assert Source.objects.count() == 1


@pytest.fixture
def small_disk(folders: Path) -> Iterator[Path]:
    """Put the uploads on a disk of 4 MiB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    place = folders / "uploads"
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_disk_that_fills_up_meanwhile_keeps_what_fitted(api: APIClient, small_disk: Path) -> None:
    content = NOISE * 30
    place = begun(api, len(content))
    send(api, place, 0, content[:1_000_000])
    hog = small_disk / "hog"
    hog.write_bytes(bytes((4 << 20) - 2_000_000))

    refused = send(api, place, 1_000_000, content[1_000_000:])

    assert refused.status_code == 507
    assert "There is no space for this file" in refused.json()["message"]
    kept = int(ask(api, place)["Upload-Offset"])
    assert 1_000_000 <= kept <= 2_000_000
    assert begin(api, 1000).status_code == 507

    hog.unlink()
    assert send(api, place, kept, content[kept:-1]).status_code == 204
    arrived = next(small_disk.glob(".arriving-*"))
    assert arrived.read_bytes() == content[:-1]
