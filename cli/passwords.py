"""A password for somebody: never among the arguments, which everybody on a machine can read."""

import signal
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from django.utils.translation import gettext as _

from cli.exits import Exit, Stop
from cli.interruption import Interrupted

STANDARD_INPUT = "-"
MOST_BYTES = 10_000


def add_password_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--password-file", metavar="FILE", help=_("its first line; - is standard input")
    )


def password_given(options: Namespace, *, needed: bool = False) -> str | None:
    """Return the password of the file, or at a terminal what is typed, twice.

    Raises:
        Stop: the file cannot be read, both are not the same, or one is `needed` and none given.
    """
    if options.password_file is not None:
        return first_line(options.password_file)
    if not needed:
        return None
    if not sys.stdin.isatty():
        sentence = _("Give the password by --password-file FILE, or - for standard input.")
        raise Stop(Exit.INVALID, sentence)
    return typed()


def first_line(name: str) -> str:
    try:
        if name == STANDARD_INPUT:
            content = sys.stdin.buffer.read(MOST_BYTES)
        else:
            with Path(name).open("rb") as file:
                content = file.read(MOST_BYTES)
        return content.decode().partition("\n")[0].removesuffix("\r")
    except FileNotFoundError:
        raise Stop(Exit.NOT_FOUND, _("%(path)s is not there.") % {"path": name}) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "UTF-8"
        sentence = _("%(path)s cannot be read (%(reason)s).")
        raise Stop(Exit.INVALID, sentence % {"path": name, "reason": reason}) from error


def typed() -> str:
    password = hidden(_("Password: "))
    if hidden(_("The same again: ")) != password:
        raise Stop(Exit.INVALID, _("The two passwords are not the same: nothing is changed."))
    return password


def hidden(prompt: str) -> str:
    """Read a line that is not shown.

    Raises:
        Interrupted: by the end of the input.
    """
    from getpass import getpass  # noqa: PLC0415  # at terminals alone

    try:
        return getpass(prompt)
    except EOFError as end:
        raise Interrupted(signal.SIGINT) from end
