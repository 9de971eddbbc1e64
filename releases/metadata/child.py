"""The process that reads one file: forked, confined before the file is opened, then gone."""

import ctypes
import json
import os
import resource
import signal
import sys
import traceback
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from releases.metadata import analyse, cover

OUT_OF_MEMORY = 3
"""The exit code that says so."""

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    path: Path
    memory_bytes: int
    cpu_s: int
    wants_cover: bool


def run(errand: Errand, answer: int, parent: int) -> NoReturn:
    """Write what the file says of itself to the pipe `answer`: JSON, then its cover, a line each.

    What libraries print goes nowhere. The first line is told before the cover is tried: a
    cover that ends this process costs no more than itself.
    """
    code = 1
    pipe = os.fdopen(answer, "wb")  # its end is ours: whoever reads may kill us then
    try:
        os.setpgid(0, 0)  # so that what is started here ends with it
        _silence(sys.stdout.fileno())
        confine(errand.memory_bytes, errand.cpu_s, parent)
        _tell(errand, pipe)
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    except BaseException:  # whoever forked us goes on elsewhere: nothing may return to it
        traceback.print_exc()
    os._exit(code)


def confine(memory_bytes: int, cpu_s: int, parent: int) -> None:
    """Limit this process, which is not to outlive `parent`."""
    for limit, wanted in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        most = _allowed(limit, wanted)
        resource.setrlimit(limit, (most, most))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    die_with(parent)


def die_with(parent: int) -> None:
    """Let this process end when `parent` does, as far as the system can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the call above
            sys.exit(1)


def _allowed(limit: int, wanted: int) -> int:
    """Return `wanted`, or what the system grants this process, which may not raise that."""
    _, granted = resource.getrlimit(limit)
    return wanted if granted == resource.RLIM_INFINITY else min(wanted, granted)


def _silence(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _tell(errand: Errand, pipe: BinaryIO) -> None:
    analysis = analyse(errand.path)
    document = json.dumps(analysis.as_json(), ensure_ascii=False, allow_nan=False)
    pipe.write(document.encode("utf-8", "replace") + b"\n")
    pipe.flush()
    if errand.wants_cover and analysis.cover:
        from releases.metadata.thumbnail import thumbnail  # noqa: PLC0415  # Pillow takes time

        small = thumbnail(cover(errand.path))
        if small is not None:
            pipe.write(b64encode(small) + b"\n")
            pipe.flush()
