"""packer serve, worker and setup: what makes an instance run."""

import json
import socket
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import close_old_connections, connection, transaction
from environs import Env

from accounts.seeds import seed_admin, seed_roles
from cli.exits import Exit, Stop
from cli.output import say, tell
from packer_site.supervisor import supervise
from packer_site.work import recover
from releases.seeds import seed_templates
from rules.seeds import seed_rules

env = Env()
MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]
WORKER = [*MANAGE, "qworker"]


def setup(options: Namespace) -> Exit:
    prepare()
    if options.json:
        say(json.dumps({"ready": True, "data_dir": str(settings.DATA_DIR)}))
    return Exit.DONE


def add_serve_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--no-worker", action="store_true", help="serve pages and API alone")
    add_grace(parser)


def add_grace(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--grace", type=float, default=10, metavar="SECONDS", help="for running jobs at the end"
    )


def serve(options: Namespace) -> Exit:
    refuse_taken_port(options.host, options.port)
    prepare()
    commands = {"web": web(options.host, options.port)}
    if not options.no_worker:
        commands["worker"] = WORKER
    tell(f"Release Packer answers at http://{options.host}:{options.port}/ — Ctrl-C stops it.")
    supervise(commands, every=recover_jobs, grace_s=options.grace)
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


def worker(options: Namespace) -> Exit:
    supervise({"worker": WORKER}, every=recover_jobs, grace_s=options.grace)
    return Exit.DONE


def web(host: str, port: int) -> list[str]:
    server = [sys.executable, "-m", "uvicorn", settings.ASGI_SERVER, "--lifespan", "off"]
    quiet = ["--log-level", "warning", "--timeout-graceful-shutdown", "5"]
    return [*server, "--host", host, "--port", str(port), *quiet]


def recover_jobs() -> None:
    """Look after jobs of dead workers; a database that is away is tried again later."""
    try:
        close_old_connections()
        recover()
    except Exception as error:  # the supervisor must outlive its database
        tell(f"Jobs could not be looked after: {error}")
        connection.close()


def prepare() -> None:
    """Bring the database up to date and seed it; say the password of a new administrator."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    settings.RELEASES_DIR.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    username = env.str("PACKER_ADMIN_USER", "admin")
    chosen = env.str("PACKER_ADMIN_PASSWORD", "")
    with transaction.atomic():
        seed_roles()
        password = first_admin(username, chosen)
        seed_rules()
        seed_templates()
    if password and not chosen:
        for line in welcome(username, password):
            tell(line)


def first_admin(username: str, chosen: str) -> str | None:
    """Seed the administrator; see `seed_admin`.

    Raises:
        Stop: the environment's name is taken, or its password too weak.
    """
    try:
        return seed_admin(username, chosen)
    except ValidationError as weak:
        sentence = " ".join(weak.messages)
        raise Stop(
            Exit.INVALID, f"{sentence} See PACKER_ADMIN_USER and PACKER_ADMIN_PASSWORD."
        ) from weak


def welcome(username: str, password: str) -> Iterable[str]:
    yield "─" * 60
    yield f"The administrator is made: user {username}, password {password}"
    yield "This is shown once. To change it: Administration, then Change password."
    yield "─" * 60


def prepare_if_new() -> None:
    """Set up an instance that has no tables yet, so that the first command works."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    if "django_migrations" not in connection.introspection.table_names():
        prepare()
