"""packer store push: put what lay on this machine before a store was set into it."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from django.utils.translation import gettext as _

from cli.exits import Exit, Stop
from cli.output import say, say_json, tell
from cli.progress import watched
from upkeep.pushing import push
from upkeep.sentences import Unable

EXAMPLE = "packer store push"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("asked", choices=["push"], help=_("put what lies here alone there"))


def run(options: Namespace) -> Exit:
    """Put files and packages into the store, and name what stays.

    Raises:
        Stop: there is no store, or it does not answer.
    """
    try:
        with watched(quiet=options.json) as heard:
            pushed = push(heard)
    except Unable as unable:
        raise Stop(Exit.FAILED, str(unable)) from unable
    if options.json:
        say_json(asdict(pushed))
    else:
        told = _("%(sources)d files and %(releases)d releases were put into the store.")
        say(told % {"sources": pushed.sources, "releases": pushed.releases})
    for name in pushed.left:
        tell(
            _("%(name)s is not whole here, or a job is at it: look at it, then run it again.")
            % {"name": name}
        )
    return Exit.FAILED if pushed.left else Exit.DONE
