"""packer setup: what every instance has before it does anything."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, transaction
from environs import Env

from accounts.seeds import seed_admin, seed_roles
from accounts.system import system
from cli.exits import Exit, Stop
from cli.output import say, tell
from releases.seeds import seed_templates
from rulebook.seeds import seed_listings
from rules.seeds import seed_rules

EXAMPLE = "packer setup"

env = Env()


def add_arguments(parser: ArgumentParser) -> None:
    """Setting up asks nothing."""


def run(options: Namespace) -> Exit:
    prepare()
    if options.json:
        say(json.dumps({"ready": True, "data_dir": str(settings.DATA_DIR)}))
    return Exit.DONE


def prepare(*, makes_admin: bool = True) -> None:
    """Bring the database up to date and seed it; say the password of a new administrator.

    Unless `makes_admin`, one is made only with the password that the environment gives: whoever
    opens the site first makes theirs.
    """
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    system().releases.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    username = env.str("PACKER_ADMIN_USER", "admin")
    chosen = env.str("PACKER_ADMIN_PASSWORD", "")
    with transaction.atomic():
        seed_roles()
        password = first_admin(username, chosen) if chosen or makes_admin else None
        seed_rules()
        seed_listings()
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
    yield "This is shown once. To change it: Preferences, then Change the password."
    yield "─" * 60


def prepare_if_new() -> None:
    """Set up an instance that has no tables yet, so that the first command works."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    if "django_migrations" not in connection.introspection.table_names():
        prepare()
