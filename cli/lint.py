"""packer lint PATH: say how releases keep to their rules."""

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _

from cli.exits import Exit, Stop
from cli.folders import release_folder
from cli.output import say
from cli.progress import watched
from releases.conformity import translated
from releases.packing import PackingError, Progress
from releases.packing.lint import (
    Observation,
    Report,
    fitting_rule,
    judge,
    observe,
    releases_in,
    unpacked,
)
from releases.packing.lint.rendering import FORMATS, SEVERAL
from releases.telling import told
from rules import shipped

EXAMPLE = "packer lint out/Author.Title.2020.RETAiL.ePUB.eBook-GRP --format sarif"

Choose = Callable[[Observation], shipped.ShippedRule]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "path",
        type=Path,
        metavar="PATH",
        help=_("the folder of a release, a folder of releases, or a ZIP of either"),
    )
    parser.add_argument(
        "--profile",
        choices=shipped.NAMES,
        metavar="RULE",
        help=_("%(rules)s (the newest that fits)") % {"rules": ", ".join(shipped.NAMES)},
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help=_("of the report (text)"))


def run(options: Namespace) -> Exit:
    """Print the conformity report, or one for each release.

    Raises:
        Stop: there is nothing to read, or it cannot be read.
    """
    form = "json" if options.json else options.format
    choose = chooser(options.profile)
    try:
        with watched(quiet=form != "text") as heard, given(options.path, heard) as root:
            reports = [report_on(folder, root, choose, heard) for folder in releases_in(root)]
    except PackingError as error:
        raise Stop(Exit.FAILED, told(error)) from error
    is_one = len(reports) == 1 and not reports[0].place
    say(FORMATS[form](reports[0], translated) if is_one else SEVERAL[form](reports, translated))
    return Exit.DONE if all(one.conforms for one in reports) else Exit.NOT_CONFORMING


@contextmanager
def given(path: Path, heard: Progress) -> Iterator[Path]:
    """Give the folder at `path`, or that of what the ZIP there holds, for as long as it is read."""
    if not path.is_file():
        yield release_folder(path)
        return
    if path.suffix.lower() != ".zip":
        sentence = _("%(path)s is neither a folder nor a ZIP.")
        raise Stop(Exit.INVALID, sentence % {"path": path})
    with (
        tempfile.TemporaryDirectory(prefix="packer-lint-") as aside,
        unpacked(path, Path(aside) / "zip", progress=heard) as folder,
    ):
        yield folder


def chooser(profile: str | None) -> Choose:
    """Return what chooses a rule: the one of this name, or the one that fits best."""
    rules = [shipped.read_rule(name) for name in ([profile] if profile else shipped.NAMES)]
    return lambda observed: fitting_rule(observed, rules)


def report_on(folder: Path, root: Path, choose: Choose, heard: Progress) -> Report:
    observed = observe(folder, heard)
    rule = choose(observed)
    place = "" if folder == root else folder.relative_to(root).as_posix()
    return judge(observed, rule.spec, rule.name, place)
