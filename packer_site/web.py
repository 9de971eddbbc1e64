"""packer web: the site alone, by as many processes as are wanted."""

import os
import shutil
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from django.conf import settings
from django.utils.translation import gettext as _

from cli.exits import Exit
from packer_site.serve import refuse_taken_port
from packer_site.web_config import METRICS_DIR

EXAMPLE = "packer web --host 127.0.0.1 --port 8000 --workers 4"
CONFIG = "python:packer_site.web_config"
METRICS_PREFIX = "packer-metrics-"
SILENT_S = 60
"""A process that was not heard of for so long hangs, and is killed."""
ENDING_S = 10
"""So much longer than it may take to end: it is not heard of any more by then."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--workers", type=int, default=settings.WEB_WORKERS, help=_("processes that answer")
    )
    parser.add_argument(
        "--grace",
        type=int,
        default=30,
        metavar="SECONDS",
        help=_("for running requests at the end"),
    )


def run(options: Namespace) -> Exit:
    refuse_taken_port(options.host, options.port)
    sweep_metrics()
    # It takes our place and our number: what asks us to end asks the server.
    environment = os.environ | {METRICS_DIR: new_metrics_dir()}
    os.execve(sys.executable, server(options), environment)  # noqa: S606  # a list, as S603 says


def server(options: Namespace) -> list[str]:
    host = f"[{options.host}]" if ":" in options.host else options.host
    listening = ["--bind", f"{host}:{options.port}", "--workers", str(options.workers)]
    silent_s = max(SILENT_S, options.grace + ENDING_S)
    ending = ["--graceful-timeout", str(options.grace), "--timeout", str(silent_s)]
    program = [sys.executable, "-m", "gunicorn", "--config", CONFIG]
    return [*program, *listening, *ending, str(settings.ASGI_SERVER)]


def new_metrics_dir() -> str:
    """Return a folder in which the processes of this server add up what they count."""
    return mkdtemp(prefix=f"{METRICS_PREFIX}{os.getpid()}-")


def sweep_metrics() -> None:
    """Remove the folders of servers that were killed."""
    for left in Path(gettempdir()).glob(f"{METRICS_PREFIX}*"):
        server = left.name.removeprefix(METRICS_PREFIX).partition("-")[0]
        if not Path("/proc", server).exists():
            shutil.rmtree(left, ignore_errors=True)
