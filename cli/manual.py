"""What --help prints: a page of a manual, in the language and as wide as the terminal."""

import shutil
import textwrap
from argparse import SUPPRESS, Action, ArgumentParser
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext
from django.utils.translation.trans_null import gettext_noop

from cli.exits import Exit

INDENT, DEEPER = " " * 4, " " * 10
HANG = 12
"""How far what a name means stands from its beginning."""
WIDEST, NARROWEST = 100, 40
"""Columns: longer lines are hard to read, shorter ones hold no words."""
EXITS = {
    Exit.DONE: gettext_noop("done"),
    Exit.FAILED: gettext_noop("failed"),
    Exit.INVALID: gettext_noop("bad usage, or invalid input"),
    Exit.NOT_FOUND: gettext_noop("not found"),
    Exit.NOT_PERMITTED: gettext_noop("not permitted"),
    Exit.NOT_CONFORMING: gettext_noop("not conforming to the rule"),
    Exit.DESTINATION_FAILED: gettext_noop("destination failed"),
    Exit.INTERRUPTED: gettext_noop("interrupted by Ctrl-C"),
    Exit.TERMINATED: gettext_noop("ended by SIGTERM"),
}
ALWAYS = (Exit.DONE, Exit.FAILED, Exit.INVALID)
SIGNALS = (Exit.INTERRUPTED, Exit.TERMINATED)
VARIABLES = {
    "DATABASE_URL": gettext_noop("the database; empty: a file below DATA_DIR"),
    "DATA_DIR": gettext_noop("the folder of all that is kept"),
    "PACKER_ENV_FILE": gettext_noop("a file of variables; .env unless set"),
    "PACKER_URL": gettext_noop("an instance on another machine; empty: that of this one"),
    "PACKER_TOKEN": gettext_noop("a personal token for it"),
    "PACKER_INSECURE": gettext_noop("1: the token may go over http to another machine"),
    "SSL_CERT_FILE": gettext_noop("an authority that the certificate there may be of"),
    "LANG": gettext_noop("the language of sentences: French or English"),
}
LANGUAGE = ("LANG",)
INSTANCE = ("DATABASE_URL", "DATA_DIR", "PACKER_ENV_FILE", "LANG")
DOORS = ("PACKER_URL", "PACKER_TOKEN", "PACKER_INSECURE", "SSL_CERT_FILE", *INSTANCE)
ARGPARSE = (
    gettext_noop("argument %(argument_name)s: %(message)s"),
    gettext_noop("the following arguments are required: %s"),
    gettext_noop("not allowed with argument %s"),
    gettext_noop("one of the arguments %s is required"),
    gettext_noop("expected one argument"),
    gettext_noop("expected at most one argument"),
    gettext_noop("expected at least one argument"),
    gettext_noop("ambiguous option: %(option)s could match %(matches)s"),
    gettext_noop("ignored explicit argument %r"),
    gettext_noop("invalid %(type)s value: %(value)r"),
    gettext_noop("show this help message and exit"),
    gettext_noop("positional arguments"),
    gettext_noop("options"),
)
"""What the standard library says of arguments, so that it is translated with all else."""


class Example(NamedTuple):
    says: str
    command: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says beside what the options say themselves."""

    text: tuple[str, ...] = ()
    """Paragraphs, to be translated."""
    examples: tuple[Example, ...] = ()
    exits: tuple[Exit, ...] = ()
    """Those beside ALWAYS."""
    variables: tuple[str, ...] = LANGUAGE
    also: tuple[str, ...] = ()
    """Other commands, by name."""


NOTHING_MORE = Page()


def written(parser: ArgumentParser, page: Page) -> str:
    """Return the page of the manual on what `parser` reads."""
    sections = {
        gettext("NAME"): named(parser),
        gettext("SYNOPSIS"): filled(synopsis(parser), INDENT),
        gettext("DESCRIPTION"): paragraphs(page.text),
        **grouped(parser),
        gettext("EXAMPLES"): examples(page),
        gettext("EXIT STATUS"): table(exits(page)),
        gettext("ENVIRONMENT"): table((name, VARIABLES[name]) for name in page.variables),
        gettext("SEE ALSO"): filled(", ".join(f"packer {name}" for name in page.also), INDENT),
    }
    told = {title: list(lines) for title, lines in sections.items()}
    return "\n".join("\n".join([title, *lines, ""]) for title, lines in told.items() if lines)


def columns() -> int:
    return max(NARROWEST, min(shutil.get_terminal_size().columns, WIDEST))


def filled(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        columns(),
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


def named(parser: ArgumentParser) -> list[str]:
    told = gettext(parser.description) if parser.description else ""
    return filled(" - ".join(filter(None, [parser.prog, told])), INDENT)


def paragraphs(texts: Iterable[str]) -> list[str]:
    blocks = ("\n".join(filled(gettext(text), INDENT)) for text in texts)
    return "\n\n".join(blocks).splitlines()


def synopsis(parser: ArgumentParser) -> str:
    actions = parser._actions  # there is no other list of them
    needed = [invoked(one) for one in actions if one.option_strings and one.required]
    places = [placed(one) for one in actions if not one.option_strings]
    return " ".join([parser.prog, *needed, gettext("[OPTION…]"), *places])


def placed(action: Action) -> str:
    """Return how an argument without a dash is written."""
    word = meant(action)
    forms = {"+": f"{word}…", "*": f"[{word}…]", "?": f"[{word}]"}
    return forms.get(str(action.nargs), word)


def meant(action: Action) -> str:
    """Return the word that stands for a value."""
    if isinstance(action.metavar, str):
        return action.metavar
    if action.choices is not None:
        return "|".join(map(str, action.choices))
    return action.dest.upper()


def invoked(action: Action) -> str:
    if not action.option_strings:
        return meant(action)
    names = ", ".join(action.option_strings)
    return names if action.nargs == 0 else f"{names} {meant(action)}"


def grouped(parser: ArgumentParser) -> dict[str, list[str]]:
    """Return a section for the arguments of each group, with what each means."""
    found: dict[str, list[str]] = {}
    for group in parser._action_groups:
        shown = [one for one in group._group_actions if one.help != SUPPRESS]
        lines = [line for one in shown for line in told(one)]
        if lines:
            title = gettext(str(group.title or "options"))
            found[title.upper()] = lines
    return found


def told(action: Action) -> list[str]:
    lines = [f"{INDENT}{invoked(action)}"]
    if explained := explanation(action):
        lines += filled(explained, DEEPER)
    below: Any = getattr(action, "_choices_actions", ())  # of verbs, each with its help
    for verb in below:
        lines += entry(verb.dest, verb.help or "", INDENT * 2)
    return lines


def explanation(action: Action) -> str:
    said = gettext(action.help) % {"prog": "packer"} if action.help else ""
    usual = action.default
    if action.nargs == 0 or usual in (None, "", SUPPRESS) or isinstance(usual, list | Path):
        return said
    default = gettext("default: %(value)s") % {"value": usual}
    return f"{said} ({default})" if said else default


def examples(page: Page) -> Iterator[str]:
    for number, one in enumerate(page.examples):
        yield from [""] if number else []
        yield from filled(gettext(one.says), INDENT)
        yield f"{INDENT}  $ {one.command}"


def exits(page: Page) -> Iterator[tuple[str, str]]:
    codes = {*ALWAYS, *page.exits, *SIGNALS}
    return ((str(int(code)), EXITS[code]) for code in sorted(codes))


def table(rows: Iterable[tuple[str, str]]) -> list[str]:
    return [line for name, text in rows for line in entry(name, text)]


def entry(name: str, text: str, indent: str = INDENT) -> list[str]:
    """Return lines with a name and what it means; a long name has a line of its own."""
    deeper = f"{indent}{' ' * HANG}"
    lines = filled(gettext(text), deeper)
    if len(name) >= HANG:
        return [f"{indent}{name}", *lines]
    return [f"{indent}{name:<{HANG}}{lines[0].lstrip()}", *lines[1:]]
