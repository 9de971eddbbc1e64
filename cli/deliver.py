"""packer deliver RELEASE DESTINATION: bring a release to where it is wanted."""

from argparse import ArgumentParser, Namespace
from typing import Any

from django.utils.translation import gettext as _

from cli.doors import Door, opened
from cli.exits import Exit, Stop
from cli.naming import release_number, usable_destination_number
from cli.output import say
from cli.progress import watched
from cli.verbs import add_user_option, printed
from cli.waiting import awaited

EXAMPLE = "packer deliver Author.Title.2020.RETAiL.ePUB.eBook-GRP Shelf"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("release", metavar="RELEASE", help=_("the name, or the number"))
    parser.add_argument("destination", metavar="DESTINATION", help=_("the name, or the number"))
    parser.add_argument(
        "--no-wait", action="store_true", help=_("leave it to a worker, and print its job")
    )
    add_user_option(parser)


def run(options: Namespace) -> Exit:
    """Deliver the release, and wait until it is there.

    Raises:
        Stop: it cannot be delivered; says why.
    """
    door = opened(options)
    release = release_number(door, options.release)
    destination = usable_destination_number(door, options.destination)
    started = begun(door, release, destination)
    if options.no_wait:
        return told(options, started)
    status = arrived(door, started["job_id"], options)
    if options.json:
        return printed(status)
    values = {"release": options.release, "destination": options.destination}
    say(_("%(release)s is delivered to %(destination)s.") % values)
    return Exit.DONE


def begun(door: Door, release: int, destination: int) -> dict[str, Any]:
    body = {"destination_id": destination}
    return dict(door.ask("POST", f"/releases/{release}/deliver", body=body))


def arrived(door: Door, job_id: int, options: Namespace) -> dict[str, Any]:
    """Return how the delivery stands at its end.

    Raises:
        Stop: it failed; says why.
    """
    with watched(quiet=options.json) as heard:
        status = awaited(door, job_id, heard)
    if status["status"] != "completed":
        raise Stop(Exit.DESTINATION_FAILED, status["message"])
    return status


def told(options: Namespace, started: dict[str, Any]) -> Exit:
    if options.json:
        return printed(started)
    sentence = _("Job %(job)s delivers it: packer jobs logs %(job)s --follow tells how.")
    say(sentence % {"job": started["job_id"]})
    return Exit.DONE
