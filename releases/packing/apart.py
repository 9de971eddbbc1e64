"""A program that reads a hostile file: a process of its own, limited, which never lingers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from releases.packing.plan import PackingError

PAUSE_S = 0.05

_CONFINED = Path(__file__).with_name("confined.py")
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    memory_bytes: int = 2 << 30
    """Of address space: libraries, and the frames of the largest video."""
    cpu_s: int = 60
    wall_s: float = 120
    file_bytes: int = 0
    """Of any file that is written."""


def run(command: Sequence[str], limits: Limits, tick: Callable[[], None]) -> bytes | None:
    """Return what `command` prints, or None where it fails or goes beyond `limits`.

    A program that prints more than a pipe holds waits until its time is out. `tick` is called
    every `PAUSE_S`; what it raises ends the program.

    Raises:
        PackingError: the system starts no process.
    """
    with _started(command, limits) as process:
        deadline = time.monotonic() + limits.wall_s
        while process.poll() is None and time.monotonic() < deadline:
            tick()
            with suppress(subprocess.TimeoutExpired):
                process.wait(PAUSE_S)
        return _printed(process) if process.returncode == 0 else None


@contextmanager
def _started(command: Sequence[str], limits: Limits) -> Iterator["subprocess.Popen[bytes]"]:
    bounds = (limits.memory_bytes, limits.cpu_s, limits.file_bytes, os.getpid())
    with _spawned([*map(str, bounds), *command]) as process:
        try:
            yield process
        finally:
            if process.returncode is None:  # not reaped: the group is still its own
                os.killpg(process.pid, signal.SIGKILL)


def _spawned(arguments: list[str]) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", _CONFINED, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            start_new_session=True,
        )
    except OSError as fault:
        raise PackingError(
            "No other program can be started (%(reason)s): end some, then pack again",
            reason=fault.strerror,
        ) from fault


def _printed(process: "subprocess.Popen[bytes]") -> bytes:
    """Return what lies in the pipe, without waiting for who else may hold it."""
    assert process.stdout is not None  # noqa: S101 - it was asked for
    os.set_blocking(process.stdout.fileno(), False)
    return process.stdout.read() or b""
