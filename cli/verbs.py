"""Commands with verbs: each does one thing, and prints the document or says it in lines."""

import json
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from cli.doors import Door, opened
from cli.exits import Exit
from cli.output import say_json


@dataclass(frozen=True, slots=True)
class Verb:
    help: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace, Door], Exit]


def add_verbs(parser: ArgumentParser, verbs: Mapping[str, Verb]) -> None:
    several = parser.add_subparsers(dest="asked", required=True, metavar="VERB")
    for name, verb in verbs.items():
        one = several.add_parser(name, help=_(verb.help), description=_(verb.help))
        verb.add_arguments(one)
        add_shared_options(one)


def add_shared_options(one: ArgumentParser) -> None:
    """Add what every verb takes; unsaid here, what was said before the verb stays."""
    add_user_option(one)
    one.add_argument(
        "--json", action="store_true", default=SUPPRESS, help=_("print one JSON document")
    )
    one.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        default=SUPPRESS,
        help=_("log more on standard error"),
    )


def add_user_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--as",
        dest="username",
        metavar="USER",
        default=SUPPRESS,
        help=_("who asks (the first admin)"),
    )
    parser.set_defaults(username=None)


def asks_nothing(parser: ArgumentParser) -> None:
    """Take no arguments."""


def run_verb(options: Namespace, verbs: Mapping[str, Verb]) -> Exit:
    return verbs[options.asked].run(options, opened(options))


def printed(document: Any) -> Exit:
    say_json(document)
    return Exit.DONE


def add_paging(parser: ArgumentParser) -> None:
    parser.add_argument("--page", type=int, help=_("from 1"))
    parser.add_argument(
        "--limit", dest="per_page", type=int, metavar="N", help=_("so many at most: 20, up to 100")
    )


def asked_for(options: Namespace, *names: str) -> dict[str, Any]:
    """Return those of the options `names` that were said, as a query takes them."""
    said = {name: getattr(options, name) for name in names}
    return {name: value for name, value in said.items() if value not in (None, [], "")}


def value_of(text: str) -> Any:
    """Return the value that is written: JSON where it is that, else the text itself."""
    try:
        return json.loads(text, parse_constant=no_number)
    except (ValueError, RecursionError):
        return text


def no_number(word: str) -> NoReturn:
    """Refuse `NaN` and `Infinity`: they are none of JSON's."""
    raise ValueError(word)
