"""packer verify PATH: read a release back and say what is wrong with it."""

import json
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cli.exits import Exit, Stop
from cli.folders import release_folder
from cli.output import say
from cli.progress import watched
from releases.packing import PackingError, Verdict, verify
from releases.telling import told

EXAMPLE = "packer verify out/Author.Title.2020.RETAiL.ePUB.eBook-GRP"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help=_("the folder of the release"))


def run(options: Namespace) -> Exit:
    """Print what is wrong, a line each; nothing where all is right.

    Raises:
        Stop: there is no folder to read.
    """
    folder = release_folder(options.path)
    verdict = read(folder, options)
    faults = faults_of(folder, verdict)
    notes = [told(note) for note in verdict.notes]
    answer = as_json if options.json else as_text
    say(answer(folder, verdict, faults, notes))
    return Exit.FAILED if faults else Exit.DONE


def read(folder: Path, options: Namespace) -> Verdict:
    with watched(quiet=options.json) as heard:
        try:
            return verify(folder, heard, with_sha256=options.json)
        except PackingError as error:
            raise Stop(Exit.FAILED, told(error)) from error


def faults_of(folder: Path, verdict: Verdict) -> list[str]:
    """Return what is wrong; a release holds volumes or, where it corrects another, an NFO."""
    kinds = {file.kind for file in verdict.files}
    if not kinds & {"volume", "nfo"} and not verdict.faults:
        return [_("%(path)s holds no volume of an archive.") % {"path": folder.name}]
    return [told(fault) for fault in verdict.faults]


def as_text(folder: Path, verdict: Verdict, faults: list[str], notes: list[str]) -> str:
    count = len(verdict.files)
    files = ngettext("%(count)d file read.", "%(count)d files read.", count) % {"count": count}
    lines = [folder.name, files, *notes, *(faults or [_("All is right.")])]
    return "\n".join(line.replace("\n", "\\n") for line in lines)  # file names may hold some


def as_json(folder: Path, verdict: Verdict, faults: list[str], notes: list[str]) -> str:
    document = {
        "release": folder.name,
        "path": str(folder),
        "sound": not faults,
        "faults": faults,
        "notes": notes,
        "files": [asdict(file) for file in verdict.files],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)
