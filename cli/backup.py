"""packer backup TARGET: all rows and all files of the instance, as they were at one moment."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from django.utils.translation import gettext as _

from cli.exits import Exit, Stop
from cli.output import say, tell
from cli.progress import watched
from releases.templating import format_size
from upkeep.making import Made, make_backup
from upkeep.sentences import Unable

EXAMPLE = "packer backup /srv/backups"
SHOWN = 100


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "target",
        type=Path,
        metavar="DIR|FILE.tar",
        help=_("the folder that gets a folder of this backup, or the tar to write"),
    )
    parser.add_argument(
        "--without-files", action="store_true", help=_("the rows of the database alone")
    )


def run(options: Namespace) -> Exit:
    """Back up, and print where it lies; what is missing of the instance is named.

    Raises:
        Stop: no backup was made.
    """
    try:
        with watched(quiet=options.json) as heard:
            made = make_backup(options.target, with_files=not options.without_files, heard=heard)
    except Unable as unable:
        raise Stop(Exit.FAILED, str(unable)) from unable
    say(as_json(made) if options.json else as_text(made))
    for path in made.lacking[:SHOWN]:
        tell(_("%(path)s is missing, or is not what was recorded of it.") % {"path": path})
    for message in made.nowhere[:SHOWN]:
        tell(message)
    return Exit.FAILED if made.lacking or made.nowhere else Exit.DONE


def as_text(made: Made) -> str:
    facts = {"rows": made.rows, "files": made.files, "size": format_size(made.bytes)}
    told = _("%(rows)d rows and %(files)d files (%(size)s) are backed up.") % facts
    return f"{made.path}\n{told}"


def as_json(made: Made) -> str:
    document = {
        "backup": str(made.path),
        "rows": made.rows,
        "files": made.files,
        "bytes": made.bytes,
        "lacking": made.lacking,
        "nowhere": made.nowhere,
    }
    return json.dumps(document, ensure_ascii=False, indent=2)
