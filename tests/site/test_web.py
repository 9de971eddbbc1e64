"""The server of production: several processes, which end and are replaced without a loss."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from django.urls import reverse

from packer_site.web_config import METRICS_DIR
from tests.factories import make_book
from tests.instance import PASSWORD, Instance, descendants, own_database
from tests.processes import waited_for

pytestmark = pytest.mark.slow
SOON_S = 60


class Web:
    """`packer web` of an instance that is set up."""

    def __init__(self, instance: Instance, log: Path, *options: str) -> None:
        self.instance, self.url, self.log = instance, instance.url, log
        command = instance.command("web", "--port", str(instance.port), "--workers", "2", *options)
        with log.open("w") as stderr:
            self.process = subprocess.Popen(
                command, env=instance.environment, cwd=instance.data_dir, stderr=stderr
            )
        assert waited_for(lambda: len(self.answering()) == 2, SOON_S), log.read_text()

    def answering(self) -> list[int]:
        """Return the processes that said that they take requests."""
        said = [json.loads(line)["message"] for line in self.log.read_text().splitlines()]
        begun = [int(one[24:-1]) for one in said if one.startswith("Started server process [")]
        below = descendants(self.process.pid)[1:]
        return [pid for pid in begun if pid in below]

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SOON_S)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    folder = tmp_path_factory.mktemp("web")
    with own_database() as url:
        instance = Instance(folder, url, LOG_FORMAT="JSON", LOG_LEVEL="INFO")
        assert instance.run("setup").returncode == 0
        web = Web(instance, folder / "web.log")
        try:
            yield web
        finally:
            instance.hang_up()
            if web.process.poll() is None:
                web.end()


@contextmanager
def asking(url: str) -> Iterator[list[object]]:
    """Ask for pages without pause, by several clients; give what went wrong."""
    enough, wrong = threading.Event(), list[object]()

    def ask() -> None:
        while not enough.is_set():
            try:
                answer = httpx.get(url, timeout=SOON_S)
                if answer.status_code != 200 or answer.text != "ok":
                    wrong.append(answer)
            except httpx.TransportError as error:
                wrong.append(error)

    with ThreadPoolExecutor(4) as threads:
        clients = [threads.submit(ask) for _each in range(4)]
        try:
            yield wrong
        finally:  # else they ask for ever
            enough.set()
        for client in clients:
            client.result()


def test_processes_are_replaced_without_a_failed_request(web: Web) -> None:
    before = web.answering()

    with asking(f"{web.url}/livez") as wrong:
        web.process.send_signal(signal.SIGHUP)
        assert waited_for(lambda: len(set(web.answering()) - {*before}) == 2, SOON_S)
        assert waited_for(lambda: not {*before} & {*descendants(web.process.pid)}, SOON_S)

    assert wrong == []


def test_a_killed_process_is_replaced_and_the_other_answers_meanwhile(web: Web) -> None:
    killed, other = web.answering()
    os.kill(killed, signal.SIGKILL)

    with asking(f"{web.url}/livez") as wrong:
        assert waited_for(lambda: len(web.answering()) == 2, SOON_S)

    assert len(wrong) <= 4  # what was under way: one request of each client
    assert other in web.answering()


def test_all_processes_count_together(web: Web) -> None:
    before = counted(web)
    for _each in range(12):
        httpx.get(f"{web.url}/livez")

    assert counted(web) == before + 12


def counted(web: Web) -> float:
    """Return how often it is counted that somebody asked whether the server lives."""
    told = httpx.get(f"{web.url}/metrics").text.splitlines()
    name = "django_http_responses_total_by_status_view_method_total"
    lines = [line for line in told if line.startswith(name) and 'view="livez"' in line]
    return float(lines[0].split()[-1]) if lines else 0


def test_a_port_that_is_taken_is_said_at_once(web: Web) -> None:
    refused = web.instance.run("web", "--port", str(web.instance.port))

    assert refused.returncode == 1
    assert "choose another --port" in refused.stderr


def test_what_is_under_way_is_answered_before_the_end(web: Web) -> None:
    """Streams end in order, and an upload that has begun is taken whole. It ends the server."""
    folder = metrics_dir(web)
    api = web.instance.api()
    book = make_book(web.instance.data_dir, size_bytes=3_000_000).read_bytes()
    begun, opened, go_on = threading.Event(), threading.Event(), threading.Event()

    def body() -> Iterator[bytes]:
        yield book[:1000]
        begun.set()
        go_on.wait(SOON_S)
        yield book[1000:]

    where = api.post(
        "/uploads",
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(book)),
            "Upload-Metadata": "filename Ym9vay5lcHVi",
        },
    ).headers["Location"]
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(len(book)),
    }
    pages = signed_in(web)
    with ThreadPoolExecutor(2) as threads:
        upload = threads.submit(
            lambda: (
                httpx.patch(
                    httpx.URL(web.url).join(where),
                    content=body(),
                    headers={**api.headers, **headers},
                    timeout=SOON_S,
                ).status_code
            )
        )
        stream = threads.submit(read_whole, pages, "/jobs/events", opened)
        assert begun.wait(SOON_S)
        assert opened.wait(SOON_S)
        web.process.send_signal(signal.SIGTERM)
        assert waited_for(lambda: "Shutting down" in web.log.read_text(), SOON_S)
        go_on.set()

        assert upload.result() == 204
        assert stream.result()[0] == "event: begin"
    assert web.process.wait(SOON_S) == 0
    pages.close()
    assert not folder.exists()
    lines = [json.loads(line) for line in web.log.read_text().splitlines()]
    assert {"gunicorn.error", "uvicorn.error", "accounts.logs"} <= {one["logger"] for one in lines}
    assert all({"request_id", "job_id", "time"} <= set(one) for one in lines)


def test_what_does_not_end_within_the_grace_is_cut_in_order(web: Web) -> None:
    if web.process.poll() is None:  # where this test runs alone
        web.end()
    other = Web(web.instance, web.log.with_name("other.log"), "--grace", "7")
    with socket.create_connection(("127.0.0.1", web.instance.port)) as unfinished:
        unfinished.sendall(b"POST /api/users/login HTTP/1.1\r\nHost: localhost\r\n")
        unfinished.sendall(b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")

        assert other.end() == 0

    assert "timeout graceful shutdown exceeded" in other.log.read_text()


def metrics_dir(web: Web) -> Path:
    environment = Path(f"/proc/{web.process.pid}/environ").read_bytes().split(b"\0")
    (named,) = [one for one in environment if one.startswith(METRICS_DIR.encode())]
    folder = Path(named.partition(b"=")[2].decode())
    assert folder.stat().st_mode & 0o777 == 0o700
    return folder


def read_whole(client: httpx.Client, path: str, opened: threading.Event) -> list[str]:
    """Return all lines of a stream; a connection that is cut raises."""
    lines = []
    with client.stream("GET", path) as answer:
        for line in answer.iter_lines():
            lines.append(line)
            opened.set()
    return lines


def signed_in(web: Web) -> httpx.Client:
    pages = httpx.Client(base_url=web.url, timeout=SOON_S)
    pages.get(reverse("accounts:login"))
    token = pages.cookies["csrftoken"]
    form = {"username": "admin", "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert pages.post(reverse("accounts:login"), data=form).status_code == 302
    return pages


def test_the_folder_of_a_server_that_was_killed_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from packer_site import web  # noqa: PLC0415

    monkeypatch.setattr(web, "gettempdir", lambda: str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, living = (tmp_path / f"packer-metrics-{pid}-x" for pid in (ended.pid, os.getpid()))
    left.mkdir()
    living.mkdir()

    web.sweep_metrics()

    assert (left.exists(), living.exists()) == (False, True)
