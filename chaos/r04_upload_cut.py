"""Uploads are cut, by either side, and resumed; two at one place; one larger than memory."""

import base64
import hashlib
import os
import signal
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection

import httpx

from chaos.ground import Ground, rss_bytes
from chaos.report import Row
from chaos.works import make_book
from tests.instance import Instance, await_web, web_process

TITLE = "upload cut and resumed"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}
PIECE, LEFT = 1 << 20, 1 << 20
HELD_S, MORE_RSS = 30, 64 << 20
OK, NO_CONTENT, ELSEWHERE, HELD = 200, 204, 409, 423


def run(ground: Ground) -> Iterator[Row]:
    size, cuts = ground.of(1024, 64) << 20, ground.of(200, 15)
    content = make_book(ground.folder, size).read_bytes()
    limits = {"MAX_FILE_SIZE": str(64 << 30)}
    instance = ground.served(ground.instance(WORKERS="1", **limits))
    yield from cut_often(ground, instance, content, cuts)
    yield one_of_two(instance, ground.of(50, 10))
    yield larger_than_memory(instance, ground.of(20, 1) << 30)


def begin(api: httpx.Client, size: int, name: str) -> httpx.Response:
    told = f"filename {base64.b64encode(name.encode()).decode()}"
    return api.post("/uploads", headers=TUS | {"Upload-Length": str(size), "Upload-Metadata": told})


def place_of(answer: httpx.Response) -> str:
    return answer.headers["Location"].removeprefix("/api")


def send(api: httpx.Client, place: str, offset: int, content: bytes) -> httpx.Response:
    headers = TUS | BYTES | {"Upload-Offset": str(offset)}
    return api.patch(place, headers=headers, content=content, timeout=600)


def offset_of(api: httpx.Client, place: str) -> int:
    """Return how far the upload is, as soon as the server answers."""
    deadline = time.monotonic() + HELD_S
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            answer = api.head(place, headers=TUS)
            if answer.status_code == OK:
                return int(answer.headers["Upload-Offset"])
        time.sleep(0.1)
    raise RuntimeError("the server does not say how far the upload is")


def cut_often(ground: Ground, instance: Instance, content: bytes, cuts: int) -> Iterator[Row]:
    """Cut by reset, by a client that goes, and now and then by the death of the server."""
    api = instance.api()
    place = place_of(begin(api, len(content), "book.epub"))
    share, before, forward, lost = len(content) // (cuts + 1), 0, 0, 0
    for number in range(cuts):
        offset = offset_of(api, place)
        forward += offset >= before
        kind = ("reset", "gone", "killed")[2 if number % 10 == 9 else number % 2]
        count = ground.chance.randrange(share // 2, share)
        sent = send_in_part(instance, api, place, offset, content[offset : offset + count], kind)
        before = offset
        lost = max(lost, offset + sent - offset_of(api, place))
    yield Row(
        "R4", "cuts: what arrived stays", cuts, forward, f"at most {lost >> 10} KiB sent again"
    )
    answer = finish(api, place, content)
    is_equal = answer.headers.get("Upload-Sha256") == hashlib.sha256(content).hexdigest()
    yield Row("R4", f"{len(content) >> 20} MiB after {cuts} cuts: SHA-256 equal", 1, int(is_equal))


def send_in_part(
    instance: Instance, api: httpx.Client, place: str, offset: int, content: bytes, kind: str
) -> int:
    """Announce more than is sent, then cut; return how much was sent."""
    lines = [
        f"PATCH /api{place} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: {api.headers['Authorization']}",
        f"Upload-Offset: {offset}",
        f"Content-Length: {len(content) + LEFT}",
        *(f"{name}: {value}" for name, value in (TUS | BYTES).items()),
    ]
    with socket.create_connection(("127.0.0.1", instance.port)) as connection:
        with suppress(OSError):
            connection.sendall("\r\n".join([*lines, "", ""]).encode() + content)
        if kind == "killed":
            os.kill(web_process(instance), signal.SIGKILL)
        if kind == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if kind == "killed":
        await_web(instance)
    return len(content)


def finish(api: httpx.Client, place: str, content: bytes) -> httpx.Response:
    """Send what is missing, as soon as nobody else holds the upload."""
    deadline = time.monotonic() + HELD_S
    while True:
        offset = offset_of(api, place)
        answer = send(api, place, offset, content[offset:])
        if answer.status_code not in {ELSEWHERE, HELD} or time.monotonic() > deadline:
            return answer
        time.sleep(0.1)


def one_of_two(instance: Instance, times: int) -> Row:
    first, second = instance.api(), instance.api()
    place, piece, right = place_of(begin(first, times * PIECE + 1, "a.epub")), os.urandom(PIECE), 0
    with ThreadPoolExecutor(2) as both:
        for number in range(times):
            sent = [both.submit(send, api, place, number * PIECE, piece) for api in (first, second)]
            statuses = sorted(one.result().status_code for one in sent)
            right += statuses[0] == NO_CONTENT and statuses[1] in {ELSEWHERE, HELD}
    first.delete(place, headers=TUS)
    return Row("R4", "two PATCHes at one offset: one 204, one refused", times, right)


def larger_than_memory(instance: Instance, size: int) -> Row:
    """Send zeros, which take no room where the file system keeps none for them."""
    api, web = instance.api(), web_process(instance)
    begun = begin(api, size + 1, "large.mkv")
    if "Location" not in begun.headers:
        return Row("R4", "a large upload", 0, 0, not_run=begun.text[:120])
    place, before, most, piece = place_of(begun), rss_bytes(web), 0, bytes(PIECE)
    connection = HTTPConnection("127.0.0.1", instance.port, timeout=60)
    connection.putrequest("PATCH", f"/api{place}")
    told = {"Upload-Offset": "0", "Content-Length": str(size)}
    for name, value in (TUS | BYTES | told).items():
        connection.putheader(name, value)
    connection.putheader("Authorization", api.headers["Authorization"])
    connection.endheaders()
    for number in range(size // PIECE):
        connection.send(piece)
        if number % 64 == 0:
            most = max(most, rss_bytes(web) - before)
    is_done = connection.getresponse().status == NO_CONTENT
    api.delete(place, headers=TUS)
    figures = f"{most >> 20} MiB more memory at most"
    return Row("R4", f"{size >> 30} GiB sent", 1, int(is_done and most <= MORE_RSS), figures)
