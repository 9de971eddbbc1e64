"""packer worker: run jobs alone."""

import sys
from argparse import ArgumentParser, Namespace

from django.conf import settings
from django.db import close_old_connections, connection

from cli.exits import Exit
from cli.output import tell
from packer_site.supervisor import supervise
from packer_site.work import recover

EXAMPLE = "packer worker"
WORKER = [sys.executable, str(settings.BASE_DIR / "manage.py"), "qworker"]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--grace", type=float, default=10, metavar="SECONDS", help="for running jobs at the end"
    )


def run(options: Namespace) -> Exit:
    supervise({"worker": WORKER}, every=recover_jobs, grace_s=options.grace)
    return Exit.DONE


def recover_jobs() -> None:
    """Look after jobs of dead workers; a database that is away is tried again later."""
    try:
        close_old_connections()
        recover()
    except Exception as error:  # the supervisor must outlive its database
        tell(f"Jobs could not be looked after: {error}")
        connection.close()
