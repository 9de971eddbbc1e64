"""packer check: look through the instance for what is missing, changed or orphaned."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cli.exits import Exit, Stop
from cli.output import say, say_json
from cli.progress import watched
from upkeep.checking import check_instance, put_away
from upkeep.faults import Fault, Kind
from upkeep.sentences import Unable, reading_or_writing

EXAMPLE = "packer check --quick"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--quick", action="store_true", help=_("look at the sizes of files, and read none")
    )
    parser.add_argument(
        "--repair",
        action="store_true",
        help=_("move orphans to the folder orphans of DATA_DIR; what is damaged stays as it is"),
    )


def run(options: Namespace) -> Exit:
    """Print what is wrong, a line each.

    Raises:
        Stop: the database or a folder cannot be looked through.
    """
    try:
        faults = list(found(options))
    except Unable as unable:
        raise Stop(Exit.FAILED, str(unable)) from unable
    if options.json:
        told = {"sound": not faults, "faults": [asdict(fault) for fault in faults]}
        say_json(told)
    else:
        say(summary(faults))
    return Exit.FAILED if faults else Exit.DONE


def found(options: Namespace) -> Iterator[Fault]:
    """Yield each fault once it is said, or put right."""
    with watched(quiet=options.json) as heard:
        for fault in check_instance(quick=options.quick, heard=heard):
            if not options.json:
                say(fault.message)
            if options.repair and fault.kind == Kind.ORPHAN:
                repair(fault, quiet=options.json)
            yield fault


def repair(fault: Fault, *, quiet: bool) -> None:
    with reading_or_writing(Path(fault.what)):
        aside = put_away(Path(fault.what))
    if not quiet:
        say(_("It is moved to %(path)s.") % {"path": aside})


def summary(faults: list[Fault]) -> str:
    count = len(faults)
    if not count:
        return _("All is right.")
    return ngettext("%(count)d thing is wrong.", "%(count)d things are wrong.", count) % {
        "count": count
    }
