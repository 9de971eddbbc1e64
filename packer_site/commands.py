"""All that `packer` can do, as one table."""

import gc
import json
import logging
import os
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import django
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.utils import translation

from cli.exits import Exit, Stop
from cli.interruption import LISTENER, Interrupted
from cli.output import say, tell


@dataclass(frozen=True, slots=True)
class Command:
    help: str
    module: str
    """Has `EXAMPLE`, `add_arguments` and `run`; imported for the one command that is run."""
    needs_models: bool = True
    needs_instance: bool = False
    """Whether a new instance must be set up before it runs."""

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
    "pack": Command("Make a release of a file", "cli.pack", needs_instance=True),
    "batch": Command("Make a release of each file of a list", "cli.batch", needs_instance=True),
    "analyze": Command(
        "Say what files are, and what they say of themselves", "cli.analyze", needs_models=False
    ),
    "verify": Command(
        "Read a release back: archives, checksums, counters", "cli.verify", needs_models=False
    ),
    "lint": Command("Say how a release keeps to its rule", "cli.lint", needs_models=False),
    "templates": Command(
        "List the templates of NFOs, or get one", "cli.templates", needs_instance=True
    ),
    "rules": Command(
        "Keep the library of rules: list, show, synchronize, import",
        "cli.rules",
        needs_instance=True,
    ),
    "serve": Command("Serve the site and run its jobs", "packer_site.serve"),
    "worker": Command("Run jobs alone", "packer_site.worker", needs_instance=True),
    "rotate-keys": Command("Encrypt stored credentials under a new key", "cli.rotate_keys"),
    "setup": Command("Bring the database up to date and seed it", "packer_site.setup"),
}


def run(arguments: list[str]) -> int:
    """Run one command, and return its exit code."""
    command = COMMANDS.get(arguments[0]) if arguments else None
    try:
        with LISTENER.attached():
            set_up(command)
            return obey(parser(command).parse_args(arguments))
    except ImproperlyConfigured as error:
        tell(f"packer: {error}")
        return Exit.INVALID
    except Interrupted as interrupted:
        return interrupted.code


def obey(options: Namespace) -> Exit:
    command = COMMANDS[options.command]
    if options.verbose:
        logging.getLogger().setLevel(logging.INFO)
    translation.activate("fr" if os.environ.get("LANG", "").startswith("fr") else "en")
    try:
        if command.needs_instance:
            import_module("packer_site.setup").prepare_if_new()
        return command.run(options)
    except Stop as stop:
        tell(f"packer: {stop}")
        if options.json:
            say(json.dumps({"error": stop.code.name.lower(), "message": str(stop)}))
        return stop.code


def set_up(command: Command | None) -> None:
    """Load what `command` needs of Django. All of it stays: no garbage is looked for in it.

    Raises:
        ImproperlyConfigured: the environment is not right.
    """
    if apps.ready:  # by manage.py
        return
    gc.disable()
    try:
        if command and command.needs_models:
            django.setup()
        else:
            apps.populate([])  # translations wait for the registry, be it empty
    finally:
        gc.freeze()
        gc.enable()


def parser(command: Command | None) -> ArgumentParser:
    """Return what reads the arguments; only `command` tells what it takes."""
    whole = ArgumentParser("packer", description="Make releases that conform to packaging rules.")
    several = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, each in COMMANDS.items():
        one = several.add_parser(name, help=each.help)
        if each is command:
            describe(one, each)
    return whole


def describe(one: ArgumentParser, command: Command) -> None:
    one.description = command.help
    one.epilog = f"example:\n  {command.example}"
    one.formatter_class = RawDescriptionHelpFormatter
    command.add_arguments(one)
    one.add_argument("--json", action="store_true", help="print one JSON document")
    one.add_argument("-v", "--verbose", action="store_true", help="log more on standard error")
