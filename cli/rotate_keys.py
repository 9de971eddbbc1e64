"""packer rotate-keys: encrypt what is kept under the first of CREDENTIAL_KEYS."""

from argparse import ArgumentParser, Namespace

from django.utils.translation import gettext as _

from cli.exits import Exit, Stop
from cli.output import say, say_json
from releases.telling import told
from vault.rotation import Lost, rotate_keys

EXAMPLE = "packer rotate-keys"


def add_arguments(parser: ArgumentParser) -> None:
    """The keys come from the environment."""


def run(options: Namespace) -> Exit:
    """Encrypt every secret anew, and print how many of each kind there were.

    Raises:
        Stop: some cannot be read; nothing is changed.
    """
    try:
        counts = rotate_keys()
    except Lost as lost:
        raise Stop(Exit.FAILED, told(lost)) from lost
    if options.json:
        say_json({"rotated": counts})
        return Exit.DONE
    for column, count in counts.items():
        say(_("%(column)s: %(count)d encrypted anew") % {"column": column, "count": count})
    return Exit.DONE
