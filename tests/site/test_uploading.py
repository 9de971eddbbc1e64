"""Uploads to a whole instance: cuts, deaths, races, and how much memory they take."""

import base64
import hashlib
import os
import random
import signal
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.factories import make_book
from tests.instance import Instance, await_web, running_instance, web_process

pytestmark = pytest.mark.slow
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}
HELD_S = 20
"""Longer than an upload is held by a server that died."""


def begin(api: httpx.Client, size: int, name: str = "book.epub") -> str:
    told = f"filename {base64.b64encode(name.encode()).decode()}"
    headers = TUS | {"Upload-Length": str(size), "Upload-Metadata": told}
    answer = api.post("/uploads", headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"].removeprefix("/api")


def offset_of(api: httpx.Client, place: str) -> int:
    answer = api.head(place, headers=TUS)
    assert answer.status_code == 200
    return int(answer.headers["Upload-Offset"])


def send(api: httpx.Client, place: str, offset: int, content: bytes) -> httpx.Response:
    return api.patch(place, headers=TUS | BYTES | {"Upload-Offset": str(offset)}, content=content)


def send_in_part(api: httpx.Client, place: str, offset: int, content: bytes, count: int) -> None:
    """Send no more than `count` bytes of what is announced, then reset the connection."""
    address = (api.base_url.host, api.base_url.port or 80)
    with socket.create_connection(address) as connection:
        lines = [
            f"PATCH /api{place} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: {api.headers['Authorization']}",
            f"Upload-Offset: {offset}",
            f"Content-Length: {len(content)}",
            *(f"{name}: {value}" for name, value in (TUS | BYTES).items()),
        ]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + content[:count])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def finish(api: httpx.Client, place: str, content: bytes) -> httpx.Response:
    """Send all that is missing, as soon as nobody else holds the upload."""
    deadline = time.monotonic() + HELD_S
    while time.monotonic() < deadline:
        offset = offset_of(api, place)
        answer = send(api, place, offset, content[offset:])
        if answer.status_code not in {409, 423}:
            return answer
        time.sleep(0.1)
    raise AssertionError("the upload is held for ever")


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with running_instance(tmp_path_factory.mktemp("instance")) as running:
        yield running


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    """A book of some MiB, which the server examines at the end."""
    return make_book(tmp_path, size_bytes=24_000_000).read_bytes()


def test_an_upload_cut_many_times_arrives_whole(instance: Instance, content: bytes) -> None:
    api, dice = instance.api(), random.Random(1)
    place = begin(api, len(content))

    before = 0
    for _ in range(40):
        offset = offset_of(api, place)
        assert offset >= before
        before = offset
        send_in_part(api, place, offset, content[offset:], dice.randrange(1 << 20))
    answer = finish(api, place, content)

    assert answer.status_code == 204, answer.text
    assert answer.headers["Upload-Sha256"] == hashlib.sha256(content).hexdigest()
    assert before > 0


def test_an_upload_survives_the_death_of_the_server(instance: Instance, content: bytes) -> None:
    api = instance.api()
    place = begin(api, len(content))
    half = len(content) // 2
    assert send(api, place, 0, content[:half]).status_code == 204

    killed = web_process(instance)

    def body() -> Iterator[bytes]:
        yield content[half : half + (4 << 20)]
        os.kill(killed, signal.SIGKILL)
        yield content[half + (4 << 20) :]

    with pytest.raises(httpx.TransportError):
        api.patch(place, headers=TUS | BYTES | {"Upload-Offset": str(half)}, content=body())
    await_web(instance)

    assert offset_of(api, place) >= half
    answer = finish(api, place, content)
    assert answer.headers["Upload-Sha256"] == hashlib.sha256(content).hexdigest()


def test_of_two_that_add_at_one_place_one_is_heard(instance: Instance) -> None:
    first, second = instance.api(), instance.api()
    place = begin(first, 100_000_000)
    piece = os.urandom(1 << 20)

    with ThreadPoolExecutor(2) as both:
        for number in range(20):
            at = number * len(piece)
            sent = [both.submit(send, api, place, at, piece) for api in (first, second)]
            statuses = sorted(one.result().status_code for one in sent)
            assert statuses[0] == 204
            assert statuses[1] in {409, 423}

    assert offset_of(first, place) == 20 * len(piece)


def test_a_connection_serves_on_after_a_refusal(instance: Instance) -> None:
    api = instance.api()
    place = begin(api, 10_000_000)

    for offset, expected in ((5, 409), (0, 204), (0, 409)):
        assert send(api, place, offset, bytes(5_000_000)).status_code == expected

    assert offset_of(api, place) == 5_000_000


def test_a_large_upload_takes_little_memory(instance: Instance) -> None:
    api = instance.api()
    size, piece = 1 << 30, bytes(1 << 20)
    place = begin(api, size + 1, "large.mkv")
    send(api, place, 0, b"x")
    web = Path(f"/proc/{web_process(instance)}")
    (web / "clear_refs").write_text("5")
    before = peak_bytes(web)

    body = (piece for _ in range(size // len(piece) - 1))
    headers = TUS | BYTES | {"Upload-Offset": "1", "Content-Length": str(size - len(piece))}
    answer = api.patch(place, headers=headers, content=body)

    assert answer.status_code == 204
    assert peak_bytes(web) - before <= 64 << 20
    assert api.delete(place, headers=TUS).status_code == 204


def peak_bytes(process: Path) -> int:
    (line,) = [
        line for line in (process / "status").read_text().splitlines() if line.startswith("VmHWM")
    ]
    return int(line.split()[1]) << 10
