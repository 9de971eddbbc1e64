"""Looking at texts: at one's own files, and at those of a release."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from packer_site import work
from packer_site.templatetags.packer import LINES_PER_PART, parts
from releases import actions
from releases.models import Artifact, Release, Source
from tests.factories import make_new, make_operator, make_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
ART = "╔══╗\n║█▓║\n╚══╝\n"
ATTACHED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox",
    "Content-Type": "application/octet-stream",
}


@pytest.fixture
def operator(seeded: None) -> User:
    return make_operator()


@pytest.fixture
def signed_in(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client


@pytest.fixture
def packed(operator: User) -> Release:
    release = actions.create_release(make_new(owner=operator), by=operator)
    work.run(actions.request_packing(release, by=operator).pk)
    release.refresh_from_db()
    return release


def look(client: Client, data: bytes, name: str = "art.nfo", **fields: str) -> Any:
    return client.post("/nfo/", {"file": SimpleUploadedFile(name, data)} | fields)


def shown(response: Any) -> str:
    """Return the text that the viewer of a page shows."""
    found = re.search(r"data-text>\n(.*?)</pre>", response.content.decode(), re.DOTALL)
    assert found
    return unescape(re.sub(r"</?span[^>]*>", "", found[1]))


def errors(response: Any) -> str:
    return " ".join(response.context["form"].errors.get("file", []))


@pytest.mark.parametrize("encoding", ["cp437", "utf-8", "utf-16"])
def test_a_file_is_shown_as_it_was_drawn(signed_in: Client, encoding: str) -> None:
    page = look(signed_in, ART.replace("\n", "\r\n").encode(encoding))

    assert shown(page) == ART
    assert f'<span class="badge">{encoding}</span>' in page.content.decode()


def test_an_encoding_that_is_named_is_used(signed_in: Client) -> None:
    page = look(signed_in, b"\xe9t\xe9", encoding="cp1252")

    assert shown(page) == "été\n"


def test_an_ansi_drawing_is_shown_without_its_colours(signed_in: Client) -> None:
    page = look(signed_in, b"\x1b[1;31m\xdb\x1b[5C\xdb\x1b[0m\r\n", "art.ans")

    assert shown(page) == "█     █\n"
    assert b"drawn in colours" in page.content


def test_lines_before_the_text_are_kept(signed_in: Client) -> None:
    assert shown(look(signed_in, b"\n\nthird line")) == "\n\nthird line\n"


def test_nothing_is_kept_of_what_is_looked_at(signed_in: Client, settings: Settings) -> None:
    look(signed_in, ART.encode())

    assert not Source.objects.exists()
    assert [path for path in settings.DATA_DIR.rglob("*") if "art" in path.name] == []
    assert not list(settings.UPLOADS_DIR.glob(".upload-*"))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\x7fELF\0\0\0\0\0\0", "no text"),
        (b"%PDF-1.7 and more", "no text"),
        (b"<!DOCTYPE html><title>404</title>", "web page"),
        (b"\xef\xbb\xbf\r\n <html><body>", "web page"),
        (b"x" * ((1 << 20) + 1), "at most 1"),
        (b"", "empty"),
    ],
)
def test_what_is_no_nfo_is_refused(signed_in: Client, data: bytes, sentence: str) -> None:
    page = look(signed_in, data)

    assert page.status_code == 200
    assert sentence in errors(page)
    assert b"data-viewer-text" not in page.content


def test_a_file_in_another_encoding_than_is_said_is_refused(signed_in: Client) -> None:
    page = look(signed_in, "█".encode("cp437"), encoding="utf-8")

    assert "choose another encoding" in errors(page)


def test_no_file_is_asked_for(signed_in: Client) -> None:
    assert "Choose a file." in errors(signed_in.post("/nfo/"))


def test_only_who_is_signed_in_can_look(client: Client) -> None:
    for url in ("/nfo/", "/nfo/download/"):
        assert client.post(url).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("kind", "name", "start"),
    [
        ("nfo", "art.nfo", ART.replace("\n", "\r\n").encode("cp437")),
        ("png", "art.png", b"\x89PNG"),
        ("png-light", "art.png", b"\x89PNG"),
        ("svg", "art.svg", b"<svg "),
    ],
)
def test_what_is_shown_is_downloaded(
    signed_in: Client, operator: User, kind: str, name: str, start: bytes
) -> None:
    release = make_release(owner=operator, nfo=ART, name="art")

    posted = signed_in.post("/nfo/download/", {"text": ART, "name": "art.nfo", "as": kind})
    got = signed_in.get(f"{release.get_absolute_url()}nfo/?as={kind}")

    for sent in (posted, got):
        assert sent.content.startswith(start)
        assert sent.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert ATTACHED.items() <= dict(sent.headers).items()


def test_a_text_too_large_for_a_picture_is_refused(signed_in: Client, operator: User) -> None:
    release = make_release(owner=operator, nfo="x" * 900)

    for kind in ("png", "svg"):
        sent = signed_in.get(f"{release.get_absolute_url()}nfo/?as={kind}")
        assert sent.status_code == 400
        assert b"400 columns" in sent.content or b"too large" in sent.content


def test_a_release_shows_its_nfo_and_where_to_get_it(signed_in: Client, operator: User) -> None:
    release = make_release(owner=operator, nfo=ART)

    page = signed_in.get(release.get_absolute_url())

    assert shown(page) == ART
    assert f'href="{release.get_absolute_url()}nfo/?as=svg"' in page.content.decode()


def test_each_text_of_a_release_can_be_viewed(signed_in: Client, packed: Release) -> None:
    listed = signed_in.get(f"{packed.get_absolute_url()}files/").content.decode()

    for artifact in packed.artifacts.all():
        url = view_of(artifact)
        assert (url in listed) == artifact.is_text
        if artifact.is_text:
            text = shown(signed_in.get(url))
            raw = artifact.file.read_bytes().decode("cp437")
            assert text.split() == raw.split()
    assert {one.kind for one in packed.artifacts.all() if one.is_text} >= {"nfo", "sfv"}


def view_of(artifact: Artifact) -> str:
    return f"/releases/{artifact.release_id}/files/{artifact.pk}/view/"


def test_a_text_of_a_release_is_sent_as_a_picture(signed_in: Client, packed: Release) -> None:
    sent = signed_in.get(f"{view_of(packed.artifacts.get(kind='nfo'))}?as=png")

    assert sent.content.startswith(b"\x89PNG")


def test_a_text_that_is_gone_or_none_any_more_is_told(signed_in: Client, packed: Release) -> None:
    artifact = packed.artifacts.get(kind="nfo")
    artifact.file.write_bytes(b"\0" * 90)
    binary = signed_in.get(view_of(artifact))
    artifact.file.write_bytes(b"x" * ((1 << 20) + 1))
    large = signed_in.get(view_of(artifact))
    artifact.file.unlink()
    gone = signed_in.get(view_of(artifact))

    for page, sentence in (
        (binary, "is no text"),
        (large, "File too large"),
        (gone, "No such file"),
    ):
        assert page.status_code == 409
        assert sentence in page.content.decode()
        assert f"/files/{artifact.pk}/" in page.content.decode()


def test_a_link_is_not_followed_out_of_a_release(signed_in: Client, packed: Release) -> None:
    artifact = packed.artifacts.get(kind="nfo")
    elsewhere = artifact.file.parent / "elsewhere"
    elsewhere.write_text("a secret")
    artifact.file.unlink()
    artifact.file.symlink_to(elsewhere)

    assert b"a secret" not in signed_in.get(view_of(artifact)).content


def test_the_texts_of_others_are_not_found(signed_in: Client, packed: Release) -> None:
    artifact = packed.artifacts.get(kind="nfo")
    other = make_release(owner=packed.created_by)
    assert signed_in.get(f"/releases/{other.pk}/files/{artifact.pk}/view/").status_code == 404

    signed_in.force_login(make_operator())

    assert signed_in.get(view_of(artifact)).status_code == 404
    assert signed_in.get(f"{packed.get_absolute_url()}nfo/").status_code == 404


def test_looking_costs_few_queries(
    signed_in: Client, packed: Release, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(10):
        signed_in.get(view_of(packed.artifacts.get(kind="nfo")))
    with django_assert_max_num_queries(10):
        look(signed_in, ART.encode())


def test_markup_is_shown_as_text(signed_in: Client) -> None:
    evil = "a </pre></textarea><script>alert(1)</script>"

    page = look(signed_in, evil.encode(), '"><script>alert(2)</script>.nfo')

    assert shown(page) == f"{evil}\n"
    assert b"<script>alert" not in page.content


@pytest.mark.parametrize("lines", [0, 1, LINES_PER_PART - 1, LINES_PER_PART, 2 * LINES_PER_PART])
@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\r"])
def test_parts_make_the_whole_text(lines: int, end: str) -> None:
    text = "\n".join(map(str, range(lines))) + end

    found = list(parts(text))

    assert "".join(found) == text
    assert all(part.endswith("\n") for part in found[:-1])
