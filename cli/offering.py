"""The last step at the terminal: a release that was made is brought where one may deliver to."""

from argparse import Namespace
from typing import Any

from django.utils.translation import gettext as _

from cli import prompts
from cli.deliver import arrived, begun
from cli.doors import Door, Refusal
from cli.doors.local import LocalDoor
from cli.exits import Exit, Stop
from cli.making import refusals_told
from cli.naming import own_last, usable_destinations
from cli.output import tell
from cli.prompts import Choice
from delivery.models import Destination
from network.addresses import Unreachable
from releases.actions import told
from releases.actions.delivering import try_destination
from releases.models import Release
from vault.sealing import Undecryptable


def offer_delivery(release_id: int, options: Namespace) -> Exit:
    """Ask for a destination, test it, and wait until the release is there.

    What fails is said on standard error: the release is made, and its answer printed.
    """
    try:
        door = LocalDoor(options.username)
        if number := chosen(usable(door)):
            try_out(door, release_id, number)
            arrived(door, begun(door, release_id, number)["job_id"], options)
            tell(_("It is delivered."))
    except Stop as stop:
        tell(f"packer: {stop}")
        return stop.code
    return Exit.DONE


def usable(door: Door) -> list[dict[str, Any]]:
    """Return the destinations that one may deliver to; none where one may not know them."""
    try:
        return list(usable_destinations(door)["destinations"])
    except Refusal:
        return []


def chosen(destinations: list[dict[str, Any]]) -> int | None:
    """Return the number of the one that is wanted."""
    if not destinations:
        return None
    question = _("Deliver to")
    tell(question)
    nowhere = _("nowhere")
    numbers = {str(one["name"]): int(one["id"]) for one in own_last(destinations)}
    choices = [Choice(name, "") for name in dict.fromkeys([nowhere, *numbers])]
    answer = prompts.choice(question, choices, nowhere)
    return None if answer == nowhere else numbers[answer]


def try_out(door: LocalDoor, release_id: int, number: int) -> None:
    """Log in at the destination, write a file and remove it.

    Raises:
        Stop: that fails; says why.
    """
    release, destination = Release.objects.get(pk=release_id), Destination.objects.get(pk=number)
    try:
        with refusals_told():
            milliseconds = try_destination(release, destination, by=door.user)
    except (Unreachable, Undecryptable) as error:
        raise Stop(Exit.DESTINATION_FAILED, told(error)) from error
    tell(_("It works: %(time)s ms.") % {"time": milliseconds})
