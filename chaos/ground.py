"""Where a fault is tried: a folder of its own, an instance of its own, processes of its own."""

import os
import random
import signal
import subprocess
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.hand import Hand
from tests.instance import ROOT, Instance, await_web, descendants, own_database

PATIENCE_S = 120
SETUP_S = 600
"""On a machine that is busy, and a disk that is."""


@dataclass(frozen=True, slots=True)
class Ground:
    folder: Path
    options: Namespace
    chance: random.Random
    ends: ExitStack
    """Ends what was started here, the last first."""

    @property
    def is_quick(self) -> bool:
        return bool(self.options.quick)

    def of(self, full: int, quick: int) -> int:
        """Return how many of something a run takes."""
        return quick if self.is_quick else full

    def instance(self, database_url: str = "", name: str = "data", **environment: str) -> Instance:
        """Return an instance with a database of its own, set up and not served."""
        data = self.folder / name
        data.mkdir(exist_ok=True)
        url = database_url or self.ends.enter_context(own_database())
        environment = {"PYTHONPATH": str(ROOT)} | environment  # whatever is installed
        instance = Instance(data, url, **environment)
        set_up(instance)
        return instance

    def served(self, instance: Instance) -> Instance:
        """Serve `instance` until the ground ends; what it says goes to the log."""
        command = instance.command("serve", "--port", str(instance.port), "--grace", "5")
        instance.process = self.process(*command, env=instance.environment, cwd=instance.data_dir)
        self.ends.callback(instance.hang_up)
        await_web(instance)
        return instance

    def process(
        self, *command: str, env: dict[str, str], cwd: Path | None = None
    ) -> "subprocess.Popen[Any]":
        """Start a process that ends with the ground, and its children with it."""
        log = (self.folder / "processes.log").open("ab")
        process = subprocess.Popen(
            command, env=env, cwd=cwd, stdout=log, stderr=log, start_new_session=True
        )
        self.ends.callback(log.close)
        self.ends.callback(killed, process)
        return process

    def worker(self, instance: Instance, **environment: str) -> "subprocess.Popen[Any]":
        """Start one more `packer worker` of `instance`."""
        env = instance.environment | environment
        command = instance.command("worker", "--grace", "2")
        return self.process(*command, env=env, cwd=instance.data_dir)

    def end(self, *processes: "subprocess.Popen[Any]") -> None:
        for process in processes:
            killed(process)

    def hand(self, instance: Instance) -> Hand:
        return self.ends.enter_context(Hand(instance))


@contextmanager
def prepared(options: Namespace) -> Iterator[Ground]:
    with tempfile.TemporaryDirectory(prefix="chaos-") as made, ExitStack() as ends:
        yield Ground(Path(made), options, random.Random(options.seed), ends)  # noqa: S311  # no secret


def set_up(instance: Instance) -> None:
    done = subprocess.run(
        instance.command("setup"),
        env=instance.environment,
        cwd=instance.data_dir,
        capture_output=True,
        text=True,
        check=False,
        timeout=SETUP_S,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)


def killed(process: "subprocess.Popen[Any]") -> None:
    """End a process we started, and all below it."""
    if process.poll() is None:
        for pid in descendants(process.pid):
            kill(pid)
        process.wait(10)


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def below(pid: int, word: bytes) -> list[int]:
    """Return the processes below `pid` whose command says `word`, parents first."""
    return [one for one in descendants(pid) if word in command_of(one)]


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def kill_worker(supervisor: int) -> None:
    """Kill the process group that does the jobs, as a lack of memory does."""
    for pid in below(supervisor, b"qworker")[:1]:
        os.killpg(pid, signal.SIGKILL)


def until(condition: Callable[[], Any], seconds: float = PATIENCE_S, pause_s: float = 0.05) -> bool:
    """Wait until `condition` holds; tell whether it did in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause_s)
    return True


def rss_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) << 10
    return 0


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def share(values: list[float], part: float) -> float:
    """Return the value that `part` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0
