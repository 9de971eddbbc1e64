"""packer completion SHELL: what makes a shell complete the commands."""

from argparse import ArgumentParser, Namespace

from django.utils.translation import gettext_noop as _

from cli.completing import SHELLS, script
from cli.exits import Exit
from cli.output import say


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help=_("the shell to write for"))


def run(options: Namespace) -> Exit:
    from packer_site.commands import COMMANDS, parser  # noqa: PLC0415  # it names this module

    say(script(parser(*COMMANDS.values()), options.shell))
    return Exit.DONE
