"""A whole instance, as a person starts it: `packer serve` with its own data and database."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

numbers = count(1)
PASSWORD = "Correct-Horse-7"
ROOT = Path(__file__).resolve().parent.parent
LIMITED = ("PUBLIC", "USER", "ADMIN", "UPLOAD", "LOGIN")
PATIENCE_S = 120
"""For a start on a machine that is busy."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Instance:
    """Serves the site on a free port; `api` is signed in as its administrator."""

    def __init__(self, data_dir: Path, database_url: str = "", **environment: str) -> None:
        self.data_dir, self.port = data_dir, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "PACKER_ENV_FILE": os.devnull,
            "SECRET_KEY": "for the instance of a test, 32 characters",
            "JWT_SECRET_KEY": "another for the instance, 32 characters",
            "CREDENTIAL_KEYS": "Zm9yIHRoZSBpbnN0YW5jZSBvZiBhIHRlc3QsIDMyIGI=",
            "DATA_DIR": str(data_dir),
            "PACKER_ADMIN_PASSWORD": PASSWORD,
            **{f"RATE_LIMIT_{of}": "1000000/min" for of in LIMITED},
            **({"DATABASE_URL": database_url} if database_url else {}),
            **environment,
        }
        self.process: subprocess.Popen[str] | None = None
        self.clients: list[httpx.Client] = []

    def start(self, grace_s: int = 5) -> "Instance":
        command = self.command("serve", "--port", str(self.port), "--grace", str(grace_s))
        self.process = subprocess.Popen(
            command, env=self.environment, cwd=self.data_dir, start_new_session=True, text=True
        )
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/livez").text == "ok":
                    return self
            except httpx.TransportError:
                time.sleep(0.1)
        self.kill()  # else it goes on by itself, and slows down whatever comes next
        raise AssertionError(f"the instance did not answer within {PATIENCE_S} s")

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), "packer", *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the same instance."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            cwd=self.data_dir,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def stop(self) -> int:
        """End it as Ctrl-C does, and return its exit code."""
        assert self.process
        self.hang_up()
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)

    def kill(self) -> None:
        """End it as a power cut does: every process at once."""
        assert self.process
        self.hang_up()
        for pid in descendants(self.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.process.wait(10)

    def api(self) -> httpx.Client:
        """Return a client signed in as the administrator, closed when the instance ends."""
        client = httpx.Client(base_url=f"{self.url}/api", timeout=30)
        answer = client.post("/auth/login", json={"username": "admin", "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        self.clients.append(client)
        return client

    def hang_up(self) -> None:
        while self.clients:
            self.clients.pop().close()


def descendants(pid: int) -> list[int]:
    """Return `pid` and all below it, parents first, so that none is started again."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return [pid]
    return [pid, *(below for child in children for below in descendants(int(child)))]


def web_process(instance: Instance) -> int:
    """Return the process that serves pages and API."""
    assert instance.process
    for pid in descendants(instance.process.pid):
        if b"uvicorn" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    raise AssertionError("no web server runs")


def await_web(instance: Instance) -> None:
    """Wait until the site answers again."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{instance.url}/livez").text == "ok":
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the web server is not started again")


def wait_for_job(api: httpx.Client, job_id: int, seconds: float = 60) -> dict[str, Any]:
    """Return the status of a job once it is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status: dict[str, Any] = api.get(f"/wizard/jobs/{job_id}/status").json()
        if status["status"] in {"completed", "failed", "cancelled"}:
            return status
        time.sleep(0.1)
    raise AssertionError(f"job {job_id} is not over after {seconds} s: {status}")


@contextmanager
def running_instance(data_dir: Path, **environment: str) -> Iterator[Instance]:
    """Run an instance with a database of its own, of the kind the suite runs on."""
    with own_database() as url:
        instance = Instance(data_dir, url, **environment).start()
        try:
            yield instance
        finally:
            if instance.process and instance.process.poll() is None:
                instance.stop()


@contextmanager
def own_database() -> Iterator[str]:
    """Make a database for an instance where the suite runs on a server; return its URL."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("mysql"):
        yield ""
        return
    import MySQLdb  # noqa: PLC0415  # there only where it could be compiled

    server = urlsplit(url)
    name = f"packer_instance_{os.getpid()}_{next(numbers)}"
    connection = MySQLdb.connect(
        host=server.hostname,
        port=server.port or 3306,
        user=server.username,
        password=server.password or "",
    )
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            yield server._replace(path=f"/{name}").geturl()
        finally:
            cursor.execute(f"DROP DATABASE {name}")
