"""packer help [COMMAND]: the same as packer COMMAND --help."""

from argparse import ArgumentParser, Namespace

from django.utils.translation import gettext_noop as _

from cli.exits import Exit


def add_arguments(parser: ArgumentParser) -> None:
    from packer_site.commands import COMMANDS  # noqa: PLC0415  # it names this module

    parser.add_argument(
        "about", nargs="?", choices=COMMANDS, metavar=_("COMMAND"), help=_("the one to read about")
    )


def run(options: Namespace) -> Exit:
    from packer_site import commands  # noqa: PLC0415  # as above

    return Exit(commands.run([*filter(None, [options.about]), "--help"]))
