"""A whole instance, as a person starts it: `packer serve` with its own data and database."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

PASSWORD = "Correct-Horse-7"
ROOT = Path(__file__).resolve().parent.parent


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
            "DATA_DIR": str(data_dir),
            "PACKER_ADMIN_PASSWORD": PASSWORD,
            **({"DATABASE_URL": database_url} if database_url else {}),
            **environment,
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> "Instance":
        command = self.command("serve", "--port", str(self.port), "--grace", "5")
        self.process = subprocess.Popen(
            command, env=self.environment, cwd=self.data_dir, start_new_session=True, text=True
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/livez").text == "ok":
                    return self
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("the instance did not answer within 30 s")

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
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)

    def kill(self) -> None:
        """End it as a power cut does: every process at once."""
        assert self.process
        for pid in descendants(self.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.process.wait(10)

    def api(self) -> httpx.Client:
        client = httpx.Client(base_url=f"{self.url}/api", timeout=30)
        answer = client.post("/auth/login", json={"username": "admin", "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return client


def descendants(pid: int) -> list[int]:
    """Return `pid` and all below it, parents first, so that none is started again."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(below for child in children for below in descendants(int(child)))]


def wait_for_job(api: httpx.Client, job_id: int, seconds: float = 60) -> dict[str, Any]:
    """Return the status of a job once it is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        status: dict[str, Any] = api.get(f"/wizard/jobs/{job_id}/status").json()
        if status["status"] in {"completed", "failed", "cancelled"}:
            return status
        time.sleep(0.1)
    raise AssertionError(f"job {job_id} is not over after {seconds} s: {status}")


def named_database(url: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()
