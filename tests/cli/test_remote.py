"""An instance elsewhere that is not what it should be: each fault has its sentence and its code."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cli.doors import code_of, told
from cli.doors.remote import RemoteDoor
from cli.doors.sending import SMALL_BYTES, file_sent
from cli.exits import Exit, Stop
from packer_site import commands

TOKEN = "rpk_for-this-test-alone"
THEIRS = {"error": "NotFound", "message": "There is nothing at /api/jobs"}


class Reply(NamedTuple):
    status: int
    content: bytes = b""
    headers: dict[str, str] = {}


class Peer(ThreadingHTTPServer):
    """Answers each request with the next of its replies, and the last one for ever."""

    daemon_threads = True

    def __init__(self, *replies: Reply) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.replies = list(replies)
        self.heard: list[tuple[str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def next_reply(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class Answering(BaseHTTPRequestHandler):
    server: Peer

    def do_GET(self) -> None:
        self.server.heard.append((self.path, dict(self.headers)))
        reply = self.server.next_reply()
        self.send_response(reply.status)
        for name, value in {**reply.headers, "Content-Length": str(len(reply.content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.content)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    do_PATCH = do_DELETE = do_POST  # noqa: N815 - the library looks for these names

    def log_message(self, *about: Any) -> None:
        """Say nothing on the terminal of the tests."""


@contextmanager
def peer(*replies: Reply) -> Iterator[Peer]:
    with Peer(*replies) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def document(status: int, content: Any, **headers: str) -> Reply:
    return Reply(status, json.dumps(content).encode(), headers)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("LC_ALL", "LC_MESSAGES", "PACKER_INSECURE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("PACKER_TOKEN", TOKEN)
    return monkeypatch


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://packer.example.org", "PACKER_URL is no address"),
        ("packer.example.org", "PACKER_URL is no address"),
        ("https://[::1", "PACKER_URL is no address"),
        ("https://packer.example.org:99999", "PACKER_URL is no address"),
        ("https://ann:secret@packer.example.org", "leave out name, password and query"),
        ("https://packer.example.org/?a=b", "leave out name, password and query"),
        ("http://packer.example.org", "would show the token to everybody on the way"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(
    elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str, said: str
) -> None:
    elsewhere.setenv("PACKER_URL", url)

    code = commands.run(["jobs", "list"])

    captured = capsys.readouterr()
    assert (code, captured.out) == (Exit.INVALID, "")
    assert said in captured.err
    assert "secret" not in captured.err


@pytest.mark.parametrize("rest", ["/", "/api", "/api/"])
def test_the_address_of_the_api_is_that_of_its_instance(
    elsewhere: pytest.MonkeyPatch, rest: str
) -> None:
    with peer(document(200, {"jobs": [], "pagination": {}})) as there:
        elsewhere.setenv("PACKER_URL", f"{there.url}{rest}")

        assert commands.run(["jobs", "list", "--json"]) == Exit.DONE

    assert [path for path, _headers in there.heard] == ["/api/jobs"]


@pytest.mark.parametrize(
    ("token", "said"),
    [("", "PACKER_TOKEN is missing"), ("two words", "no token"), ("rpk_é", "no token")],
)
def test_a_token_that_is_none_is_never_sent(
    elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], token: str, said: str
) -> None:
    with peer(Reply(200)) as there:
        elsewhere.setenv("PACKER_URL", there.url)
        elsewhere.setenv("PACKER_TOKEN", token)

        code = commands.run(["jobs", "list"])

    assert (code, there.heard) == (Exit.INVALID, [])
    assert said in capsys.readouterr().err


def test_the_token_follows_no_redirect(
    elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with peer(Reply(200)) as thief, peer(Reply(302, headers={"Location": thief.url})) as there:
        elsewhere.setenv("PACKER_URL", there.url)

        code = commands.run(["jobs", "list"])

    assert (code, thief.heard) == (Exit.INVALID, [])
    assert f"sends elsewhere, to {thief.url}" in capsys.readouterr().err
    assert there.heard[0][1]["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("reply", "code", "said"),
    [
        (Reply(200, b"<html>"), Exit.INVALID, "is no Release Packer"),
        (Reply(404, b"<html>"), Exit.INVALID, "is no Release Packer"),
        (document(404, ["a", "list"]), Exit.INVALID, "is no Release Packer"),
        (document(404, THEIRS), Exit.INVALID, "is too old for this command"),
        (document(401, {"message": "Invalid"}), Exit.NOT_PERMITTED, "does not take PACKER_TOKEN"),
        (document(500, {"message": "An unexpected error"}), Exit.FAILED, "An unexpected error"),
        (Reply(502, b"<html>"), Exit.FAILED, "does not work just now (502)"),
        (document(429, {"message": "Too many"}), Exit.FAILED, "Too many"),
    ],
)
def test_a_strange_answer_is_told(
    elsewhere: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    reply: Reply,
    code: Exit,
    said: str,
) -> None:
    with peer(reply) as there:
        elsewhere.setenv("PACKER_URL", f"{there.url}/")

        ended = commands.run(["jobs", "list", "--json"])

    captured = capsys.readouterr()
    assert ended == code
    assert said in captured.err
    assert json.loads(captured.out)["error"] == code.name.lower()
    assert TOKEN not in captured.err + captured.out


@pytest.mark.parametrize(
    ("begun", "taken"),
    [
        ({}, {}),
        ({"Location": "/api/uploads/.."}, {}),
        ({"Location": "/api/uploads/1"}, {}),
        ({"Location": "/api/uploads/1"}, {"Upload-Offset": "many"}),
        ({"Location": "/api/uploads/1"}, {"Upload-Offset": "0"}),
        ({"Location": "/api/uploads/1"}, {"Upload-Offset": "999999999"}),
    ],
)
def test_a_file_is_not_sent_for_ever_to_who_takes_none(
    elsewhere: pytest.MonkeyPatch, tmp_path: Path, begun: dict[str, str], taken: dict[str, str]
) -> None:
    path = tmp_path / "large.epub"
    with path.open("wb") as file:
        file.truncate(SMALL_BYTES + 1)

    with peer(Reply(201, headers=begun), Reply(204, headers=taken)) as there:
        elsewhere.setenv("PACKER_URL", there.url)
        with pytest.raises(Stop, match="is no Release Packer"):
            file_sent(RemoteDoor.of_environment(), path, lambda *_told: None)


def test_a_command_asked_to_wait_asks_again(
    elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    busy = Reply(429, b'{"message": "Too many"}', {"Retry-After": "1"})
    with peer(busy, document(200, {"jobs": []})) as there:
        elsewhere.setenv("PACKER_URL", there.url)

        code = commands.run(["jobs", "list", "--json"])

    assert (code, json.loads(capsys.readouterr().out)) == (Exit.DONE, {"jobs": []})
    assert len(there.heard) == 2


def test_nobody_there_is_told(
    elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with peer(Reply(200)) as there:
        elsewhere.setenv("PACKER_URL", there.url)

    assert commands.run(["jobs", "list"]) == Exit.FAILED
    assert "cannot be reached" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["serve"], ["worker"], ["setup"], ["rotate-keys"]])
def test_what_is_of_the_machine_of_an_instance_is_refused(
    elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    elsewhere.setenv("PACKER_URL", "https://packer.example.org")

    assert commands.run(command) == Exit.INVALID
    assert "works on the machine of its instance alone" in capsys.readouterr().err


def test_who_asks_elsewhere_is_said_by_the_token_alone(
    elsewhere: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere.setenv("PACKER_URL", "https://packer.example.org")

    assert commands.run(["jobs", "list", "--as", "ann"]) == Exit.INVALID
    assert "Leave --as out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("status", "document", "code"),
    [
        (400, {}, Exit.INVALID),
        (401, {}, Exit.NOT_PERMITTED),
        (403, {}, Exit.NOT_PERMITTED),
        (404, {}, Exit.NOT_FOUND),
        (409, {}, Exit.INVALID),
        (409, {"duplicates": []}, Exit.NOT_CONFORMING),
        (413, {}, Exit.INVALID),
        (422, {}, Exit.INVALID),
        (422, {"errors": {"4": ["A file is missing."]}}, Exit.INVALID),
        (422, {"errors": {"ebook-2022-7.2": ["No publisher."]}}, Exit.NOT_CONFORMING),
        (429, {}, Exit.FAILED),
        (500, {}, Exit.FAILED),
        (507, {}, Exit.FAILED),
    ],
)
def test_each_status_has_its_exit_code(status: int, document: dict[str, Any], code: Exit) -> None:
    assert code_of(status, document) == code


def test_of_several_wrong_fields_each_has_a_line() -> None:
    wrong = {"error": "ValidationError", "errors": {"a": ["One."], "b": ["Two.", "Three."]}}

    assert told(wrong) == "a: One.\nb: Two. Three."
