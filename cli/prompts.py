"""Questions at the terminal: a line each, with what is meant by an empty answer."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from cli.exits import Exit
from cli.interruption import LISTENER, Interrupted
from cli.output import harmless, tell

with suppress(ImportError):  # not every Python has it: lines are typed all the same
    import readline

NOTHING = "-"
"""What is typed to take back what was proposed."""
SIGINT = Exit.INTERRUPTED - 128

Words = Callable[[str], Sequence[str]]
"""Returns how what is typed so far may go on."""


def beginning(words: Sequence[str]) -> Words:
    """Return what completes `words`."""
    return lambda typed: [word for word in words if word.startswith(typed)]


class Choice(NamedTuple):
    value: str
    says: str


def nobody_there() -> bool:
    return not (sys.stdin.isatty() and sys.stderr.isatty())


def line(question: str, usual: str = "", words: Words | None = None) -> str:
    """Return what is typed; `usual` where that is nothing, and nothing for a dash.

    Raises:
        Interrupted: by Ctrl-C, or the end of the input.
    """
    shown = f"{question} [{usual}]: " if usual else f"{question}: "
    with completed(words):
        typed = read(harmless(shown)).strip()
    return "" if typed == NOTHING else typed or usual


def read(prompt: str) -> str:
    """Read a line; the prompt never gets between what is printed for programs."""
    try:
        with LISTENER.insisting():
            if sys.stdout.isatty():
                return input(prompt)
            sys.stderr.write(prompt)
            sys.stderr.flush()
            return input()
    except EOFError as end:
        tell("")
        raise Interrupted(SIGINT) from end


@contextmanager
def completed(words: Words | None) -> Iterator[None]:
    """Complete what is typed at the Tab key meanwhile."""
    if words is None or "readline" not in sys.modules:
        yield
        return

    def nth(typed: str, number: int) -> str | None:
        return next(iter(words(typed)[number:]), None)

    before = readline.get_completer(), readline.get_completer_delims()
    readline.set_completer(nth)
    readline.set_completer_delims("")
    readline.parse_and_bind("tab: complete")
    try:
        yield
    finally:
        readline.set_completer(before[0])
        readline.set_completer_delims(before[1])


def paths(typed: str) -> list[str]:
    """Return the paths that begin so, folders with a slash."""
    folder, slash, name = typed.rpartition("/")
    found = sorted(Path(f"{folder}{slash}" or ".").expanduser().glob(f"{escape(name)}*"))
    return [f"{folder}{slash}{path.name}{'/' if path.is_dir() else ''}" for path in found]


def choice(question: str, choices: Sequence[Choice], usual: str = "") -> str:
    """Return the value that is chosen, by its number, its value or its name."""
    for number, one in enumerate(choices, 1):
        named = f"{one.value}  {one.says}" if one.says not in {"", one.value} else one.value
        tell(f"  {number}  {named}")
    values = [one.value for one in choices]
    known = {str(number): value for number, value in enumerate(values, 1)}
    for one in choices:
        known |= dict.fromkeys((one.value.lower(), (one.says or one.value).lower()), one.value)
    while True:
        typed = line(question, usual, beginning(values))
        if typed.lower() in known:
            return known[typed.lower()]
        tell(_("Choose one of: %(choices)s.") % {"choices": ", ".join(values)})


def yes(question: str, *, usual: bool) -> bool:
    words = {True: _("yes"), False: _("no")}
    known = {word[:length].lower(): said for said, word in words.items() for length in (1, None)}
    while True:
        typed = line(f"{question} ({words[True]}/{words[False]})", words[usual]).lower()
        if typed in known:
            return known[typed]
        tell(_("Choose one of: %(choices)s.") % {"choices": ", ".join(words.values())})
