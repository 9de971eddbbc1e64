"""How fast files arrive in pieces, against a server that does nothing but write them.

`python -m benchmarks.uploads` sends the same file to both, in turns, through the same web server
on this machine. Both have it on the disk when they answer; ours has its SHA-256 as well.
"""

import base64
import os
import socket
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPResponse
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.measuring import Clock, Row, show, table
from tests.instance import Instance, free_port, running_instance

BARE_FOLDER = "BARE_FOLDER"
BARE, OURS, PIECES = "a bare writer", "an upload, in one PATCH", "an upload, in pieces of 32 MiB"
ROWS = (Row(BARE, BARE), Row(OURS, BARE, 2.0), Row(PIECES, BARE, 2.0))
PIECE_BYTES = 32 << 20
Message = Mapping[str, Any]
numbers = count(1)


async def bare(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Write the body to a new file, as it comes; what is served under the name of this module."""
    path = Path(os.environ[BARE_FOLDER]) / str(next(numbers))
    with path.open("wb", buffering=0) as file:
        is_more = True
        while is_more:
            message = await receive()
            file.write(message.get("body", b""))
            is_more = message.get("more_body", False)
        os.fdatasync(file.fileno())
    path.unlink()
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def main() -> None:
    parser = ArgumentParser()
    parser.add_argument("--mebibytes", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        measure(Path(made), options.mebibytes << 20, options.rounds)


def measure(folder: Path, size: int, rounds: int) -> None:
    file, clock = folder / "file", Clock()
    file.write_bytes(os.urandom(1 << 20) * (size >> 20))
    (folder / "data").mkdir()
    with running_instance(folder / "data") as instance, bare_server(folder) as port:
        for _ in range(rounds):
            clock.time(BARE, lambda: send(port, "PATCH /", {}, file, 0, size))
            clock.time(OURS, lambda: upload(instance, file, size, size))
            clock.time(PIECES, lambda: upload(instance, file, size, PIECE_BYTES))
    show(f"Uploads, {size >> 20} MiB", table(ROWS, clock))
    for row in ROWS:
        sys.stdout.write(f"  {row.name:44} {size / clock.median(row.name) / 1e6:7.0f} MB/s\n")


@contextmanager
def bare_server(folder: Path) -> Iterator[int]:
    port = free_port()
    server = [sys.executable, "-m", "uvicorn", "benchmarks.uploads:bare", "--lifespan", "off"]
    process = subprocess.Popen(
        [*server, "--port", str(port), "--log-level", "warning"],
        env=os.environ | {BARE_FOLDER: str(folder)},
    )
    await_port(port)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def await_port(port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return


def upload(instance: Instance, file: Path, size: int, piece: int) -> None:
    """Send `file` but for its last byte: what follows is the same however it came."""
    api = instance.api()
    tus = {"Tus-Resumable": "1.0.0", "Authorization": api.headers["Authorization"]}
    named = {"Upload-Metadata": f"filename {base64.b64encode(b'file.mkv').decode()}"}
    begun = api.post("/uploads", headers=tus | named | {"Upload-Length": str(size + 1)})
    place = begun.headers["Location"]
    for at in range(0, size, piece):
        told = tus | {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        send(instance.port, f"PATCH {place}", told, file, at, min(piece, size - at))
    api.delete(place.removeprefix("/api"), headers=tus)


def send(port: int, asked: str, headers: Mapping[str, str], file: Path, at: int, size: int) -> None:
    lines = [f"{asked} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {size}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection(("127.0.0.1", port)) as connection, file.open("rb") as content:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        connection.sendfile(content, at, size)
        answer = HTTPResponse(connection)
        answer.begin()
        if answer.status >= 400:  # noqa: PLR2004  # an error
            raise RuntimeError(answer.read())


if __name__ == "__main__":
    main()
