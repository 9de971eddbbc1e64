"""packer pack FILE: make a release of a file of this machine."""

import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from cli.doors import is_remote
from cli.doors.address import address_given
from cli.exits import Exit, Stop
from cli.listing import SHARED, WORDS
from cli.making import acting_user, made, outcome, packed, refusals_told
from cli.options import add_packing_options, add_release_options
from cli.output import say, say_json, tell
from cli.progress import watched
from cli.prompts import nobody_there

EXAMPLE = "packer pack book.epub --group GRP --type EBOOK --source retail --output out"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file",
        type=Path,
        nargs="?",
        metavar="FILE",
        help=_("what is packed; --interactive asks for it"),
    )
    parser.add_argument(
        "-i", "--interactive", action="store_true", help=_("ask for everything, at the terminal")
    )
    add_release_options(parser)
    parser.set_defaults(**dict.fromkeys(SHARED))  # what is not said, a person may be asked for
    add_packing_options(parser)


def run(options: Namespace) -> Exit:
    """Pack the file, and print what was made.

    Raises:
        Stop: it cannot be done; says why.
    """
    if options.interactive:
        refuse_questions_elsewhere()
        return with_delivery(answered(options), options)
    mean_the_usual(options)
    with watched(quiet=options.json) as heard:
        release = made(options, heard)
    return told(release, options)


def refuse_questions_elsewhere() -> None:
    if is_remote():
        sentence = _("--interactive: with PACKER_URL nothing is asked. Give FILE and options.")
        raise Stop(Exit.INVALID, sentence)


def mean_the_usual(options: Namespace) -> None:
    """Fill in what was not said.

    Raises:
        Stop: the file or the group is missing, which nothing stands for.
    """
    for word, shown in (("file", "FILE"), ("group", "--group")):
        if not getattr(options, word):
            sentence = _("%(option)s is missing: say it, or use --interactive to be asked.")
            if is_remote():  # where nobody is asked
                sentence = _("%(option)s is missing.")
            raise Stop(Exit.INVALID, sentence % {"option": shown})
    for name in SHARED:
        if getattr(options, name) is None:
            setattr(options, name, WORDS[name])


def answered(options: Namespace) -> dict[str, Any]:
    """Ask for everything, and return what was made of the answers.

    Raises:
        Stop: nobody can be asked here, or it cannot be done; says why.
    """
    if nobody_there():
        sentence = _("--interactive needs a terminal: say all by options, see “packer help pack”.")
        raise Stop(Exit.INVALID, sentence)
    from cli.interactive import described_release  # noqa: PLC0415  # few are asked

    user = acting_user(options.username)
    options.release_name = options.release_name or ""
    with refusals_told():
        release = described_release(options, user)
        began_s = time.monotonic()
        with watched(quiet=options.json) as heard:
            job = packed(release, options, user, heard)
    return outcome(job, options, began_s)


def with_delivery(release: dict[str, Any], options: Namespace) -> Exit:
    """Tell of the release, then ask where it is delivered to."""
    from cli.offering import offer_delivery  # noqa: PLC0415  # few are asked

    told(release, options)
    sys.stdout.flush()
    return offer_delivery(release["release_id"], options)


def told(release: dict[str, Any], options: Namespace) -> Exit:
    if options.json:
        say_json(release)
        return Exit.DONE
    for note in release["notes"]:
        tell(note)
    say(place(release))
    return Exit.DONE


def place(release: dict[str, Any]) -> str:
    """Return where a person finds it: its folder, or its page on the instance elsewhere."""
    if not is_remote():
        return str(release["path"])
    return f"{address_given().url}/releases/{release['release_id']}/"
