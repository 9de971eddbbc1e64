"""How much of what is freed a process keeps for itself.

Each request is answered in a thread of its own. To glibc each thread may have an arena, up to eight
for each core; each comes to hold what one request takes, and pieces as large as any that was freed:
the 19 MiB that a login is hashed in. So a web process would grow by hundreds of MiB, over days.
"""

import ctypes
from contextlib import suppress

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""Of mallopt(3)."""
LARGE_BYTES = 4 << 20
ARENAS = 2
"""Threads of Python take turns: more arenas make nothing faster."""


def keep_little() -> None:
    """Give large pieces back to the system at once, and let threads share what they keep."""
    with suppress(OSError, AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(M_ARENA_MAX, ARENAS)
