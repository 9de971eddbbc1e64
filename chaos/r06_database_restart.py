"""The database server is killed under load, and started again."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from chaos.ground import Ground, until
from chaos.hand import Hand
from chaos.report import Row
from chaos.works import make_book
from tests.instance import PASSWORD, Instance, free_port

TITLE = "database killed and restarted under load"
CLIENTS, BEFORE_S, AWAY_S, AFTER_S = 4, 3, 2, 6
BACK_WITHIN_S = 2
JOB_BYTES = 200 << 20
OK, ERROR, UNAVAILABLE = 200, 400, 503


def run(ground: Ground) -> Iterator[Row]:
    if not shutil.which("mariadbd"):
        yield Row("R6", TITLE, 0, 0, not_run="mariadbd is not here")
        return
    server = Server(ground)
    instance = ground.served(ground.instance(server.database("packer"), WORKERS="2"))
    hand, book = ground.hand(instance), str(make_book(ground.folder, JOB_BYTES))
    for number in range(ground.of(5, 1)):
        job, load = hand.do("pack", "EBOOK", book, number), Load(instance)
        with load:
            time.sleep(BEFORE_S)
            server.kill()
            time.sleep(AWAY_S)
            server.start()
            load.back_at = time.time()
            time.sleep(AFTER_S)
        kept = set(hand.do("drafts"))
        yield from judged(load, kept, number + 1)
        until(partial(ended, hand, job))
        end = ended(hand, job)
        figures = f"{end.get('status')} {end.get('error')}, {end.get('attempts')} attempts"
        done = int(end.get("status") == "completed")
        yield Row("R6", f"kill {number + 1}: a job that runs meanwhile is done", 1, done, figures)


def ended(hand: Hand, job: int) -> dict[str, Any]:
    """Return the row of `job` once it is over."""
    rows = [row for row in hand.do("jobs") if row["pk"] == job and row["finished_at"]]
    return rows[0] if rows else {}


class Server:
    """A MariaDB of our own: its own folder, its own port."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.port = ground, free_port()
        # MariaDB refuses to run as root, and its user must reach its folder.
        self.folder = Path(ground.ends.enter_context(tempfile.TemporaryDirectory(prefix="chaos-")))
        self.own = ["--user=mysql"] if os.geteuid() == 0 else []
        install = [
            "mariadb-install-db",
            "--no-defaults",
            "--auth-root-authentication-method=normal",
        ]
        where = [f"--datadir={self.folder}/data", "--skip-test-db"]
        if self.own:
            shutil.chown(self.folder, "mysql")
        subprocess.run([*install, *self.own, *where], check=True, capture_output=True)
        self.start()

    def database(self, name: str) -> str:
        """Make a database, and return its URL."""
        self.ask(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return f"mysql://root@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        places = [f"--datadir={self.folder}/data", f"--socket={self.folder}/socket"]
        listens = [
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            f"--pid-file={self.folder}/pid",
        ]
        command = ["mariadbd", "--no-defaults", *self.own, *places, *listens]
        self.process = self.ground.process(*command, env=dict(os.environ))
        if not until(self.is_there):
            raise RuntimeError("mariadbd does not start")

    def is_there(self) -> bool:
        with suppress(subprocess.CalledProcessError):
            self.ask("SELECT 1")
            return True
        return False

    def ask(self, statement: str) -> None:
        client = ["mariadb", "--no-defaults", f"--socket={self.folder}/socket", "-uroot"]
        subprocess.run([*client, "-e", statement], check=True, capture_output=True)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


@dataclass
class Load:
    """Clients that write and read as fast as they are answered."""

    instance: Instance
    answers: list[tuple[float, int, bool]] = field(default_factory=list)
    """When it was answered, the status (0: nothing), whether `Retry-After` came with it."""
    written: set[int] = field(default_factory=set)
    back_at: float = 0.0

    def __enter__(self) -> "Load":
        self._over = threading.Event()
        login = {"username": "admin", "password": PASSWORD}
        answer = httpx.post(f"{self.instance.url}/api/auth/login", json=login, timeout=30)
        self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        self._threads = [threading.Thread(target=self._go_on) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _go_on(self) -> None:
        url = f"{self.instance.url}/api"
        with httpx.Client(base_url=url, headers=self._headers, timeout=30) as api:
            while not self._over.is_set():
                self._note(api, "POST", "/wizard/step/1/save", {"data": {"group": "GRP"}})
                self._note(api, "GET", "/releases", None)

    def _note(self, api: httpx.Client, method: str, path: str, body: object) -> None:
        try:
            answer = api.request(method, path, json=body)
        except httpx.TransportError:
            self.answers.append((time.time(), 0, False))
            return
        told = (time.time(), answer.status_code, "Retry-After" in answer.headers)
        self.answers.append(told)
        if method == "POST" and answer.status_code == OK:
            self.written.add(answer.json()["job_id"])


def judged(load: Load, kept: set[int], number: int) -> Iterator[Row]:
    statuses = Counter(status for _, status, _ in load.answers)
    there = len(load.written & kept)
    what = f"kill {number}: writes answered 2xx are there"
    yield Row("R6", what, len(load.written), there, f"of {len(load.answers)} answers")
    bad = [(status, told) for _, status, told in load.answers if not OK <= status < ERROR]
    right = sum(status == UNAVAILABLE and told for status, told in bad)
    figures = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    yield Row("R6", f"kill {number}: refused only by 503 + Retry-After", len(bad), right, figures)
    yield after(load, number)


def after(load: Load, number: int) -> Row:
    """Judge what came once the server answered again."""
    later = [(at, status) for at, status, _ in load.answers if at >= load.back_at]
    back_s = min((at for at, status in later if status == OK), default=1e9) - load.back_at
    errors = [at for at, status in later if status != OK and at > load.back_at + BACK_WITHIN_S]
    figures = f"first success after {back_s:.2f} s, {len(errors)} errors later"
    is_right = back_s <= BACK_WITHIN_S and not errors
    return Row("R6", f"kill {number}: back within {BACK_WITHIN_S} s", 1, int(is_right), figures)
