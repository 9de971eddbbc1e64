"""What becomes of processes, and where their programs lie."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

LONG_S = 30
"""Nothing waited for takes so long, unless it never comes."""


def program(name: str, package: str) -> str:
    """Return where the program `name` lies; a test without it is skipped, but fails in CI."""
    if found := shutil.which(name):
        return found
    absent = f"{name} is missing: apt-get install {package}"
    if os.environ.get("CI"):
        pytest.fail(absent)
    pytest.skip(absent)


def waited_for(condition: Callable[[], object], timeout_s: float = LONG_S) -> bool:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


def is_alive(pid: int) -> bool:
    """Whether the process runs: a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
