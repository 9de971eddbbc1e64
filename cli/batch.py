"""packer batch FILE: make a release of each file that a document lists."""

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from cli.exits import Exit, Stop
from cli.listing import SHARED, Item, read_items
from cli.making import acting_user, made
from cli.options import add_packing_options, add_release_options
from cli.output import say
from cli.progress import watched

EXAMPLE = "packer batch releases.json --group GRP --output out"
STANDARD_INPUT = "-"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the list, in JSON; - is standard input")
    add_release_options(parser, needs_group=False)
    parser.set_defaults(**dict.fromkeys(SHARED))  # a list may say it, so nothing is meant yet
    add_packing_options(parser)


def run(options: Namespace) -> Exit:
    """Try every item, and print what came of each.

    Raises:
        Stop: the document cannot be used: nothing is tried.
    """
    acting_user(options.username)  # who is nobody is said once, before anything is tried
    document, folder = opened(options.file)
    results = []
    for item in read_items(document, folder, given(options)):
        results.append(result := tried(item))
        if not options.json:
            say(line(result))
    failed = sum(result["status"] == "failed" for result in results)
    if options.json:
        counts = {"completed": len(results) - failed, "failed": failed}
        say(json.dumps({"results": results} | counts, ensure_ascii=False, indent=2))
    return Exit.FAILED if failed else Exit.DONE


def opened(name: str) -> tuple[bytes, Path]:
    """Return the document, and the folder that its paths are meant from."""
    if name == STANDARD_INPUT:
        return sys.stdin.buffer.read(), Path.cwd()
    try:
        return Path(name).read_bytes(), Path(name).parent
    except FileNotFoundError:
        raise Stop(Exit.NOT_FOUND, _("%(path)s is not there.") % {"path": name}) from None
    except OSError as error:
        sentence = _("%(path)s cannot be read (%(reason)s).")
        raise Stop(Exit.INVALID, sentence % {"path": name, "reason": error.strerror}) from error


def given(options: Namespace) -> dict[str, Any]:
    """Return what the command says of all items."""
    said = {name: value for name, value in vars(options).items() if name != "file"}
    return {name: value for name, value in said.items() if value is not None or name not in SHARED}


def tried(item: Item) -> dict[str, Any]:
    try:
        with watched(quiet=item.options.json) as heard:
            release = made(item.options, heard)
    except Stop as stop:
        reason = {"error": stop.code.name.lower(), "message": str(stop)}
        return {"file": item.file, "status": "failed"} | reason
    return {"file": item.file, "status": "completed"} | release


def line(result: dict[str, Any]) -> str:
    if result["status"] == "completed":
        return f"{result['file']}: {result['path']}"
    return _("%(file)s: failed. %(message)s") % result
