"""packer serve: the site, and what runs its jobs."""

import math
import socket
import sys
from argparse import ArgumentParser, Namespace

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.seeds import awaits_admin
from cli.exits import Exit, Stop
from cli.output import tell
from packer_site import worker
from packer_site.setup import prepare
from packer_site.supervisor import supervise

IN_ORDER_S = 5
"""So much earlier than what still runs is killed, requests and streams are cut in order."""
EXAMPLE = "packer serve --host 127.0.0.1 --port 8000"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--no-worker", action="store_true", help=_("serve pages and API alone"))
    worker.add_grace(parser)


def run(options: Namespace) -> Exit:
    refuse_taken_port(options.host, options.port)
    prepare(makes_admin=False)
    commands, every = {"web": web(options.host, options.port, options.grace)}, worker.recover_jobs
    if not options.no_worker:
        commands["worker"], every = worker.WORKER, worker.look_after_workers
    url = f"http://{options.host}:{options.port}"
    tell(f"Release Packer answers at {url}/ — Ctrl-C stops it.")
    if awaits_admin():
        site = settings.APP_URL.rstrip("/") or url
        tell(f"Open {site}/welcome/ to create the administrator.")
    supervise(commands, every=every, grace_s=options.grace)
    return Exit.DONE


def refuse_taken_port(host: str, port: int) -> None:
    """Say so at once where nothing can listen; the server would die and be started for ever.

    Raises:
        Stop: the port is taken, or not ours to take.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = f"{host}:{port} cannot be used ({error}): choose another --port"
            raise Stop(Exit.FAILED, reason) from error


def web(host: str, port: int, grace_s: float) -> list[str]:
    """Return the command of a server that ends in order, before it would be killed."""
    server = [sys.executable, "-m", "uvicorn", settings.ASGI_SERVER, "--lifespan", "off"]
    in_order_s = max(1, math.ceil(grace_s) - IN_ORDER_S)
    quiet = ["--log-level", "warning", "--timeout-graceful-shutdown", str(in_order_s)]
    sockets = ["--ws", "websockets-sansio", "--ws-max-size", str(settings.SOCKET_BYTES)]
    return [*server, "--host", host, "--port", str(port), *quiet, *sockets, *believed()]


def believed() -> list[str]:
    """Return whose word is taken for where a request comes from: of itself, this machine's is."""
    if not settings.TRUSTED_PROXIES:
        return ["--no-proxy-headers"]
    return ["--forwarded-allow-ips", ",".join(settings.TRUSTED_PROXIES)]
