"""What packer rules does with them: each verb asks an action, and prints what became of it."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.utils.translation import gettext as _

from accounts.models import User
from cli.exits import Exit, Stop
from cli.interruption import LISTENER
from cli.making import acting_user, wait_for
from cli.output import say, say_json, tell
from cli.progress import watched
from jobs.models import Job
from jobs.queue import run_here
from releases.actions import Refused, WrongField
from rulebook import actions
from rulebook.actions import NewRule, NotListed
from rulebook.models import SyncPlan
from rules.models import Rule

FACTS = (
    *("id", "name", "scene", "section", "year", "release_type"),
    *("origin", "version", "is_complete"),
)
OPTIONS = {
    **{name: f"--{name}" for name in ("name", "scene", "section", "year")},
    "release_type": "--type",
}
"""Which option gives what an action calls so."""


def add_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("sync, download, import, restore, delete, schedule")
    group.add_argument("--no-wait", action="store_true", help=_("sync: leave it to a worker"))
    group.add_argument("--name", default="", help=_("import: the name (that of the file)"))
    group.add_argument(
        "--encoding", default="", choices=actions.ENCODINGS, help=_("import (found)")
    )
    group.add_argument("--every", choices=SyncPlan.Interval.values, help=_("schedule: how often"))
    group.add_argument(
        "--as", dest="username", metavar="USER", help=_("who asks (the first admin)")
    )


def run(options: Namespace) -> Exit:
    """Do what is asked.

    Raises:
        Stop: it cannot be done; says why.
    """
    try:
        return WORK[options.asked](options, acting_user(options.username))
    except PermissionDenied as denied:
        raise Stop(Exit.NOT_PERMITTED, str(denied)) from denied
    except NotListed as refusal:
        raise Stop(Exit.NOT_FOUND, str(refusal)) from refusal
    except WrongField as refusal:
        option = OPTIONS.get(refusal.field)
        sentence = f"{option}: {refusal}" if option else str(refusal)
        raise Stop(Exit.INVALID, sentence) from refusal
    except Refused as refusal:
        raise Stop(Exit.INVALID, str(refusal)) from refusal


def synchronize(options: Namespace, by: User) -> Exit:
    job = actions.request_sync(by=by, at_once=not options.no_wait)
    if options.no_wait:
        return answered(options, {"job_id": job.pk}, _("Job %(number)d") % {"number": job.pk})
    job = done(job, by, options)
    if options.verbose:
        for line in job.lines.all():
            tell(f"{line.level} {line.message}")
    if job.status != Job.Status.COMPLETED:
        raise Stop(Exit.FAILED, job.error or str(job.get_status_display()))
    answered(options, {"job_id": job.pk, **job.result}, "\n".join(report_lines(job.result)))
    return Exit.FAILED if job.result["failed"] else Exit.DONE


def done(job: Job, by: User, options: Namespace) -> Job:
    """Run the job here, or wait until the worker that has it is done."""
    with watched(quiet=options.json) as heard, LISTENER.held(heard) as told:
        job = run_here(job, told)
        return job if job.is_over else wait_for(job, by, told)


def report_lines(report: dict[str, Any]) -> list[str]:
    lines = [f"{kind}: {name}" for kind in ("new", "changed", "vanished") for name in report[kind]]
    lines += [f"failed: {name}: {reason}" for name, reason in report["failed"]]
    counts = ", ".join(f"{len(found)} {kind}" for kind, found in report.items())
    return [*lines, counts]


def download(options: Namespace, by: User) -> Exit:
    names = options.what or refuse(_("Say which rule: packer rules download NAME."))
    results: list[dict[str, Any]] = []
    refusals: list[Refused] = []
    for name in names:
        try:
            got = actions.download_rule(name, by=by)
            results.append({"name": got.rule.name, "id": got.rule.pk, "outcome": got.outcome})
            if not got.is_in_force:
                tell(_("%(name)s: your own text stays in force.") % {"name": got.rule.name})
        except Refused as refusal:
            refusals.append(refusal)
            results.append({"name": name, "error": str(refusal)})
    if refusals and len(names) == 1:
        is_listed = not isinstance(refusals[0], NotListed)
        raise Stop(Exit.FAILED if is_listed else Exit.NOT_FOUND, str(refusals[0]))
    lines = [f"{one['name']}: {one.get('outcome') or one['error']}" for one in results]
    answered(options, {"rules": results}, "\n".join(lines))
    return Exit.FAILED if refusals else Exit.DONE


def bring(options: Namespace, by: User) -> Exit:
    path = Path(only(options, _("Say which file: packer rules import FILE.")))
    try:
        with path.open("rb") as file:
            raw = actions.sent_bytes(File(file))
    except OSError as error:
        sentence = _("%(path)s cannot be read (%(reason)s).")
        values = {"path": path, "reason": error.strerror}
        raise Stop(Exit.NOT_FOUND, sentence % values) from error
    new = NewRule(
        raw=raw,
        source=path.name,
        encoding=options.encoding,
        name=options.name,
        scene="".join(options.scene[-1:]),
        section="".join(options.section[-1:]),
        year=year_in("".join(options.year[-1:])),
        release_type="".join(options.type[-1:]),
    )
    rule = actions.import_rule(new, by=by)
    facts = [rule.name, rule.scene, rule.section, str(rule.year or "?"), rule.release_type]
    return answered(options, described(rule), "  ".join(filter(None, facts)))


def year_in(said: str) -> int | None:
    if said and not (said.isdecimal() and len(said) <= len("2022")):
        sentence = _("A year is a number like 2022: write it so, or leave it out.")
        refuse(f"--year: {sentence}")
    return int(said) if said else None


def restore(options: Namespace, by: User) -> Exit:
    rule = rule_of(options)
    if options.number is None:
        refuse(_("Say which version: packer rules restore NAME --number N."))
    rule = actions.restore_version(rule, options.number, by=by)
    sentence = _("%(name)s: version %(number)d is in force.")
    said = sentence % {"name": rule.name, "number": rule.version}
    return answered(options, described(rule), said)


def delete(options: Namespace, by: User) -> Exit:
    rules = [rule_named(name) for name in options.what]
    if not rules:
        refuse(_("Say which rule: packer rules delete NAME."))
    for rule in rules:
        if drafts := actions.uses(rule).draft_names:
            sentence = _("%(name)s was chosen by: %(drafts)s. They must choose again.")
            tell(sentence % {"name": rule.name, "drafts": drafts})
    names = [rule.name for rule in rules]
    kept = actions.delete_rules(rules, by=by)
    for sentence in kept:
        tell(sentence)
    still = Rule.objects.filter(name__in=names).values_list("name", flat=True)
    deleted = [name for name in names if name not in set(still)]
    answered(options, {"deleted": deleted, "kept": kept}, "\n".join(deleted))
    return Exit.FAILED if kept else Exit.DONE


def schedule(options: Namespace, by: User) -> Exit:
    plan = actions.plan_sync(options.every, by=by) if options.every else SyncPlan.current()
    return answered(options, {"interval": plan.interval}, plan.interval)


def rule_of(options: Namespace) -> Rule:
    return rule_named(only(options, _("Say which rule, by its name.")))


def rule_named(name: str) -> Rule:
    names = list(Rule.objects.values_list("name", flat=True))
    if name in names:
        return Rule.objects.get(name=name)
    raise unknown_rule(name, names)


def unknown_rule(name: str, names: Iterable[str]) -> Stop:
    """Return what tells that none of `names` is `name`, and which are like it."""
    folded = {one.casefold(): one for one in names}
    near = [folded[one] for one in get_close_matches(name.casefold(), folded)]
    if not near:
        return Stop(Exit.NOT_FOUND, _("There is no rule %(name)s.") % {"name": name})
    sentence = _("There is no rule %(name)s. Did you mean %(names)s?")
    return Stop(Exit.NOT_FOUND, sentence % {"name": name, "names": ", ".join(near)})


def only(options: Namespace, sentence: str) -> str:
    if len(options.what) != 1:
        refuse(sentence)
    return str(options.what[0])


def refuse(sentence: str) -> Any:
    raise Stop(Exit.INVALID, sentence)


def described(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in FACTS} | {"vanished": bool(rule.vanished_at)}


def answered(options: Namespace, document: dict[str, Any], text: str) -> Exit:
    """Print one or the other, as it was asked for."""
    if options.json:
        say_json(document)
    elif text:
        say(text)
    return Exit.DONE


WORK: dict[str, Callable[[Namespace, User], Exit]] = {
    "sync": synchronize,
    "download": download,
    "import": bring,
    "restore": restore,
    "delete": delete,
    "schedule": schedule,
}
