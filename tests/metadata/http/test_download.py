"""A file of the web arrives whole, goes on where it was cut, and ends in a sentence if not."""

import hashlib
import random
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from network import addresses
from releases.metadata.http import NotAllowed, Unreachable, download, target
from releases.metadata.http.download import Access, Fetched, fetched
from releases.metadata.http.naming import file_name
from tests.metadata.service import (
    Handler,
    Respond,
    Service,
    dripping,
    moved,
    raw,
    running,
    silent,
)

CONTENT = random.Random(3).randbytes(300_000)
MOST = 1 << 30


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "BACK_OFF_S", 0.001)


def fetch(service: Service, path: str = "/book.epub", **more: Any) -> tuple[Fetched, bytes]:
    """Return what came, and the bytes of the file."""
    access: dict[str, Any] = {
        "allowed_hosts": frozenset([service.authority]),
        "most_bytes": MOST,
    } | more
    with Path(f"/tmp/{threading.get_ident()}.part").open("w+b") as file:
        Path(file.name).unlink()
        found = fetched(service.url + path, file, Access(**access))
        file.seek(0)
        return found, file.read()


def file_of(content: bytes = CONTENT, etag: str = '"one"', cut_at: int | None = None) -> Respond:
    """A server that keeps to ranges, and drops the line after `cut_at` bytes of an answer."""

    def respond(handler: Handler) -> None:
        start = 0
        asked = handler.headers.get("Range", "")
        if asked and handler.headers.get("If-Range") == etag:
            start = int(asked.removeprefix("bytes=").partition("-")[0])
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        handler.send_header("ETag", etag)
        handler.send_header("Content-Length", str(len(content) - start))
        handler.end_headers()
        handler.wfile.write(content[start:] if cut_at is None else content[start:][:cut_at])
        handler.close_connection = cut_at is not None

    return respond


def test_a_file_comes_whole_with_its_name_and_sum(service: Service) -> None:
    service.on("/book.epub", file_of())

    found, content = fetch(service)

    assert content == CONTENT
    assert found == Fetched(
        name="book.epub", size=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest()
    )


def test_a_cut_goes_on_where_it_was(service: Service) -> None:
    service.on("/book.epub", file_of(cut_at=100_000), file_of(cut_at=100_000), file_of())

    found, content = fetch(service)

    assert content == CONTENT
    assert found.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert [one.headers.get("range") for one in service.asked] == [
        None,
        "bytes=100000-",
        "bytes=200000-",
    ]
    assert service.asked[1].headers["if-range"] == '"one"'


def test_a_file_that_changed_meanwhile_is_begun_anew(service: Service) -> None:
    other = CONTENT[::-1]
    service.on("/book.epub", file_of(cut_at=100_000), file_of(other, '"two"'))

    found, content = fetch(service)

    assert content == other
    assert found.sha256 == hashlib.sha256(other).hexdigest()


def test_a_server_that_ignores_the_tag_is_not_believed(service: Service) -> None:
    """It goes on with another file, as if it were the same."""

    def careless(handler: Handler) -> None:
        raw(
            CONTENT[::-1][100_000:],
            206,
            ETag='"two"',
            Content_Range=f"bytes 100000-{len(CONTENT) - 1}/{len(CONTENT)}",
        )(handler)

    service.on("/book.epub", file_of(cut_at=100_000), careless, file_of())

    assert fetch(service)[1] == CONTENT


def test_a_server_that_keeps_to_no_range_sends_it_again(service: Service) -> None:
    service.on("/book.epub", file_of(etag="", cut_at=100_000), file_of(etag=""))

    assert fetch(service)[1] == CONTENT
    assert "range" not in service.asked[1].headers


def test_a_server_that_cuts_for_ever_is_given_up(service: Service) -> None:
    service.on("/book.epub", file_of(etag="", cut_at=100))

    with pytest.raises(Unreachable, match="broke off the connection"):
        fetch(service)

    assert len(service.asked) == download.TRIES


def test_a_busy_server_is_asked_again(service: Service) -> None:
    service.on("/book.epub", raw(b"", 503), raw(b"", 429, Retry_After="0"), file_of())
    heard: list[Unreachable] = []

    assert fetch(service, note=heard.append)[1] == CONTENT
    assert [str(one)[-40:] for one in heard] == [
        "is out of order (HTTP 503): try again later."[-40:],
        "is out of order (HTTP 429): try again later."[-40:],
    ]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(401, "those who log in"), (403, "those who log in"), (404, "no file"), (410, "no file")],
)
def test_a_refusal_is_told_at_once(service: Service, status: int, sentence: str) -> None:
    service.on("/book.epub", raw(b"no", status))

    with pytest.raises(Unreachable, match=sentence):
        fetch(service)

    assert len(service.asked) == 1


def test_a_file_that_is_too_large_is_refused_before_it_comes(service: Service) -> None:
    service.on("/book.epub", raw(b"", Content_Length=str(1 << 60)))

    with pytest.raises(NotAllowed, match=r"sends more than 1\.0 GiB"):
        fetch(service)


def endless(handler: Handler) -> None:
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while not handler.server.service.over.is_set():
        handler.wfile.write(bytes(1 << 16))


def test_a_file_of_untold_size_is_refused_where_it_finds_no_room_any_more(service: Service) -> None:
    service.on("/book.epub", endless)

    def refuse(done: int, more: int) -> None:
        if done + more > 20 << 20:
            raise RuntimeError("no room")

    with pytest.raises(RuntimeError, match="no room"):
        fetch(service, has_room=refuse)


def test_a_file_of_untold_size_is_refused_where_it_grows_too_large(service: Service) -> None:
    service.on("/book.epub", endless)

    with pytest.raises(NotAllowed, match="too much"):
        fetch(service, most_bytes=1 << 20)


def test_a_file_without_room_is_refused_before_it_comes(service: Service) -> None:
    service.on("/book.epub", file_of())

    def refuse(_done: int, more: int) -> None:
        raise RuntimeError(f"{more} bytes too many")

    with pytest.raises(RuntimeError, match="300000 bytes too many"):
        fetch(service, has_room=refuse)


@pytest.mark.parametrize("respond", [silent, dripping(b"HTTP/1.1 200 OK\r\n\r\n")])
def test_what_stalls_or_drips_is_given_up(
    service: Service, monkeypatch: pytest.MonkeyPatch, respond: Respond
) -> None:
    monkeypatch.setattr(download, "STALL_S", 0.2)
    monkeypatch.setattr(download, "TRIES", 2)
    service.on("/book.epub", respond)

    with pytest.raises(Unreachable, match="did not answer in time"):
        fetch(service)


def test_a_download_that_stalls_can_be_ended(service: Service) -> None:
    service.on("/book.epub", silent)

    def end() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        fetch(service, watch=end)


def test_a_download_that_runs_can_be_ended(service: Service) -> None:
    service.on("/book.epub", file_of())

    def end(done: int, total: int) -> None:
        assert 0 < done <= total == len(CONTENT)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        fetch(service, progress=end)


def test_redirects_are_followed_to_hosts_that_may_be_called_alone(service: Service) -> None:
    with running() as other:
        other.on("/real.epub", file_of())
        service.on("/book.epub", moved(f"{other.url}/real.epub"))
        both = frozenset([service.authority, other.authority])

        found, content = fetch(service, allowed_hosts=both)
        with pytest.raises(NotAllowed, match=r"Port \d+ of 127\.0\.0\.1 may not"):
            fetch(service)

    assert (found.name, content) == ("real.epub", CONTENT)
    assert len(other.asked) == 1


@pytest.mark.parametrize(
    "location", ["http://127.0.0.1/", "http://169.254.169.254/", "http://[::1]/", "file:///etc"]
)
def test_a_redirect_to_a_private_address_is_refused(service: Service, location: str) -> None:
    service.on("/book.epub", moved(location))

    with pytest.raises(NotAllowed):
        fetch(service)


def test_a_name_that_points_home_the_second_time_is_judged_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding between two tries: each try judges what it calls."""
    judged: list[str] = []
    real: Callable[[str], bool] = addresses.is_public

    def is_public(address: str) -> bool:
        judged.append(address)
        return real(address)

    monkeypatch.setattr(addresses, "is_public", is_public)
    with pytest.raises(NotAllowed, match="not a public address"):
        fetched("http://localhost/", BytesIO(), Access(most_bytes=MOST))

    assert judged
    assert service.asked == []


def test_what_is_packed_for_browsers_is_not_taken(service: Service) -> None:
    service.on("/book.epub", raw(CONTENT, Content_Encoding="gzip"))

    with pytest.raises(Unreachable, match="only packed"):
        fetch(service)

    assert service.asked[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("path", "disposition", "name"),
    [
        ("/a/My%20Book.epub?key=1", "", "My Book.epub"),
        ("/get", 'attachment; filename="My Book.epub"', "My Book.epub"),
        ("/get", "attachment; filename=book.epub", "book.epub"),
        ("/get", "attachment; filename=\"x\"; filename*=UTF-8''%C3%89mile.epub", "Émile.epub"),
        ("/get", "attachment; filename=\"x\"; filename*=undefined''y", "x"),
        ("/get", 'attachment; filename="../../etc/passwd"', "passwd"),
        ("/get", 'attachment; filename="..\\\\..\\\\win.ini"', "win.ini"),
        ("/get", 'attachment; filename="/"', "get"),
        ("/..%2f..%2fetc%2fpasswd", "", "passwd"),
        ("/%00%0a", "", "example.org"),
        ("/", "", "example.org"),
        ("/.htaccess", "", "htaccess"),
        ("/a%3Cb%3E.epub", "", "a-b-.epub"),
        ("/fdp.%E2%80%AEbupe", "", "fdp.bupe"),
    ],
)
def test_a_file_is_called_as_its_server_says_and_as_can_be(
    path: str, disposition: str, name: str
) -> None:
    there = target(f"https://example.org{path}")

    assert file_name(there, {"content-disposition": disposition}) == name


def test_a_long_name_keeps_its_extension() -> None:
    there = target(f"https://example.org/{'é' * 300}.epub".replace("é", "%C3%A9"))

    name = file_name(there, {})

    assert name.endswith("é.epub")
    assert len(name.encode()) <= 200
