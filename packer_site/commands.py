"""All that `packer` can do, as one table."""

import gc
import gettext
import json
import logging
import os
import sys
from argparse import ArgumentParser, Namespace
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from enum import Enum, auto
from importlib import import_module
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation.trans_null import gettext_noop as _

from cli.doors import is_remote
from cli.exits import Exit, Stop, database_away
from cli.interruption import LISTENER, Interrupted
from cli.manual import Example, Page
from cli.output import say, tell
from cli.pages import PAGES, WHOLE
from cli.reader import Reader


class Afar(Enum):
    """What becomes of a command where PACKER_URL names an instance elsewhere."""

    REFUSED = auto()
    """It is of the machine of its instance."""
    SAME = auto()
    """It asks no instance, or sees to that by itself."""
    BY_API = auto()
    """It asks there, and needs no models for that."""


@dataclass(frozen=True, slots=True)
class Command:
    help: str
    module: str
    """Has `EXAMPLE`, `add_arguments` and `run`; imported for the one command that is run."""
    needs_models: bool = True
    needs_instance: bool = False
    """Whether a new instance must be set up before it runs."""
    afar: Afar = Afar.REFUSED
    is_service: bool = False
    """Whether it runs until it is ended: what it logs is for whoever runs it."""

    @property
    def example(self) -> str:
        return str(self._loaded.EXAMPLE)

    def add_arguments(self, parser: ArgumentParser) -> None:
        self._loaded.add_arguments(parser)

    def run(self, options: Namespace) -> Exit:
        return Exit(self._loaded.run(options))

    @property
    def _loaded(self) -> Any:
        return import_module(self.module)


COMMANDS = {
    "pack": Command(_("Make a release of a file"), "cli.pack", needs_instance=True, afar=Afar.SAME),
    "batch": Command(
        _("Make a release of each file of a list"), "cli.batch", needs_instance=True, afar=Afar.SAME
    ),
    "inbox": Command(
        _("List the files of the server's folder, or look there"),
        "cli.inbox",
        needs_instance=True,
    ),
    "analyze": Command(
        _("Say what files are, and what they say of themselves"),
        "cli.analyze",
        needs_models=False,
        afar=Afar.SAME,
    ),
    "verify": Command(
        _("Read a release back: archives, checksums, counters"),
        "cli.verify",
        needs_models=False,
        afar=Afar.SAME,
    ),
    "lint": Command(
        _("Say how a release keeps to its rule"), "cli.lint", needs_models=False, afar=Afar.SAME
    ),
    "templates": Command(
        _("List the templates of NFOs, or get one"),
        "cli.templates",
        needs_instance=True,
        afar=Afar.SAME,
    ),
    "rules": Command(
        _("Keep the library of rules: list, show, synchronize, import"),
        "cli.rules",
        needs_instance=True,
        afar=Afar.SAME,
    ),
    "jobs": Command(
        _("List jobs, follow, cancel or repeat one"),
        "cli.jobs",
        needs_instance=True,
        afar=Afar.BY_API,
    ),
    "deliver": Command(
        _("Bring a release to a destination"), "cli.deliver", needs_instance=True, afar=Afar.BY_API
    ),
    "destinations": Command(
        _("List destinations, or test one"),
        "cli.destinations",
        needs_instance=True,
        afar=Afar.BY_API,
    ),
    "prefs": Command(_("Say what you prefer"), "cli.prefs", needs_instance=True, afar=Afar.BY_API),
    "config": Command(
        _("Set something for the whole site"), "cli.config", needs_instance=True, afar=Afar.BY_API
    ),
    "users": Command(
        _("List people, add or deactivate one"), "cli.users", needs_instance=True, afar=Afar.BY_API
    ),
    "serve": Command(_("Serve the site and run its jobs"), "packer_site.serve", is_service=True),
    "web": Command(_("Serve the site by several processes"), "packer_site.web", is_service=True),
    "worker": Command(
        _("Run jobs alone"), "packer_site.worker", needs_instance=True, is_service=True
    ),
    "backup": Command(_("Back up all rows and files of the instance"), "cli.backup"),
    "restore": Command(_("Make an instance of a backup"), "cli.restore"),
    "check": Command(_("Find missing, changed and orphaned files"), "cli.check"),
    "store": Command(_("Move files into the store of files"), "cli.store"),
    "rotate-keys": Command(_("Encrypt stored credentials under a new key"), "cli.rotate_keys"),
    "setup": Command(_("Bring the database up to date and seed it"), "packer_site.setup"),
    "completion": Command(
        _("Print what completes commands in a shell"), "packer_site.completion", afar=Afar.SAME
    ),
    "help": Command(_("Print the manual of a command"), "packer_site.manual", afar=Afar.SAME),
}


def run(arguments: list[str]) -> int:
    """Run one command, and return its exit code."""
    command = COMMANDS.get(arguments[0]) if arguments else None
    try:
        with LISTENER.attached():
            set_up(command)
            speak(spoken())
            code = obey(parser(command).parse_args(arguments))
            sys.stdout.flush()
            return code
    except ImproperlyConfigured as error:
        tell(f"packer: {error}")
        return Exit.INVALID
    except Interrupted as interrupted:
        return interrupted.code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nor does Python complain
        return Exit.FAILED


def obey(options: Namespace) -> Exit:
    command = COMMANDS[options.command]
    if options.verbose:
        logging.getLogger().setLevel(logging.INFO)
    elif not command.is_service:
        hush()
    try:
        if is_remote():
            refuse_what_is_of_its_machine(options.command)
        elif command.needs_instance:
            import_module("packer_site.setup").prepare_if_new()
        return command.run(options)
    except Stop as stop:
        return stopped(stop, options)
    except DatabaseError as error:
        from jobs.outages import is_outage  # noqa: PLC0415  # models, which few commands need

        if not is_outage(error):
            raise
        return stopped(database_away(error), options)


def hush() -> None:
    """Keep what is worth no warning from the terminal, whatever the log of the site takes."""
    for handler in logging.getLogger().handlers:
        if type(handler) is logging.StreamHandler:
            handler.setLevel(logging.WARNING)


def stopped(stop: Stop, options: Namespace) -> Exit:
    """Say why a command stops, and return how it ends."""
    tell(f"packer: {stop}")
    if options.json:
        say(json.dumps({"error": stop.code.name.lower(), "message": str(stop)}))
    return stop.code


def refuse_what_is_of_its_machine(name: str) -> None:
    if COMMANDS[name].afar is Afar.REFUSED:
        sentence = translation.gettext(
            "packer %(command)s works on the machine of its instance alone: unset PACKER_URL there."
        )
        raise Stop(Exit.INVALID, sentence % {"command": name})


def spoken() -> str:
    """Return the language of who asks."""
    said = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "fr" if next(filter(None, said), "").startswith("fr") else "en"


def speak(language: str) -> None:
    """Have all that is said from now on said in `language`, and what argparse says, too."""
    translation.activate(language)
    gettext.bindtextdomain("django", str(Path(__file__).parent / "locale"))
    gettext.textdomain("django")


def set_up(command: Command | None) -> None:
    """Load what `command` needs of Django. All of it stays: no garbage is looked for in it.

    Raises:
        ImproperlyConfigured: the environment is not right.
    """
    if apps.ready:  # by manage.py
        return
    if is_remote():
        stand_in_for_secrets()
    gc.disable()
    try:
        if command and command.needs_models and not (is_remote() and command.afar is Afar.BY_API):
            django.setup()
        else:
            apps.populate([])  # translations wait for the registry, be it empty
    finally:
        gc.freeze()
        gc.enable()


def stand_in_for_secrets() -> None:
    """Give what only an instance needs, and has: who asks another one keeps no secrets of it."""
    for name in ("SECRET_KEY", "JWT_SECRET_KEY"):
        os.environ.setdefault(name, token_hex())
    os.environ.setdefault("CREDENTIAL_KEYS", urlsafe_b64encode(token_bytes(32)).decode())


def parser(*commands: Command | None) -> Reader:
    """Return what reads the arguments; only `commands` tell what they take."""
    whole = Reader("packer", description=_("Make releases that conform to packaging rules."))
    whole.page = WHOLE
    version = f"packer {settings.SPECTACULAR_SETTINGS['VERSION']}"
    whole.add_argument("--version", action="version", version=version)
    several = whole.add_subparsers(
        title=_("commands"), dest="command", required=True, metavar=_("COMMAND")
    )
    for name, each in COMMANDS.items():
        one = several.add_parser(name, help=each.help)
        if each in commands:
            describe(one, name, each)
    return whole


def describe(one: Reader, name: str, command: Command) -> None:
    one.description = command.help
    one.page = PAGES.get(name) or Page(examples=(Example("", command.example),))
    command.add_arguments(one)
    one.add_argument("--json", action="store_true", help=_("print one JSON document"))
    one.add_argument("-v", "--verbose", action="store_true", help=_("log more on standard error"))
