"""packer restore BACKUP: the instance of a backup, into an empty database and empty folders."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from django.utils.translation import gettext as _

from cli.exits import Exit, Stop
from cli.output import say, say_json
from cli.progress import watched
from upkeep.restoring import restore_backup
from upkeep.sentences import Unable

EXAMPLE = "packer restore /srv/backups/packer-20260102T030405Z"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "backup", type=Path, metavar="BACKUP", help=_("the folder of a backup, or its tar")
    )


def run(options: Namespace) -> Exit:
    """Restore, and print what was.

    Raises:
        Stop: the backup cannot be used, or something lies here already.
    """
    try:
        with watched(quiet=options.json) as heard:
            restored = restore_backup(options.backup, heard=heard)
    except Unable as unable:
        raise Stop(Exit.FAILED, str(unable)) from unable
    if options.json:
        say_json(asdict(restored))
        return Exit.DONE
    told = _("%(rows)d rows and %(files)d files are restored, as they were at %(made_at)s.")
    say(told % asdict(restored))
    return Exit.DONE
