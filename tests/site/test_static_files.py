"""What a page weighs, and how it travels."""

import gzip
import re
from typing import Any

import pytest
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from packer_site.middleware import Compressed
from tests.factories import make_admin, make_release

ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')
LONG = b"what is said again and again " * 100
MOST_BYTES = 200 * 1024
GZIP: dict[str, Any] = {"HTTP_ACCEPT_ENCODING": "gzip, deflate, br"}


def sent(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture
def admin(client: Client) -> None:
    client.force_login(make_admin())


@pytest.mark.django_db
@pytest.mark.usefixtures("seeded", "admin")
@pytest.mark.parametrize(
    "path", ["/", "/releases/", "/jobs/", "/rules/", "/templates/", "/preferences/", "/nfo/"]
)
def test_a_page_with_all_that_it_loads_is_light(client: Client, path: str) -> None:
    make_release()
    page = client.get(path, **GZIP)
    text = gzip.decompress(page.content).decode()

    weights = {url: len(sent(client.get(url, **GZIP))) for url in set(ASSET.findall(text))}

    assert len(weights) > 5
    assert len(page.content) + sum(weights.values()) <= MOST_BYTES
    assert not re.search(r'(?:href|src)="(?:https?:)?//', text)


@pytest.mark.django_db
def test_a_style_sheet_is_compressed_and_kept_until_it_changes(client: Client) -> None:
    (url,) = {
        url for url in ASSET.findall(client.get("/welcome/").content.decode()) if "app.css" in url
    }

    plain, packed = client.get(url), client.get(url, **GZIP)

    assert "?v=" in url
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert "immutable" in packed.headers["Cache-Control"]
    assert gzip.decompress(sent(packed)) == sent(plain)
    assert "Content-Encoding" not in plain.headers


def test_a_file_that_one_asks_for_by_name_alone_is_asked_for_again(client: Client) -> None:
    response = client.get("/static/icon.svg", **GZIP)

    assert "immutable" not in response.headers["Cache-Control"]
    assert gzip.decompress(sent(response)).startswith(b"<svg")


@pytest.mark.parametrize(
    ("url", "headers", "status"),
    [
        ("/static/app.css", {"HTTP_RANGE": "bytes=0-9"}, 206),
        ("/static/fonts/dejavu-sans-mono.woff2", {}, 200),
    ],
)
def test_parts_and_fonts_are_sent_as_they_are(
    client: Client, url: str, headers: dict[str, Any], status: int
) -> None:
    response = client.get(url, **GZIP | headers)

    assert response.status_code == status
    assert "Content-Encoding" not in response.headers
    assert sent(response)


def test_what_browsers_have_already_is_not_sent_again(client: Client) -> None:
    first = client.get("/static/app.css", **GZIP)
    sent(first)

    again = client.get("/static/app.css", HTTP_IF_NONE_MATCH=first.headers["ETag"], **GZIP)

    assert again.status_code == 304
    assert "Content-Encoding" not in again.headers


@pytest.mark.parametrize(
    ("answer", "is_compressed"),
    [
        (lambda: HttpResponse(LONG), True),
        (lambda: HttpResponse(b"short"), False),
        (lambda: StreamingHttpResponse([LONG], content_type="text/event-stream"), False),
        (lambda: FileResponse(LONG, as_attachment=True, filename="a.nfo"), False),
        (lambda: HttpResponse(LONG, headers={"Content-Disposition": "attachment"}), False),
    ],
    ids=["page", "short page", "stream", "file", "attachment"],
)
def test_pages_are_compressed_and_neither_streams_nor_downloads(
    rf: RequestFactory, answer: Any, is_compressed: bool
) -> None:
    response: Any = Compressed(lambda request: answer())(rf.get("/", **GZIP))

    assert ("Content-Encoding" in response.headers) == is_compressed
