"""Where messages arrive, once it is there: by mail, at a webhook, at a service."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer, StreamRequestHandler, ThreadingTCPServer
from types import TracebackType
from typing import Any, Self

ANSWERS = {b"DATA": b"354 Go on\r\n", b"QUIT": b"221 Bye\r\n"}


class Mailbox:
    """Servers on ports that are dead until it is entered."""

    def __init__(self, mail: int, hook: int, service: int) -> None:
        self.mail, self.hook, self.service = mail, hook, service
        self.came: list[tuple[str, str]] = []
        """Type of the channel; number of the message, or its title where no number comes."""
        self._servers: list[BaseServer] = []

    def __enter__(self) -> Self:
        came = self.came

        class Postman(Mail):
            def arrived(self, number: str) -> None:
                came.append(("MAIL", number))

        class Hook(Web):
            def arrived(self, _body: bytes) -> None:
                came.append(("WEBHOOK", self.headers["X-Packer-Message"]))

        class Service(Web):
            def arrived(self, body: bytes) -> None:
                came.append(("APPRISE", json.loads(body)["title"]))

        self._servers = [
            Post(("127.0.0.1", self.mail), Postman),
            ThreadingHTTPServer(("127.0.0.1", self.hook), Hook),
            ThreadingHTTPServer(("127.0.0.1", self.service), Service),
        ]
        for server in self._servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()


class Post(ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


class Mail(StreamRequestHandler):
    """Speaks as much SMTP as takes in a mail."""

    def handle(self) -> None:
        self.wfile.write(b"220 .\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            self.wfile.write(ANSWERS.get(word, b"250 .\r\n"))
            if word == b"DATA":
                self.arrived(self._number())
                self.wfile.write(b"250 .\r\n")
            if word == b"QUIT":
                return

    def _number(self) -> str:
        number = ""
        for line in iter(self.rfile.readline, b".\r\n"):
            if line.lower().startswith(b"message-id:"):
                number = line.decode().partition("<")[2].partition("@")[0]
        return number

    def arrived(self, number: str) -> None:
        """Note the mail of this number."""
        raise NotImplementedError


class Web(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.arrived(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def arrived(self, body: bytes) -> None:
        """Note what came."""
        raise NotImplementedError

    def log_message(self, *_said: Any) -> None:
        """Say nothing."""
