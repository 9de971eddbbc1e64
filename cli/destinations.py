"""packer destinations: where releases are delivered to, and whether that works."""

from argparse import ArgumentParser, Namespace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cli.doors import Door
from cli.exits import Exit, Stop
from cli.naming import destination_number, destinations
from cli.output import say
from cli.tables import facts, listed
from cli.verbs import Verb, add_verbs, asks_nothing, printed, run_verb

EXAMPLE = "packer destinations test Shelf"


def add_arguments(parser: ArgumentParser) -> None:
    add_verbs(parser, VERBS)


def run(options: Namespace) -> Exit:
    """Do what is asked of the destinations.

    Raises:
        Stop: it cannot be done, or the destination does not work; says why.
    """
    return run_verb(options, VERBS)


def list_destinations(options: Namespace, door: Door) -> Exit:
    document = destinations(door)
    if options.json:
        return printed(document)
    titles = ("", _("Name"), _("Type"), _("Host"), _("Port"), _("User"))
    names = ("id", "name", "type", "host", "port", "user")
    listed(titles, ([one[name] for name in names] for one in document["destinations"]))
    return Exit.DONE


def add_destination(parser: ArgumentParser) -> None:
    parser.add_argument("destination", metavar="DESTINATION", help=_("the name, or the number"))


def show(options: Namespace, door: Door) -> Exit:
    number = destination_number(door, options.destination)
    document = door.ask("GET", f"/config/destinations/{number}")
    if options.json:
        return printed(document)
    facts((name, value) for name, value in document.items() if name != "options")
    facts((f"options.{name}", value) for name, value in document["options"].items())
    return Exit.DONE


def try_out(options: Namespace, door: Door) -> Exit:
    """Test a destination; one that cannot be delivered to has failed."""
    number = destination_number(door, options.destination)
    answer = door.ask("POST", f"/config/destinations/{number}/test")
    if options.json:
        printed(answer)
        return Exit.DONE if answer["success"] else Exit.DESTINATION_FAILED
    if not answer["success"]:
        raise Stop(Exit.DESTINATION_FAILED, f"{answer['message']} {how_to_accept(answer)}".strip())
    say(_("It works: %(time)s ms.") % {"time": answer["response_time"]})
    return Exit.DONE


def how_to_accept(answer: dict[str, Any]) -> str:
    if not (key := fingerprint(answer)):
        return ""
    return _("To accept it: packer destinations accept DESTINATION %(key)s.") % {"key": key}


def fingerprint(answer: dict[str, Any]) -> str:
    """Return that of the key which a test met, and which is not accepted; nothing without one."""
    return str(answer.get("host_key", "")).rpartition(" ")[2]


def add_key(parser: ArgumentParser) -> None:
    add_destination(parser)
    parser.add_argument("key", metavar="FINGERPRINT", help=_("of its key, as SHA256:…"))


def accept(options: Namespace, door: Door) -> Exit:
    """Accept the key that a server shows, where it is the one that was said; then test."""
    number = destination_number(door, options.destination)
    answer = door.ask("POST", f"/config/destinations/{number}/test")
    if shown := fingerprint(answer):
        if options.key != shown:
            sentence = _("It shows another key, %(key)s: nothing is accepted.")
            raise Stop(Exit.DESTINATION_FAILED, sentence % {"key": shown})
        accepted = {"host_key": answer["host_key"]}
        door.ask("PUT", f"/config/destinations/{number}", body=accepted)
    return try_out(options, door)


VERBS = {
    "list": Verb(gettext_noop("those that one may see"), asks_nothing, list_destinations),
    "show": Verb(gettext_noop("one, without its secrets"), add_destination, show),
    "test": Verb(gettext_noop("log in, write a file and remove it"), add_destination, try_out),
    "accept": Verb(gettext_noop("accept the key that a server of SFTP shows"), add_key, accept),
}
