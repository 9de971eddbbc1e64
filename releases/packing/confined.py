"""Run as a script, with limits and a command: a process that limits itself, then is the command.

It is a script of its own since what a caller that has threads runs between fork and exec can
deadlock. It imports no more than it needs, to start at once.
"""

import ctypes
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1


def become(command: list[str], memory_bytes: int, cpu_s: int, file_bytes: int, parent: int) -> None:
    """Limit this process, which is not to outlive `parent`, and turn it into `command`."""
    for limit, wanted in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        most = _allowed(limit, wanted)
        resource.setrlimit(limit, (most, most))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, and so would the command
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the call above
            sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def _allowed(limit: int, wanted: int) -> int:
    """Return `wanted`, or what the system grants this process, which may not raise that."""
    _, granted = resource.getrlimit(limit)
    return wanted if granted == resource.RLIM_INFINITY else min(wanted, granted)


if __name__ == "__main__":
    become(sys.argv[5:], *map(int, sys.argv[1:5]))
