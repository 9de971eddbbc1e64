"""packer prefs: what one prefers, and what all prefer who say nothing."""

import json
import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cli.doors import Door
from cli.exits import Exit, Stop
from cli.output import say
from cli.verbs import Verb, add_verbs, printed, run_verb, value_of

EXAMPLE = "packer prefs set view_mode cards"
KEY = re.compile("[A-Za-z0-9_-]{1,100}")
OWN, OF_ALL = "/preferences", "/preferences/global"


def add_arguments(parser: ArgumentParser) -> None:
    add_verbs(parser, VERBS)


def run(options: Namespace) -> Exit:
    """Do what is asked of the preferences.

    Raises:
        Stop: it cannot be done; says why.
    """
    return run_verb(options, VERBS)


def add_name(parser: ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", nargs="?", help=_("one of them, e.g. theme"))
    add_scope(parser)


def add_scope(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--global", dest="of_all", action="store_true", help=_("what holds where one says nothing")
    )


def get(options: Namespace, door: Door) -> Exit:
    kept = door.ask("GET", OF_ALL if options.of_all else OWN)
    if options.key is None:
        return told(options, kept, kept["preferences"])
    if options.key not in kept["preferences"]:
        names = ", ".join(kept["preferences"])
        sentence = _("%(name)s is none of: %(names)s.")
        raise Stop(Exit.NOT_FOUND, sentence % {"name": options.key, "names": names})
    value = kept["preferences"][options.key]
    if options.json:
        return printed({"key": options.key, "value": value})
    say(in_words(value))
    return Exit.DONE


def told(options: Namespace, document: Any, preferences: dict[str, Any]) -> Exit:
    if options.json:
        return printed(document)
    for name, value in preferences.items():
        say(f"{name}: {in_words(value)}")
    return Exit.DONE


def in_words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def add_value(parser: ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", type=key, help=_("e.g. theme"))
    parser.add_argument("value", metavar="VALUE", type=value_of, help=_("a word, or JSON"))
    add_scope(parser)


def key(text: str) -> str:
    """Return what names a preference.

    Raises:
        ArgumentTypeError: nothing is called so.
    """
    if not KEY.fullmatch(text):
        raise ArgumentTypeError(_("No preference is called %(name)s.") % {"name": text})
    return text


def put(options: Namespace, door: Door) -> Exit:
    if options.of_all:
        answer = door.ask("POST", OF_ALL, body={options.key: options.value})
    else:
        answer = door.ask("PUT", f"{OWN}/{options.key}", body={"value": options.value})
    return printed(answer) if options.json else Exit.DONE


def add_key(parser: ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", type=key, help=_("e.g. theme"))
    add_scope(parser)


def forget(options: Namespace, door: Door) -> Exit:
    if options.of_all:
        answer = door.ask("POST", OF_ALL, body={options.key: None})
    else:
        answer = door.ask("DELETE", f"{OWN}/{options.key}")
    return printed(answer or {"key": options.key}) if options.json else Exit.DONE


VERBS = {
    "get": Verb(gettext_noop("all of them, or one"), add_name, get),
    "set": Verb(gettext_noop("prefer something"), add_value, put),
    "unset": Verb(gettext_noop("take back what was said"), add_key, forget),
}
