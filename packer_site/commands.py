"""All that `packer` can do, as one table. Django must be set up before this is imported."""

import json
import logging
import os
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import translation

from cli import pack, verify
from cli.exits import Exit, Stop
from cli.output import say, tell
from packer_site import serve


@dataclass(frozen=True, slots=True)
class Command:
    help: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], Exit]
    example: str
    needs_setup: bool = True
    """Whether a new instance must be set up before it runs."""


COMMANDS = {
    "pack": Command(pack.HELP, pack.add_arguments, pack.run, pack.EXAMPLE),
    "verify": Command(
        verify.HELP, verify.add_arguments, verify.run, verify.EXAMPLE, needs_setup=False
    ),
    "serve": Command(
        "Serve the site and run its jobs",
        serve.add_serve_arguments,
        serve.serve,
        "packer serve --host 127.0.0.1 --port 8000",
        needs_setup=False,
    ),
    "worker": Command("Run jobs alone", serve.add_grace, serve.worker, "packer worker"),
    "setup": Command(
        "Bring the database up to date and seed it",
        lambda parser: None,
        serve.setup,
        "packer setup",
        needs_setup=False,
    ),
}


def run(arguments: list[str]) -> int:
    """Run one command, and return its exit code."""
    options = parser().parse_args(arguments)
    command = COMMANDS[options.command]
    if options.verbose:
        logging.getLogger().setLevel(logging.INFO)
    translation.activate("fr" if os.environ.get("LANG", "").startswith("fr") else "en")
    try:
        if command.needs_setup:
            serve.prepare_if_new()
        return command.run(options)
    except Stop as stop:
        tell(f"packer: {stop}")
        if options.json:
            say(json.dumps({"error": stop.code.name.lower(), "message": str(stop)}))
        return stop.code
    except KeyboardInterrupt:
        return Exit.INTERRUPTED


def parser() -> ArgumentParser:
    whole = ArgumentParser("packer", description="Make releases that conform to packaging rules.")
    several = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        one = several.add_parser(
            name,
            help=command.help,
            description=command.help,
            epilog=f"example:\n  {command.example}",
            formatter_class=RawDescriptionHelpFormatter,
        )
        command.add_arguments(one)
        one.add_argument("--json", action="store_true", help="print one JSON document")
        one.add_argument("-v", "--verbose", action="store_true", help="log more on standard error")
    return whole
