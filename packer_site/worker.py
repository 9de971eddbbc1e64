"""packer worker: run jobs alone."""

import logging
import math
import os
import socket
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils.translation import gettext as _

from cli.exits import Exit
from jobs.models import Supervisor
from packer_site.supervisor import supervise
from packer_site.work import recover

logger = logging.getLogger(__name__)
EXAMPLE = "packer worker"
WORKER = [sys.executable, str(settings.BASE_DIR / "manage.py"), "qworker"]
SAYS_EVERY_S = 1.0


def add_arguments(parser: ArgumentParser) -> None:
    add_grace(parser)
    parser.add_argument(
        "--is-alive",
        action="store_true",
        help=_("run none, but tell by the exit code whether workers of this machine live"),
    )


def add_grace(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--grace", type=float, default=10, metavar="SECONDS", help=_("for running jobs at the end")
    )


def run(options: Namespace) -> Exit:
    if options.is_alive:
        return Exit.DONE if are_alive() else Exit.FAILED
    supervise({"worker": WORKER}, every=look_after_workers, grace_s=options.grace)
    return Exit.DONE


def look_after_workers() -> None:
    """Say that workers are kept running here, and recover jobs, however long that takes."""
    voice = Voice()
    look_after(voice, partial(recover, voice))


class Voice:
    """Says that workers are kept running here, where that was not said just now."""

    def __init__(self) -> None:
        self.said_at = -math.inf

    def __call__(self) -> None:
        if time.monotonic() - self.said_at > SAYS_EVERY_S:
            say_alive()
            self.said_at = time.monotonic()


def recover_jobs() -> None:
    """Look after jobs of dead workers; for who keeps no workers running."""
    look_after(recover)


def say_alive() -> None:
    name = f"{machine()}:{os.getpid()}"
    Supervisor.objects.beat(name, int(str(settings.Q_CLUSTER["workers"])))


def are_alive() -> bool:
    """Tell whether somebody who keeps workers running on this machine was heard of lately."""
    heard = Supervisor.objects.heard_of()
    return any(is_alive and one.name.rpartition(":")[0] == machine() for one, is_alive in heard)


def machine() -> str:
    return socket.gethostname()[:80]


def look_after(*tasks: Callable[[], None]) -> None:
    """Do `tasks`; a database that is away is tried again later."""
    try:
        close_old_connections()
        for task in tasks:
            task()
    except Exception as error:  # the supervisor must outlive its database
        logger.warning("Jobs could not be looked after: %s", error)
        connection.close()
