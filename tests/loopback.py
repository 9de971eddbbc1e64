"""Providers of metadata on this machine, which answer what a test tells them to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

VOLUME = {
    "id": "zyTCAlFPjgYC",
    "volumeInfo": {
        "title": "Some Book",
        "authors": ["Ann Author"],
        "publisher": "Google's Publisher",
        "publishedDate": "2021-05-01",
        "language": "en",
        "pageCount": 321,
        "industryIdentifiers": [{"type": "ISBN_13", "identifier": "9780306406157"}],
    },
}
WORK = {
    "key": "/works/OL1W",
    "title": "Some Book",
    "author_name": ["Ann Author"],
    "publisher": ["Open Publisher"],
    "first_publish_year": 2020,
    "language": ["eng"],
}


class LoopbackProviders:
    """Answers each path by what `answers` holds for it; notes all that it is asked."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.host = f"127.0.0.1:{port}"
        self.asked: list[str] = []
        """Path and query of every request."""
        self.answers: dict[str, tuple[int, Any]] = {
            "/OpenLibrary/search.json": (200, {"docs": [WORK]}),
            "/OpenLibrary/api/books": (200, {}),
            "/GoogleBooks/volumes": (200, {"items": [VOLUME]}),
        }

    def url(self, name: str) -> str:
        return f"http://{self.host}/{name}"

    def keys(self, name: str) -> list[str]:
        """Return the keys that the provider `name` was shown in its queries."""
        queries = [parse_qs(urlsplit(one).query) for one in self.asked if f"/{name}/" in one]
        return [query["key"][0] for query in queries if "key" in query]


@contextmanager
def loopback_providers() -> Iterator[LoopbackProviders]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            providers.asked.append(self.path)
            status, document = providers.answers.get(urlsplit(self.path).path, (404, {}))
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_about: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    providers = LoopbackProviders(server.server_port)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield providers
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
