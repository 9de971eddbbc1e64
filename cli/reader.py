"""Reads the arguments of a command, and says what is meant where one is not known."""

import sys
from argparse import Action, ArgumentError, ArgumentParser, Namespace
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from cli.exits import Exit
from cli.manual import NOTHING_MORE, Page, written
from cli.output import say, tell


class Reader(ArgumentParser):
    """Reads a command; its help is a page of a manual."""

    page: Page = NOTHING_MORE

    def format_help(self) -> str:
        return written(self, self.page)

    def print_help(self, file: Any = None) -> None:
        say(self.format_help().rstrip())

    def parse_args(self, args: Any = None, namespace: Any = None) -> Namespace:  # type: ignore[override]  # neither is narrowed
        options: Namespace
        options, unknown = self.parse_known_args(args, namespace)
        if unknown:
            command = " ".join([self.prog, *filter(None, [getattr(options, "command", None)])])
            refuse(command, not_known(unknown[0], set(all_options(self))))
        return options

    def error(self, message: str) -> NoReturn:
        refuse(self.prog, message)

    def _check_value(self, action: Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            raise ArgumentError(action, not_among(str(value), map(str, action.choices)))


def refuse(command: str, sentence: str) -> NoReturn:
    tell(f"{command}: {sentence}")
    tell(_("“%(command)s --help” says what it takes.") % {"command": command})
    sys.exit(Exit.INVALID)


def all_options(parser: ArgumentParser) -> Iterator[str]:
    """Yield the options of `parser`, and of the commands below it."""
    yield from parser._option_string_actions  # there is no other list of them
    for action in parser._actions:
        for one in commands_below(action):
            yield from all_options(one)


def commands_below(action: Action) -> list[ArgumentParser]:
    choices = action.choices if isinstance(action.choices, dict) else {}
    return [one for one in choices.values() if isinstance(one, ArgumentParser)]


def not_known(word: str, options: Iterable[str]) -> str:
    if not word.startswith("-"):
        return _("%(word)s is one word too many.") % {"word": word}
    name = word.partition("=")[0]
    near = near_to(name, options)
    sentence = _("there is no option %(word)s.") % {"word": name}
    return f"{sentence} {did_you_mean(near)}" if near else sentence


def not_among(value: str, choices: Iterable[str]) -> str:
    known = list(choices)
    near = near_to(value, known)
    sentence = _("invalid choice: %(value)s.") % {"value": value}
    if near:
        return f"{sentence} {did_you_mean(near)}"
    return f"{sentence} {_('Choose one of: %(choices)s.') % {'choices': ', '.join(known)}}"


def near_to(word: str, words: Iterable[str]) -> list[str]:
    """Return which of `words` could be meant: near to it in any case, or begun by it."""
    known = {one.lower(): one for one in words}
    begun = [one for one in known if len(word) > 1 and one.startswith(word.lower())]
    close = get_close_matches(word.lower(), known, n=3)
    return [known[one] for one in dict.fromkeys([*close, *begun[:3]])]


def did_you_mean(words: Sequence[str]) -> str:
    return _("Did you mean %(words)s?") % {"words": ", ".join(words)}
