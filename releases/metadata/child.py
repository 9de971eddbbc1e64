"""A hostile file is read by a process of its own, which may die without taking anyone along."""

import ctypes
import json
import math
import os
import resource
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from releases.metadata.candidate import Analysis
from releases.metadata.fields import clean

MEMORY_BYTES = 512 << 20
CPU_S = 10
OUTPUT_LIMIT = 2 << 20
"""Bytes: what the longest list of entries needs, and no more."""
OUT_OF_MEMORY = 3
"""The exit code that says so."""

_ROOT = Path(__file__).parents[2]
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8"}
_PIECE = 64 << 10
_GRACE_S = 1
_PR_SET_PDEATHSIG = 1


class AnalysisError(Exception):
    """The file could not be analysed; `str()` is an English sentence for the user.

    The template and its values are kept, so that a door can translate it.
    """

    def __init__(self, template: str, **values: Any) -> None:
        super().__init__(template, values)
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return self.template % self.values


def analyse_apart(
    path: Path, *, timeout_s: float = CPU_S, memory_bytes: int = MEMORY_BYTES
) -> Analysis:
    """Analyse `path` in a process of its own, within limits of time and memory.

    Raises:
        AnalysisError: there is no such file, or reading it took too much or failed.
    """
    name = clean(path.name)
    if not path.is_file():
        raise AnalysisError("%(name)s is not a file: choose another", name=name)
    with _started(path.resolve(), timeout_s, memory_bytes) as process:
        output = _output(process, name, timeout_s)
    if process.returncode == OUT_OF_MEMORY:
        raise AnalysisError(
            "%(name)s needs more than %(megabytes)s MiB of memory to read: it may be a trap",
            name=name,
            megabytes=memory_bytes >> 20,
        )
    return _analysis(output, name)


def confine(memory_bytes: int, cpu_s: int, parent: int) -> None:
    """Limit this process, before it opens the file; it is not to outlive `parent`.

    The limits are set from inside, since code run between fork and exec can deadlock a
    server that has threads.
    """
    for limit, wanted in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        most = _allowed(limit, wanted)
        resource.setrlimit(limit, (most, most))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the call above
            sys.exit(1)


def _allowed(limit: int, wanted: int) -> int:
    """Return `wanted`, or what the system grants this process, which may not raise that."""
    _, granted = resource.getrlimit(limit)
    return wanted if granted == resource.RLIM_INFINITY else min(wanted, granted)


@contextmanager
def _started(
    path: Path, timeout_s: float, memory_bytes: int
) -> Iterator["subprocess.Popen[bytes]"]:
    limits = [f"--memory-bytes={memory_bytes}", f"--cpu-s={math.ceil(timeout_s) + _GRACE_S}"]
    process = subprocess.Popen(
        [sys.executable, "-B", "-m", "releases.metadata", *limits, f"--parent={os.getpid()}", path],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        env=_ENVIRONMENT,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.returncode is None:  # not reaped: the group is still its own
                os.killpg(process.pid, signal.SIGKILL)


def _output(process: "subprocess.Popen[bytes]", name: str, timeout_s: float) -> bytes:
    """Collect what the child prints, until it ends."""
    deadline = time.monotonic() + timeout_s
    output = bytearray()
    for piece in _pieces(process, deadline):
        output += piece
        if len(output) > OUTPUT_LIMIT:
            raise _unreadable(name)
    try:
        process.wait(max(deadline - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        raise AnalysisError(
            "%(name)s took more than %(seconds)s s to read: it may be damaged, or a trap",
            name=name,
            seconds=timeout_s,
        ) from None
    return bytes(output)


def _pieces(process: "subprocess.Popen[bytes]", deadline: float) -> Iterator[bytes]:
    """What comes through the pipe, up to its end or the deadline."""
    assert process.stdout is not None  # noqa: S101 - it was asked for
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(max(deadline - time.monotonic(), 0)):
            piece = os.read(process.stdout.fileno(), _PIECE)
            if not piece:
                return
            yield piece


def _analysis(output: bytes, name: str) -> Analysis:
    try:
        return Analysis.from_json(json.loads(output))
    except (ValueError, RecursionError) as error:
        raise _unreadable(name) from error


def _unreadable(name: str) -> AnalysisError:
    return AnalysisError(
        "%(name)s could not be read: it stopped its reader. Try another copy of it", name=name
    )
