"""A body is taken however it is sent, and one that is too long costs nothing."""

import json
import socket
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_django import Settings

from api.streamed import BODY, Message, Receive, Scope, Send
from packer_site.bodies import measured
from tests.instance import PASSWORD, Instance, running_instance, web_process
from tests.loops import run

JSON = (b"content-type", b"application/json")
CHUNKED = {"Content-Type": "application/json"}
"""What httpx is given as an iterator, it sends in chunks."""
DISCONNECT = {"type": "http.disconnect"}
PIECE = b"x" * 65_536


def part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def heard(
    messages: Iterable[Message], *headers: tuple[bytes, bytes], **other: Any
) -> tuple[bytes, dict[bytes, bytes], list[Message]]:
    """Return the body and headers that an application gets, and the messages it did not take."""
    arriving = iter(messages)
    taken: list[Any] = []

    async def application(scope: Scope, receive: Receive, _send: Send) -> None:
        body, is_over = b"", False
        while not is_over:
            message = await receive()
            body += message["body"]
            is_over = not message["more_body"]
        taken.extend([body, dict(scope["headers"]), list(arriving)])

    async def receive() -> Message:
        return next(arriving)

    async def send(_message: Message) -> None:
        """Nothing is answered."""

    async def serve() -> None:
        scope = {"type": "http", "method": "POST", "path": "/", "headers": [*headers]} | other
        await measured(application)(scope, receive, send)

    run(serve())
    return taken[0], taken[1], taken[2]


@pytest.fixture
def limit(settings: Settings) -> int:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    return 10


def test_a_body_in_chunks_gets_its_length() -> None:
    body, headers, _ = heard([part(b"{}"), part(b"  ", more=False)], JSON)

    assert body == b"{}  "
    assert headers[b"content-length"] == b"4"


def test_no_body_gets_no_length() -> None:
    _, headers, _ = heard([part(b"", more=False)])

    assert b"content-length" not in headers


def test_a_length_that_is_told_stays_alone() -> None:
    _, headers, _ = heard([part(b"{}", more=False)], JSON, (b"content-length", b"2"))

    assert headers == dict([JSON, (b"content-length", b"2")])


def test_no_more_is_taken_than_the_site_reads(limit: int) -> None:
    body, headers, rest = heard([part(b"12345")] * 9, JSON)

    assert body == b"1234512345"
    assert int(headers[b"content-length"]) > limit
    assert len(rest) == 6


def test_of_what_is_announced_too_long_nothing_is_taken(limit: int) -> None:
    body, _, rest = heard([part(b"12345")] * 9, JSON, (b"content-length", b"45"))

    assert body == b""
    assert len(rest) == 9


FORM = (b"content-type", b"Multipart/Form-Data; boundary=x")


@pytest.mark.parametrize(
    "shown", [(b"authorization", b"Bearer x"), (b"cookie", b"theme=dark; sessionid=x")]
)
def test_a_form_with_files_may_be_long(limit: int, shown: tuple[bytes, bytes]) -> None:
    body, headers, _ = heard([*[part(b"12345")] * 9, part(b"", more=False)], FORM, shown)

    assert len(body) == int(headers[b"content-length"]) == 45


def test_nobody_sends_long_forms(limit: int) -> None:
    theme = (b"cookie", b"theme=dark")

    body, _, untaken = heard([*[part(b"12345")] * 9, part(b"", more=False)], FORM, theme)

    assert len(body) <= limit
    assert untaken


def test_what_is_read_as_it_arrives_is_let_alone(limit: int) -> None:
    body, headers, _ = heard([part(b"1" * 45, more=False)], **{BODY: object()})

    assert len(body) == 45
    assert headers == {}


def test_an_application_hears_of_the_end_of_a_connection_alone(limit: int) -> None:
    async def application(_scope: Scope, receive: Receive, _send: Send) -> None:
        assert await receive() == part(b"", more=False)
        assert await receive() == DISCONNECT

    async def serve() -> None:
        arriving = iter([part(b"1" * 45), part(b"1" * 45, more=False), DISCONNECT])

        async def receive() -> Message:
            return next(arriving)

        await measured(application)({"type": "http", "headers": [JSON]}, receive, receive)  # type: ignore[arg-type]  # nothing is sent

    run(serve())


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with running_instance(tmp_path_factory.mktemp("instance")) as running:
        yield running


def deleted_bytes(pid: int) -> int:
    """Return how much the process has written where nobody sees it."""
    folder = Path(f"/proc/{pid}/fd")
    kept = [one for one in folder.iterdir() if "(deleted)" in str(one.readlink())]
    return sum(one.stat().st_size for one in kept)


@pytest.mark.slow
def test_programs_may_send_json_and_forms_in_chunks(instance: Instance) -> None:
    asked = json.dumps({"username": "admin", "password": PASSWORD}).encode()
    form = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="2023_EBOOK.nfo"\r\n'
        b"\r\nThe [2023] eBook Standards\r\n\r\n--x--\r\n"
    )

    signed_in = httpx.post(
        f"{instance.url}/api/auth/login", content=iter([asked[:9], asked[9:]]), headers=CHUNKED
    )
    uploaded = instance.api().post(
        "/rules/upload",
        content=iter([form]),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )

    assert signed_in.status_code == 200, signed_in.text
    assert uploaded.status_code == 200, uploaded.text


@pytest.mark.slow
@pytest.mark.parametrize("is_told", [True, False])
@pytest.mark.parametrize("path", ["/auth/login", "/wizard/step/1/save", "/wizard/pack"])
def test_ten_megabytes_of_json_are_refused(instance: Instance, path: str, *, is_told: bool) -> None:
    pieces = [b'{"username": "', *[PIECE] * 160, b'"}']
    content = b"".join(pieces) if is_told else iter(pieces)

    answer = instance.api().post(path, content=content, headers=CHUNKED)

    assert (answer.status_code, answer.json()["error"]) == (413, "PayloadTooLarge")
    assert answer.headers["X-Request-ID"]


@pytest.mark.slow
def test_a_body_without_end_fills_no_disk(instance: Instance) -> None:
    head = b"POST /api/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    head += b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%s\r\n" % (len(PIECE), PIECE)

    with closing(socket.create_connection(("127.0.0.1", instance.port), timeout=60)) as connection:
        connection.sendall(head)
        for _ in range(800):
            connection.sendall(chunk)
        assert deleted_bytes(web_process(instance)) < 5_000_000
        assert connection.recv(12) == b"HTTP/1.1 413"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("length", "begins"),
    [("-5", 400), ("abc", 400), ("5\r\nContent-Length: 9", 400), (10**13, 413)],
)
def test_a_length_that_is_a_lie_is_refused_at_once(
    instance: Instance, length: object, begins: int
) -> None:
    head = "POST /api/auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"

    with closing(socket.create_connection(("127.0.0.1", instance.port), timeout=60)) as connection:
        connection.sendall(f'{head}Content-Length: {length}\r\n\r\n{{"a": 1}}'.encode())
        assert connection.recv(12) == f"HTTP/1.1 {begins}".encode()
    assert httpx.get(f"{instance.url}/livez").text == "ok"
