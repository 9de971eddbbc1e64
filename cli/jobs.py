"""packer jobs: what runs behind, how far it is, what it did."""

import re
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Generator
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cli.doors import Door
from cli.exits import Exit
from cli.output import say
from cli.tables import facts, listed
from cli.verbs import Verb, add_paging, add_verbs, asked_for, printed, run_verb
from cli.waiting import OVER, POLL_S, patiently_asked

EXAMPLE = "packer jobs logs 124 --follow"
KEY = re.compile("[0-9]{1,18}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
SHOWN = (
    *("id", "uuid", "kind", "status", "stage", "progress", "release_id"),
    *("error", "hint", "created_at", "started_at", "finished_at", "created_by"),
)
FILTERS = ("status", "kind", "release_id", "by", "since", "until", "sort", "order")


def add_arguments(parser: ArgumentParser) -> None:
    add_verbs(parser, VERBS)


def run(options: Namespace) -> Exit:
    """Do what is asked of the jobs.

    Raises:
        Stop: it cannot be done; says why.
    """
    return run_verb(options, VERBS)


def add_filters(parser: ArgumentParser) -> None:
    several = partial(parser.add_argument, action="append", default=[])
    several("--status", help=_("pending, running, completed, failed, …"))
    several("--kind", help=_("what they do, e.g. pack"))
    several("--release", dest="release_id", metavar="N", help=_("about this release"))
    several("--by", metavar="USER", help=_("of this person"))
    parser.add_argument("--since", metavar="TIME", help=_("asked then or later, in ISO 8601"))
    parser.add_argument("--until", metavar="TIME", help=_("asked then or earlier"))
    parser.add_argument("--sort", help=_("created_at, status, kind, started_at or finished_at"))
    parser.add_argument("--order", choices=["asc", "desc"], help=_("desc unless told"))
    parser.add_argument("--mine", action="store_true", help=_("only one's own"))
    add_paging(parser)


def list_jobs(options: Namespace, door: Door) -> Exit:
    query = asked_for(options, *FILTERS, "page", "per_page")
    document = door.ask("GET", "/jobs", query=query | ({"my_only": "true"} if options.mine else {}))
    if options.json:
        return printed(document)
    titles = (_("Job"), _("Work"), _("Status"), "%", _("Release"), _("Asked"), _("Finished"))
    names = ("id", "kind", "status", "progress", "release_id", "created_at", "finished_at")
    listed(titles, ([job[name] for name in names] for job in document["jobs"]))
    return Exit.DONE


def add_job(parser: ArgumentParser) -> None:
    parser.add_argument("job", metavar="JOB", type=key, help=_("its number, or its UUID"))


def key(text: str) -> str:
    """Return what names a job.

    Raises:
        ArgumentTypeError: it names none.
    """
    if not KEY.fullmatch(text):
        sentence = _("%(text)s is neither the number of a job nor its UUID.")
        raise ArgumentTypeError(sentence % {"text": text})
    return text


def show_job(options: Namespace, door: Door) -> Exit:
    document = door.ask("GET", f"/jobs/{options.job}")
    if options.json:
        return printed(document)
    facts((name, document[name]) for name in SHOWN)
    return Exit.DONE


def add_log_options(parser: ArgumentParser) -> None:
    add_job(parser)
    parser.add_argument(
        "-f", "--follow", action="store_true", help=_("go on until the job is over")
    )
    parser.add_argument("--level", action="append", default=[], help=_("INFO, WARNING, ERROR, …"))


def show_logs(options: Namespace, door: Door) -> Exit:
    """Print the lines of a job; followed, its end tells how the command ends."""
    lines = []
    for line in followed(options, door) if options.follow else written(options, door):
        lines.append(line)
        if not options.json:
            say(f"{line['timestamp']}  {line['level']}  {line['message']}")
            sys.stdout.flush()  # somebody may be reading along
    if options.json:
        printed({"logs": lines})
    if not options.follow:
        return Exit.DONE
    status = patiently_asked(door, options.job)
    return Exit.DONE if status["status"] == "completed" else Exit.FAILED


def written(options: Namespace, door: Door, after: int = 0) -> Generator[dict[str, Any], None, int]:
    """Yield the lines that are there, and return the number of the last one."""
    more = True
    while more:
        query = {"after": after} | asked_for(options, "level")
        document = door.ask("GET", f"/jobs/{options.job}/logs", query=query)
        yield from document["logs"]
        after, more = document["after"], document["has_more"]
    return after


def followed(options: Namespace, door: Door) -> Generator[dict[str, Any], None, None]:
    """Yield each line as it is written; the last ones are asked for once the job is over."""
    after, is_over = 0, False
    while not is_over:
        is_over = patiently_asked(door, options.job)["status"] in OVER
        after = yield from written(options, door, after)
        if not is_over:
            time.sleep(POLL_S)


def rerun_job(options: Namespace, door: Door) -> Exit:
    document = door.ask("POST", f"/jobs/{options.job}/rerun")
    if options.json:
        return printed(document)
    sentence = _("Job %(job)s does it again: packer jobs logs %(job)s --follow tells how.")
    say(sentence % {"job": document["job_id"]})
    return Exit.DONE


def cancel_job(options: Namespace, door: Door) -> Exit:
    document = door.ask("POST", f"/jobs/{options.job}/cancel")
    if options.json:
        return printed(document)
    is_over = document["status"] == "cancelled"
    say(_("The job is cancelled.") if is_over else _("The job stops at its next step."))
    return Exit.DONE


VERBS = {
    "list": Verb(gettext_noop("those of late, the newest first"), add_filters, list_jobs),
    "show": Verb(gettext_noop("how far one is, and what it was asked to do"), add_job, show_job),
    "logs": Verb(gettext_noop("what one did, line by line"), add_log_options, show_logs),
    "rerun": Verb(gettext_noop("do again what failed or was cancelled"), add_job, rerun_job),
    "cancel": Verb(gettext_noop("stop one that waits or runs"), add_job, cancel_job),
}
