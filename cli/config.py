"""packer config: what administrators set for the whole site while it runs."""

from argparse import ArgumentParser, Namespace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cli.doors import Door
from cli.exits import Exit, Stop
from cli.output import say
from cli.tables import facts, written
from cli.verbs import Verb, add_verbs, printed, run_verb, value_of

EXAMPLE = "packer config set limits.api_timeout 20"
PATH = "/config/system"
NAME = "limits.api_timeout"


def add_arguments(parser: ArgumentParser) -> None:
    add_verbs(parser, VERBS)


def run(options: Namespace) -> Exit:
    """Do what is asked of the settings.

    Raises:
        Stop: it cannot be done; says why.
    """
    return run_verb(options, VERBS)


def add_name(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help=_("one of them, or a section"))


def get(options: Namespace, door: Door) -> Exit:
    document = door.ask("GET", PATH)
    if options.name is None:
        return printed(document) if options.json else all_told(document)
    value = found(document, options.name)
    if options.json:
        return printed({options.name: value})
    if isinstance(value, dict):
        return all_told({options.name: value})
    say(written(value))
    return Exit.DONE


def all_told(document: dict[str, Any]) -> Exit:
    for section, values in document.items():
        facts((f"{section}.{name}", value) for name, value in values.items())
    return Exit.DONE


def found(document: dict[str, Any], name: str) -> Any:
    """Return the value of a setting, or those of a section.

    Raises:
        Stop: there is none of that name.
    """
    section, dot, rest = name.partition(".")
    values = document.get(section)
    if values is not None and (not dot or rest in values):
        return values[rest] if dot else values
    names = [f"{section}.{one}" for section, values in document.items() for one in values]
    sentence = _("%(name)s is none of: %(names)s.")
    raise Stop(Exit.NOT_FOUND, sentence % {"name": name, "names": ", ".join(names)})


def add_value(parser: ArgumentParser) -> None:
    add_key(parser)
    parser.add_argument("value", metavar="VALUE", type=value_of, help=_("a number or a word"))


def add_key(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help=_("as “get” names it: e.g. %s") % NAME)


def put(options: Namespace, door: Door) -> Exit:
    return changed(options, door, options.value)


def forget(options: Namespace, door: Door) -> Exit:
    return changed(options, door, None)


def changed(options: Namespace, door: Door, value: Any) -> Exit:
    section, dot, name = options.name.partition(".")
    if not (section and dot and name):
        sentence = _("Write section and name, such as %(example)s.")
        raise Stop(Exit.INVALID, sentence % {"example": NAME})
    answer = door.ask("PUT", PATH, body={section: {name: value}})
    return printed(answer) if options.json else Exit.DONE


VERBS = {
    "get": Verb(gettext_noop("all of it, a section, or one"), add_name, get),
    "set": Verb(gettext_noop("set one for the whole site"), add_value, put),
    "unset": Verb(gettext_noop("have the environment count again"), add_key, forget),
}
