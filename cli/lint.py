"""packer lint PATH: say how a release keeps to its rule."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from cli.exits import Exit, Stop
from cli.folders import release_folder
from cli.output import say
from cli.progress import watched
from releases.packing import PackingError
from releases.packing.lint import Observation, fitting_rule, judge, observe
from releases.packing.lint.rendering import FORMATS
from releases.telling import told
from rules import shipped

EXAMPLE = "packer lint out/Author.Title.2020.RETAiL.ePUB.eBook-GRP --format sarif"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help="the folder of the release")
    parser.add_argument(
        "--profile",
        choices=shipped.NAMES,
        metavar="RULE",
        help=f"{', '.join(shipped.NAMES)} (the newest that fits)",
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="of the report (text)")


def run(options: Namespace) -> Exit:
    """Print the conformity report.

    Raises:
        Stop: there is no folder to read.
    """
    form = "json" if options.json else options.format
    observed = observed_at(release_folder(options.path), quiet=form != "text")
    rule = shipped.read_rule(options.profile) if options.profile else fitting(observed)
    report = judge(observed, rule.spec, rule.name)
    say(FORMATS[form](report, translated))
    return Exit.DONE if report.conforms else Exit.NOT_CONFORMING


def observed_at(folder: Path, *, quiet: bool) -> Observation:
    with watched(quiet=quiet) as heard:
        try:
            return observe(folder, heard)
        except PackingError as error:
            raise Stop(Exit.FAILED, told(error)) from error


def fitting(observed: Observation) -> shipped.ShippedRule:
    return fitting_rule(observed, [shipped.read_rule(name) for name in shipped.NAMES])


def translated(template: str, values: Mapping[str, Any]) -> str:
    return _(template) % values
