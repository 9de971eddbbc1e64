"""packer batch FILE: make a release of each file that a document lists."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from cli.crew import in_turn
from cli.doors import is_remote
from cli.exits import Exit, Stop
from cli.interruption import Interrupted
from cli.journal import SUFFIX, Entry, Journal, digest, kept
from cli.listing import SHARED, Item, read_items
from cli.making import acting_user, continued, made
from cli.options import add_packing_options, add_release_options
from cli.output import say, say_json, tell
from cli.progress import watched
from releases import copies
from releases.models import Release
from releases.packing import Progress

EXAMPLE = "packer batch releases.json --group GRP --output out"
STANDARD_INPUT = "-"
MOST_JOBS = 64


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=_("the list, in JSON; - is standard input"))
    batch = parser.add_argument_group(_("the batch"))
    batch.add_argument(
        "--jobs", type=hands, default=1, metavar="N", help=_("so many items at once (1)")
    )
    batch.add_argument(
        "--journal",
        "--resume",
        type=Path,
        metavar="FILE",
        help=_("what is done is kept here, and not done again (beside the list)"),
    )
    add_release_options(parser)
    parser.set_defaults(**dict.fromkeys(SHARED))  # a list may say it, so nothing is meant yet
    add_packing_options(parser)


def hands(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) <= MOST_JOBS):
        sentence = _("%(text)s is no number from 1 to %(most)d")
        raise ArgumentTypeError(sentence % {"text": text, "most": MOST_JOBS})
    return int(text)


def run(options: Namespace) -> Exit:
    """Try every item, and print what came of each.

    Raises:
        Stop: the document cannot be used: nothing is tried.
    """
    if not is_remote():
        acting_user(options.username)  # who is nobody is said once, before anything is tried
    document, folder = opened(options.file)
    items = read_items(document, folder, given(options))
    with journal_of(options) as journal:
        try:
            said = summary(tried_all(items, journal, options))
        except Interrupted:
            if journal:
                tell(_("The same command goes on where this one was interrupted."))
            raise
        if journal and not (options.journal or said["failed"]):
            journal.remove()
    if options.json:
        say_json(said)
    return Exit.FAILED if said["failed"] else Exit.DONE


def summary(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    failed = sum(result["status"] == "failed" for result in results)
    return {"results": results, "completed": len(results) - failed, "failed": failed}


def opened(name: str) -> tuple[bytes, Path]:
    """Return the document, and the folder that its paths are meant from."""
    if name == STANDARD_INPUT:
        return sys.stdin.buffer.read(), Path.cwd()
    try:
        return Path(name).read_bytes(), Path(name).parent
    except FileNotFoundError:
        raise Stop(Exit.NOT_FOUND, _("%(path)s is not there.") % {"path": name}) from None
    except OSError as error:
        sentence = _("%(path)s cannot be read (%(reason)s).")
        raise Stop(Exit.INVALID, sentence % {"path": name, "reason": error.strerror}) from error


def given(options: Namespace) -> dict[str, Any]:
    """Return what the command says of all items."""
    said = {name: value for name, value in vars(options).items() if name != "file"}
    return {name: value for name, value in said.items() if value is not None or name not in SHARED}


@contextmanager
def journal_of(options: Namespace) -> Iterator[Journal | None]:
    """Keep the journal that was asked for, or one beside the list."""
    if options.journal is None and options.file == STANDARD_INPUT:
        yield None
        return
    path = options.journal or Path(f"{options.file}{SUFFIX}")
    if options.journal is None and not os.access(path.parent, os.W_OK):
        tell(_("No journal can be kept beside %(path)s: use --journal.") % {"path": options.file})
        yield None
        return
    with kept(path) as journal:
        yield journal


def tried_all(
    items: Sequence[Item], journal: Journal | None, options: Namespace
) -> list[dict[str, Any]]:
    """Try the items, tell of each as it comes, and return what came of them in their order."""
    results: dict[int, dict[str, Any]] = {}
    is_quiet = options.json or options.jobs > 1
    for number, result in in_turn(
        items, partial(tried, journal=journal, is_quiet=is_quiet), options.jobs
    ):
        results[number] = result
        if not options.json:
            say(line(result))
            sys.stdout.flush()
    return [results[number] for number in range(len(items))]


def tried(item: Item, *, journal: Journal | None, is_quiet: bool) -> dict[str, Any]:
    """Make the release of an item, unless the journal says that it is made."""
    key = digest(item.options) if journal else ""
    done = journal.results.get(key) if journal else None
    try:
        if done and stands(done):
            return {"file": item.file, **done, "resumed": True}
        with watched(quiet=is_quiet) as heard:
            release = attempted(item, Entry(journal, key) if journal else None, heard)
    except Stop as stop:
        reason = {"error": stop.code.name.lower(), "message": str(stop)}
        result = {"file": item.file, "status": "failed"} | reason
    else:
        result = {"file": item.file, "status": "completed"} | release
    if journal:
        journal.note(key, **result)
    return result


def stands(done: dict[str, Any]) -> bool:
    """Tell whether a release that was made is there still, wherever it was made."""
    if not is_remote():
        release = Release.objects.filter(pk=done["release_id"], name=done["release"]).first()
        return release is not None and not copies.is_gone(release)
    from cli.remote.making import stands_there  # noqa: PLC0415  # a client that few need

    return stands_there(done["release_id"], done["release"])


def attempted(item: Item, entry: Entry | None, heard: Progress) -> dict[str, Any]:
    """Make the release, or go on with a job that was cut off."""
    if entry is None:
        return made(item.options, heard)
    if is_remote():
        return attempted_there(item, entry, heard)
    item.options.json = True  # the journal keeps all that may be asked for
    job = entry.job(item.options)
    if job and not job.can_run_again:
        entry.note(job)
        return continued(job, item.options, heard)
    entry.begin()
    return made(item.options, heard, entry.note)


def attempted_there(item: Item, entry: Entry, heard: Progress) -> dict[str, Any]:
    """Have an instance elsewhere make the release, or wait for a job that it was given."""
    from cli.remote import making  # noqa: PLC0415  # a client that few need

    job_id = entry.job_there
    release = job_id and making.continued_there(job_id, item.options, heard)
    return release or making.made_there(item.options, heard, entry.note_there)


def line(result: dict[str, Any]) -> str:
    if result["status"] != "completed":
        return _("%(file)s: failed. %(message)s") % result
    before = f" ({_('done before')})" if result.get("resumed") else ""
    return f"{result['file']}: {result['path']}{before}"
