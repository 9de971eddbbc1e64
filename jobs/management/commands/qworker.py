import ctypes
import os
import signal
from typing import Any

from django_q.management.commands.qcluster import Command as Cluster

PR_SET_PDEATHSIG = 1


class Command(Cluster):  # type: ignore[misc]  # django-q2 is untyped
    """django-q2's cluster, whose processes die with their parent instead of running on alone."""

    help = "Run jobs. `packer serve` and `packer worker` start this."

    def handle(self, *args: Any, **options: Any) -> None:
        libc = ctypes.CDLL(None)
        os.register_at_fork(after_in_child=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
        super().handle(*args, **options)
