"""A draft gets a file of the web by a job, whose failures a person can act on."""

import errno
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.datastructures import MultiValueDict
from pytest_django import Settings

from accounts.models import User
from drafts import actions
from drafts.choosing import put_file
from drafts.fetching import FETCHES, fetch, request_fetch
from drafts.models import Draft
from drafts.pages import Overtaken
from drafts.steps import BY_KEY
from jobs.lease import Cancelled, Lease
from jobs.models import Job
from packer_site.work import WORK, attempt
from releases.actions import Refused
from releases.actions.fetching import fetching_failed
from releases.metadata.http import download
from releases.models import Source
from tests.factories import make_book, make_draft, make_operator, make_source, make_user
from tests.metadata.http.test_download import file_of
from tests.metadata.service import Service, moved, raw, running

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def web(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(download, "BACK_OFF_S", 0.001)
    with running() as service:
        settings.OUTBOUND_HOSTS = [service.authority]
        yield service


@pytest.fixture
def owner() -> User:
    return make_operator()


@pytest.fixture
def draft(owner: User) -> Draft:
    return make_draft(owner=owner)


@pytest.fixture
def book() -> bytes:
    return make_book().read_bytes()


def ask(draft: Draft, url: str) -> Job:
    job = request_fetch(draft, url, {}, by=draft.owner)
    assert job
    claimed = Job.objects.claim(job.pk)
    assert claimed
    return claimed


def done(job: Job) -> dict[str, Any]:
    result = fetch(Lease(job), **job.arguments)
    job.finish(result)
    return result


def uploads(settings: Settings) -> list[str]:
    return [path.name for path in Path(settings.UPLOADS_DIR).iterdir()]


def test_the_file_is_examined_and_chosen(draft: Draft, web: Service, book: bytes) -> None:
    web.on("/book.epub", raw(book))

    result = done(ask(draft, f" {web.url}/book.epub "))

    source = Source.objects.get()
    draft.refresh_from_db()
    assert source.path.read_bytes() == book
    assert source.sha256 == hashlib.sha256(book).hexdigest()
    assert (source.name, source.format, source.created_by) == ("book.epub", "epub", draft.owner)
    assert draft.typed["source"]["file_path"] == [str(source.handle)]
    assert result == {
        "file_path": str(source.handle),
        "name": "book.epub",
        "bytes": len(book),
        "sha256": source.sha256,
        "is_chosen": True,
    }


def test_a_file_chosen_meanwhile_stays_the_one_chosen(
    draft: Draft, web: Service, book: bytes
) -> None:
    web.on("/book.epub", raw(book))
    job = ask(draft, f"{web.url}/book.epub")
    other = make_source(owner=draft.owner)
    put_file(draft, other)

    assert done(job)["is_chosen"] is False

    draft.refresh_from_db()
    assert draft.typed["source"]["file_path"] == [str(other.handle)]


def test_a_draft_discarded_meanwhile_fails_nothing(draft: Draft, web: Service, book: bytes) -> None:
    web.on("/book.epub", raw(book))
    job = ask(draft, f"{web.url}/book.epub")
    actions.discard_draft(draft)

    assert done(job)["is_chosen"] is False


def test_a_page_that_is_open_meanwhile_does_not_overwrite_the_file_unseen(
    draft: Draft, web: Service, book: bytes
) -> None:
    web.on("/book.epub", raw(book))
    done(ask(draft, f"{web.url}/book.epub"))
    stale = MultiValueDict(
        {"page": ["mine"], "seen": ["0"], "file_path": [""], "rights_note": [""]}
    )

    with pytest.raises(Overtaken):
        actions.keep_typed(draft, BY_KEY["source"], stale)


def test_one_file_is_fetched_at_a_time(draft: Draft) -> None:
    ask(draft, "https://example.org/a.epub")

    with pytest.raises(Refused, match="on its way already"):
        request_fetch(draft, "https://example.org/b.epub", {}, by=draft.owner)


def test_an_address_that_cannot_be_asked_is_kept_to_be_corrected(draft: Draft) -> None:
    assert request_fetch(draft, "ftp://example.org/", {}, by=draft.owner) is None

    draft.refresh_from_db()
    assert draft.typed["source"]["url"] == ["ftp://example.org/"]
    assert not Job.objects.exists()


def test_who_may_make_no_releases_fetches_nothing() -> None:
    stranger = make_user()

    with pytest.raises(PermissionDenied, match="WRITE permission"):
        request_fetch(make_draft(owner=stranger), "https://example.org/", {}, by=stranger)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (raw(b"gone", 404), "no file at this address"),
        (raw(b"", 403), "those who log in"),
        (raw(b""), "is empty"),
        (raw(b"", Content_Length=str(1 << 50)), "too much"),
        (moved("http://169.254.169.254/latest/meta-data/"), "is not a public address"),
        (moved("file:///etc/passwd"), "begins with http://"),
    ],
)
def test_a_failure_is_told_and_leaves_nothing(
    draft: Draft, web: Service, settings: Settings, answer: Any, sentence: str
) -> None:
    web.on("/book.epub", answer)
    job = ask(draft, f"{web.url}/book.epub")

    attempt(job)

    job.refresh_from_db()
    assert job.status == Job.Status.FAILED
    assert sentence in job.error
    assert uploads(settings) == []
    assert not Source.objects.exists()


def test_a_full_disk_is_told_and_leaves_nothing(
    draft: Draft, web: Service, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.on("/book.epub", file_of())
    job = ask(draft, f"{web.url}/book.epub")

    def fill(_part: Any, _piece: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download._Part, "take", fill)
    attempt(job)

    job.refresh_from_db()
    assert "There is no space" in job.error
    assert uploads(settings) == []


def test_the_quota_counts_before_the_first_byte(
    draft: Draft, web: Service, settings: Settings
) -> None:
    settings.UPLOAD_QUOTA_BYTES = 1000
    web.on("/book.epub", file_of())
    job = ask(draft, f"{web.url}/book.epub")

    attempt(job)

    job.refresh_from_db()
    assert "Your files may take 1000 B" in job.error


def test_a_cut_is_noted_in_the_log_and_gone_on_from(
    draft: Draft, web: Service, book: bytes
) -> None:
    web.on("/book.epub", file_of(book, cut_at=len(book) // 2), file_of(book))
    job = ask(draft, f"{web.url}/book.epub")

    attempt(job)

    assert Job.objects.get(pk=job.pk).status == Job.Status.COMPLETED
    assert Source.objects.get().path.read_bytes() == book
    assert any("broke off" in line.message for line in job.lines.all())


def test_cancelling_leaves_nothing(
    draft: Draft, web: Service, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    web.on("/book.epub", file_of())
    job = ask(draft, f"{web.url}/book.epub")

    def cancelled(*_how: Any) -> None:
        over.set()
        raise Cancelled

    monkeypatch.setattr(Lease, "progress", cancelled)
    attempt(job)

    job.refresh_from_db()
    assert over.is_set()
    assert job.status == Job.Status.CANCELLED
    assert uploads(settings) == []


def test_a_worker_that_takes_over_begins_with_a_file_of_its_own(
    draft: Draft, web: Service, settings: Settings, book: bytes
) -> None:
    web.on("/book.epub", raw(book))
    job = ask(draft, f"{web.url}/book.epub")
    (settings.UPLOADS_DIR / f".fetching-{job.arguments['handle']}").write_bytes(b"half")

    done(job)
    again = fetch(Lease(job), **job.arguments)

    assert Source.objects.get().path.read_bytes() == book
    assert again["name"] == "book.epub"
    assert len(web.asked) == 1


def test_a_job_given_up_leaves_nothing(settings: Settings) -> None:
    handle = str(uuid4())
    (settings.UPLOADS_DIR / f".fetching-{handle}").write_bytes(b"half")

    fetching_failed(handle=handle, draft_id=1, url="", instead_of="")

    assert uploads(settings) == []


def test_the_work_has_its_place_in_the_table() -> None:
    assert WORK[FETCHES].failed is fetching_failed
