"""packer pack FILE: make a release of a file of this machine."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from cli.exits import Exit
from cli.making import made
from cli.options import add_packing_options, add_release_options
from cli.output import say, tell
from cli.progress import watched

EXAMPLE = "packer pack book.epub --group GRP --type EBOOK --source retail --output out"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    add_release_options(parser)
    add_packing_options(parser)


def run(options: Namespace) -> Exit:
    """Pack the file, and print what was made.

    Raises:
        Stop: it cannot be done; says why.
    """
    with watched(quiet=options.json) as heard:
        release = made(options, heard)
    if options.json:
        say(json.dumps(release, ensure_ascii=False, indent=2))
        return Exit.DONE
    for note in release["notes"]:
        tell(note)
    say(release["path"])
    return Exit.DONE
