"""packer setup: what every instance has before it does anything."""

import errno
import json
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from accounts.seeds import seed_admin, seed_roles
from accounts.system import system
from cli.exits import Exit, Stop
from cli.output import say, tell
from monitoring.readiness import shipped
from packer_site.environment import Environment
from releases.seeds import seed_templates
from rulebook.seeds import seed_listings
from rules.seeds import seed_rules
from upkeep import marks
from upkeep.sentences import Unable

EXAMPLE = "packer setup"

PASSWORD = "PACKER_ADMIN_PASSWORD"  # noqa: S105  # the name of its variable

env = Environment()


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--no-admin",
        action="store_true",
        help=_("leave the administrator to whoever opens the site first"),
    )


def run(options: Namespace) -> Exit:
    is_made = prepare(makes_admin=not options.no_admin)
    if env.str(PASSWORD, ""):
        tell(
            f"The administrator is made, with the password of {PASSWORD}."
            if is_made
            else f"There is an administrator already: {PASSWORD} changes no password."
        )
    if options.json:
        say(json.dumps({"ready": True, "data_dir": str(settings.DATA_DIR)}))
    return Exit.DONE


def prepare(*, makes_admin: bool = True) -> bool:
    """Bring the database up to date and seed it; say the password of a new administrator.

    Returns whether one was made.

    Unless `makes_admin`, one is made only with the password that the environment gives: whoever
    opens the site first makes theirs.

    Raises:
        Stop: a restore of this instance was cut off.
    """
    refuse_half_restored()
    make_folder("DATA_DIR", settings.DATA_DIR)
    call_command("migrate", verbosity=0, interactive=False)
    make_folder("RELEASES_DIR", system().releases)
    username = env.str("PACKER_ADMIN_USER", "admin")
    chosen = env.str(PASSWORD, "")
    with transaction.atomic():
        seed_roles()
        password = first_admin(username, chosen) if chosen or makes_admin else None
        seed_rules()
        seed_listings()
        seed_templates()
    if password and not chosen:
        for line in welcome(username, password):
            tell(line)
    return bool(password)


def make_folder(name: str, path: Path) -> None:
    """Make the folder that the variable `name` says, where it is missing.

    Raises:
        ImproperlyConfigured: that cannot be, or nothing can be written there.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        reason = "" if os.access(path, os.W_OK | os.X_OK) else os.strerror(errno.EACCES)
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        raise ImproperlyConfigured(
            f"{name}: {path} cannot be made or written ({reason}): name a folder that belongs to "
            "the user of this program."
        )


def refuse_half_restored() -> None:
    try:
        marks.refuse_half_restored()
    except Unable as unable:
        raise Stop(Exit.FAILED, str(unable)) from unable


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
    make_folder("DATA_DIR", settings.DATA_DIR)
    if "django_migrations" not in connection.introspection.table_names():
        prepare()
    elif is_behind():
        sentence = _("The database is of an earlier version: run “packer setup” first.")
        raise Stop(Exit.FAILED, sentence)


def is_behind() -> bool:
    """Tell whether the database lacks migrations; their names are looked at, unless one is new."""
    applied = MigrationRecorder(connection).applied_migrations()
    if shipped() <= applied.keys():
        return False
    executor = MigrationExecutor(connection)  # reads them all: one may replace others
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
