"""packer rules, of an instance on another machine."""

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from cli import rules as here
from cli.doors import UNDOABLE, Refusal, all_of, refuse_others
from cli.doors.remote import RemoteDoor
from cli.exits import Exit, Stop
from cli.output import tell
from cli.progress import watched
from cli.rule_work import FACTS, answered, only, refuse, report_lines, unknown_rule, year_in
from cli.verbs import printed
from cli.waiting import awaited, tell_log

ALONE = {UNDOABLE: Exit.FAILED}
"""How the command ends that asked for one rule, which is listed and cannot be had."""
RENAMED = {"release_type": "type"}


def run_there(options: Namespace) -> Exit:
    """Do what is asked of the rules there.

    Raises:
        Stop: it cannot be done; says why.
    """
    refuse_others(options.username)
    return WORK[options.asked](options, RemoteDoor.of_environment())


def listed(options: Namespace, door: RemoteDoor) -> Exit:
    wanted = {name: getattr(options, name) for name in here.FILTERS}
    wanted = {name: value for name, value in wanted.items() if value}
    search = {"search": options.search} if options.search else {}
    if options.listed:
        found = all_of(door, "/rules/scenerules", "rules", wanted | search)
        return here.told_of_site(options, list(found))
    return here.told(options, all_rules(door, wanted | search))


def all_rules(door: RemoteDoor, query: dict[str, Any]) -> list[dict[str, Any]]:
    names = (*FACTS, "vanished")
    found = all_of(door, "/rules", "rules", {**query, "details": "true"})
    return [{name: one[RENAMED.get(name, name)] for name in names} for one in found]


def rule_of(options: Namespace, door: RemoteDoor) -> dict[str, Any]:
    return rule_named(door, only(options, _("Say which rule, by its name.")))


def rule_named(door: RemoteDoor, name: str) -> dict[str, Any]:
    rules = {str(one["name"]): one for one in all_rules(door, {})}
    if name in rules:
        return rules[name]
    raise unknown_rule(name, rules)


def shown(options: Namespace, door: RemoteDoor) -> Exit:
    rule = rule_of(options, door)
    number = rule["version"] if options.number is None else options.number
    version = version_of(door, rule, number)
    if options.json:
        facts = {name: version[name] for name in ("encoding", "sha256", "source", "url")}
        return printed(rule | facts | {"number": number, "content": version["content"]})
    if options.raw:
        query = {"version": number}
        raw = door.heard(lambda: door.client.get(f"/rules/{rule['id']}/raw", params=query))
        return here.handed_out(options, raw.content)
    return here.handed_out(options, version["content"].encode())


def version_of(door: RemoteDoor, rule: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a version of a rule's text.

    Raises:
        Stop: there is none of that number.
    """
    values = {"name": rule["name"], "number": number}
    if not rule["version"]:
        sentence = _("%(name)s has no text yet: packer rules download %(name)s.")
        raise Stop(Exit.NOT_FOUND, sentence % values)
    try:
        return dict(door.ask("GET", f"/rules/{rule['id']}/versions/{number}"))
    except Refusal as refusal:
        if refusal.code != Exit.NOT_FOUND:
            raise
        sentence = _("%(name)s has no version %(number)d.")
        raise Stop(Exit.NOT_FOUND, sentence % values) from refusal


def compared(options: Namespace, door: RemoteDoor) -> Exit:
    rule = rule_of(options, door)
    new = rule["version"] if options.number is None else options.number
    old = max(new - 1, 1) if options.old is None else options.old
    for number in (new, old):
        version_of(door, rule, number)
    answer = door.ask("GET", f"/rules/{rule['id']}/diff", query={"from": old, "to": new})
    return here.told_difference(options, {"name": rule["name"], **answer})


def synchronize(options: Namespace, door: RemoteDoor) -> Exit:
    job_id = door.ask("POST", "/rules/sync")["job_id"]
    if options.no_wait:
        return answered(options, {"job_id": job_id}, _("Job %(number)d") % {"number": job_id})
    with watched(quiet=options.json) as heard:
        status = awaited(door, job_id, heard)
    if options.verbose:
        tell_log(door, job_id)
    if status["status"] != "completed":
        raise Stop(Exit.FAILED, status["message"])
    report = door.ask("GET", f"/rules/sync/{job_id}")
    report["failed"] = [[one["name"], one["reason"]] for one in report["failed"]]
    answered(options, {"job_id": job_id, **report}, "\n".join(report_lines(report)))
    return Exit.FAILED if report["failed"] else Exit.DONE


def download(options: Namespace, door: RemoteDoor) -> Exit:
    names = options.what or refuse(_("Say which rule: packer rules download NAME."))
    results: list[dict[str, Any]] = []
    for name in names:
        try:
            got = door.ask("POST", "/rules/download", body={"name": name})
            results.append({"name": name, "id": got["id"], "outcome": got["outcome"]})
        except Refusal as refusal:
            if refusal.code == Exit.NOT_PERMITTED:
                raise
            if len(names) == 1:
                raise Stop(ALONE.get(refusal.status, refusal.code), str(refusal)) from refusal
            results.append({"name": name, "error": str(refusal)})
    lines = [f"{one['name']}: {one.get('outcome') or one['error']}" for one in results]
    answered(options, {"rules": results}, "\n".join(lines))
    return Exit.FAILED if any("error" in one for one in results) else Exit.DONE


def bring(options: Namespace, door: RemoteDoor) -> Exit:
    path = Path(only(options, _("Say which file: packer rules import FILE.")))
    try:
        raw = path.read_bytes()
    except OSError as error:
        sentence = _("%(path)s cannot be read (%(reason)s).")
        values = {"path": path, "reason": error.strerror}
        raise Stop(Exit.NOT_FOUND, sentence % values) from error
    said = {name: "".join(getattr(options, name)[-1:]) for name in here.FILTERS}
    year_in(said["year"])
    said |= {"name": options.name, "encoding": options.encoding}
    told = {name: value for name, value in said.items() if value}
    files = {"file": (path.name, raw)}
    answer = door.heard(lambda: door.client.post("/rules/upload", data=told, files=files))
    number = door.document(answer)["id"]
    rule = next(one for one in all_rules(door, {}) if one["id"] == number)
    names = ("name", "scene", "section", "year", "release_type")
    facts = [str(rule[name] or ("?" if name == "year" else "")) for name in names]
    return answered(options, rule, "  ".join(filter(None, facts)))


def restore(options: Namespace, door: RemoteDoor) -> Exit:
    rule = rule_of(options, door)
    if options.number is None:
        refuse(_("Say which version: packer rules restore NAME --number N."))
    door.ask("POST", f"/rules/{rule['id']}/versions/{options.number}/restore")
    rule = rule_named(door, rule["name"])
    sentence = _("%(name)s: version %(number)d is in force.")
    return answered(options, rule, sentence % {"name": rule["name"], "number": rule["version"]})


def delete(options: Namespace, door: RemoteDoor) -> Exit:
    rules = [rule_named(door, name) for name in options.what]
    if not rules:
        refuse(_("Say which rule: packer rules delete NAME."))
    deleted, kept = [], []
    for rule in rules:
        try:
            door.ask("DELETE", f"/rules/{rule['id']}")
            deleted.append(rule["name"])
        except Refusal as refusal:
            if refusal.code == Exit.NOT_PERMITTED:
                raise
            tell(str(refusal))
            kept.append(str(refusal))
    answered(options, {"deleted": deleted, "kept": kept}, "\n".join(deleted))
    return Exit.FAILED if kept else Exit.DONE


def schedule(options: Namespace, door: RemoteDoor) -> Exit:
    if options.every:
        plan = door.ask("PUT", "/rules/schedule", body={"interval": options.every})
    else:
        plan = door.ask("GET", "/rules/schedule")
    return answered(options, {"interval": plan["interval"]}, plan["interval"])


WORK: dict[str, Callable[[Namespace, RemoteDoor], Exit]] = {
    "list": listed,
    "show": shown,
    "diff": compared,
    "sync": synchronize,
    "download": download,
    "import": bring,
    "restore": restore,
    "delete": delete,
    "schedule": schedule,
}
