"""A service of our own on loopback, which answers as a test tells it."""

import gzip
import json
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit


class Asked(NamedTuple):
    """A request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


Respond = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.service.asked.append(Asked(self.command, parts.path, query, headers, body))
        self.server.service.callers.add(self.client_address[1])
        self.server.service.response_to(parts.path)(self)

    do_POST = do_GET  # noqa: N815 - named by http.server

    def log_message(self, *_text: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    service: "Service"

    def handle_error(self, *_where: Any) -> None:
        """A client that leaves is nothing to tell of."""


class Service:
    def __init__(self, context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self.asked: list[Asked] = []
        self.callers: set[int] = set()
        """The ports they called from: one for each connection."""
        self.responses: dict[str, list[Respond]] = {}
        self.over = threading.Event()
        self._server = Server((host, 0), Handler)
        self._server.service = self
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.authority = f"{host}:{self._server.server_address[1]}"
        self.url = f"{'https' if context else 'http'}://{self.authority}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def on(self, path: str, *responses: Respond) -> None:
        """Answer requests for `path` with these in turn, and with the last for ever."""
        self.responses[path] = list(responses)

    def response_to(self, path: str) -> Respond:
        waiting = self.responses.get(path) or self.responses.get("*") or [sent({}, status=404)]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def running(context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Service]:
    service = Service(context, host)
    try:
        yield service
    finally:
        service.close()


def sent(document: Any, status: int = 200, **headers: str) -> Respond:
    """A JSON document; the names of headers are written with underscores."""
    return raw(json.dumps(document).encode(), status, **headers)


def raw(body: bytes, status: int = 200, **headers: str) -> Respond:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    all_headers = {"Content-Type": "application/json", "Content-Length": str(len(body))} | named

    def respond(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in all_headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return respond


def packed(body: bytes) -> Respond:
    return raw(gzip.compress(body), Content_Encoding="gzip")


def bomb(handler: Handler) -> None:
    raw(bomb_body(), Content_Encoding="gzip")(handler)


@cache
def bomb_body() -> bytes:
    """Return 100 MiB, packed in 100 KiB."""
    packing = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    pieces = [packing.compress(bytes(1 << 20)) for _piece in range(100)]
    return b"".join([*pieces, packing.flush()])


def moved(location: str, status: int = 302) -> Respond:
    return raw(b"", status, Location=location)


def silent(handler: Handler) -> None:
    handler.server.service.over.wait(60)
    handler.close_connection = True


def dropped(handler: Handler) -> None:
    handler.close_connection = True


def dripping(head: bytes) -> Respond:
    """Send `head` at once, and then for ever another letter, each in good time."""

    def respond(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(head)
        while not handler.server.service.over.wait(0.05):
            handler.wfile.write(b"a")

    return respond


def endless(handler: Handler) -> None:
    """Send 100 MiB without saying how much it is."""
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    for _piece in range(100):
        handler.wfile.write(b" " * (1 << 20))


def bytes_alone(sentence: bytes) -> Respond:
    """Send what is no HTTP."""

    def respond(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(sentence)

    return respond


def slow(respond: Respond, seconds: float) -> Respond:
    def late(handler: Handler) -> None:
        time.sleep(seconds)
        respond(handler)

    return late
