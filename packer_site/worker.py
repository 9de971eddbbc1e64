"""packer worker: run jobs alone."""

import os
import socket
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from django.conf import settings
from django.db import close_old_connections, connection

from cli.exits import Exit
from cli.output import tell
from jobs.models import Supervisor
from packer_site.supervisor import supervise
from packer_site.work import recover

EXAMPLE = "packer worker"
WORKER = [sys.executable, str(settings.BASE_DIR / "manage.py"), "qworker"]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--grace", type=float, default=10, metavar="SECONDS", help="for running jobs at the end"
    )


def run(options: Namespace) -> Exit:
    supervise({"worker": WORKER}, every=look_after_workers, grace_s=options.grace)
    return Exit.DONE


def look_after_workers() -> None:
    """Recover jobs, and say that workers are kept running here."""
    look_after(recover, say_alive)


def recover_jobs() -> None:
    """Look after jobs of dead workers; for who keeps no workers running."""
    look_after(recover)


def say_alive() -> None:
    name = f"{socket.gethostname()[:80]}:{os.getpid()}"
    Supervisor.objects.beat(name, int(str(settings.Q_CLUSTER["workers"])))


def look_after(*tasks: Callable[[], None]) -> None:
    """Do `tasks`; a database that is away is tried again later."""
    try:
        close_old_connections()
        for task in tasks:
            task()
    except Exception as error:  # the supervisor must outlive its database
        tell(f"Jobs could not be looked after: {error}")
        connection.close()
