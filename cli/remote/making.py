"""A release that another machine makes of a file of this one."""

import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from cli.doors import MALFORMED, Refusal, all_of, refuse_others
from cli.doors.remote import RemoteDoor
from cli.doors.sending import file_sent
from cli.exits import Exit, Stop
from cli.fields import with_option
from cli.options import METADATA
from cli.waiting import awaited, tell_log
from releases.description import SOURCES
from releases.packing import Progress

LOCAL = ("output", "release_name", "released_on", "proof", "enrich", "interactive")
"""Options that are of the machine of an instance alone."""
PROPOSING_STEP = 3
"""Saved though nothing of it is said: a rule is proposed. All others are saved with it."""


Begun = Callable[[int], None]
"""Hears the number of the job, there."""


def made_there(options: Namespace, heard: Progress, begun: Begun) -> dict[str, Any]:
    """Have the instance of PACKER_URL make the release of `options.file`; see `cli.making.made`.

    Raises:
        Stop: it cannot be done; says why.
    """
    began = time.monotonic()
    refuse_local(options)
    door = RemoteDoor.of_environment()
    answers = answers_of(options, door)
    answers["file_path"] = file_sent(door, options.file, heard)
    job_id = packed(door, draft_of(door, answers, is_free=not options.profile), options)
    begun(job_id)
    return outcome(door, job_id, options, heard) | seconds_since(began)


def continued_there(job_id: int, options: Namespace, heard: Progress) -> dict[str, Any] | None:
    """Return what came of a job that was begun before; nothing where there is no more of it.

    Raises:
        Stop: that cannot be known; says why.
    """
    began = time.monotonic()
    door = RemoteDoor.of_environment()
    job = found(door, f"/jobs/{job_id}")
    if job is None or job["status"] in {"failed", "cancelled"}:
        return None
    return outcome(door, job_id, options, heard) | seconds_since(began)


def stands_there(release_id: int, name: str) -> bool:
    """Tell whether the instance of PACKER_URL has a release of this number and name."""
    release = found(RemoteDoor.of_environment(), f"/releases/{release_id}")
    return release is not None and release["name"] == name


def found(door: RemoteDoor, path: str) -> dict[str, Any] | None:
    try:
        return dict(door.ask("GET", path))
    except Refusal as refusal:
        if refusal.code != Exit.NOT_FOUND:
            raise
    return None


def seconds_since(began: float) -> dict[str, Any]:
    return {"seconds": round(time.monotonic() - began, 3)}


def outcome(door: RemoteDoor, job_id: int, options: Namespace, heard: Progress) -> dict[str, Any]:
    """Return what there is to say of a job, once it is over.

    Raises:
        Stop: it failed; says why.
    """
    status = awaited(door, job_id, heard)
    if options.verbose:
        tell_log(door, job_id)
    if status["status"] != "completed":
        raise Stop(Exit.FAILED, status["message"])
    return described(door, job_id)


def refuse_local(options: Namespace) -> None:
    refuse_others(options.username)
    for name in LOCAL:
        if getattr(options, name, None):
            sentence = _("--%(name)s works on the machine of the instance alone: leave it out.")
            raise Stop(Exit.INVALID, sentence % {"name": name.replace("_", "-")})
    if not options.file.is_file():
        raise Stop(Exit.NOT_FOUND, _("%(path)s is not a file.") % {"path": options.file})


def answers_of(options: Namespace, door: RemoteDoor) -> dict[str, Any]:
    """Return the answers to all steps, but for the file."""
    given: dict[str, Any] = {name: getattr(options, name) for name in METADATA}
    given |= {
        "group": options.group,
        "release_type": options.type,
        "source": next(name for name in SOURCES if name.lower() == options.source),
        "rights": options.rights,
        "rights_note": options.rights_note,
        "format": options.format,
        "volumes": options.volume_size,
        "rar_version": options.rar_version,
        "generate_sfv": not options.no_sfv,
    }
    if options.profile:
        given["rule_id"] = chosen(door, "rules", options.profile)
    if options.template:
        given["template_id"] = chosen(door, "templates", options.template)
    return {name: value for name, value in given.items() if value is not None}


def chosen(door: RemoteDoor, kind: str, name: str) -> int:
    numbers = {one["name"]: int(one["id"]) for one in all_of(door, f"/{kind}", kind)}
    if name not in numbers:
        sentence = _("%(name)s is none of: %(names)s.")
        values = {"name": name, "names": ", ".join(numbers)}
        raise Stop(Exit.NOT_FOUND, sentence % values)
    return numbers[name]


def draft_of(door: RemoteDoor, answers: Mapping[str, Any], *, is_free: bool) -> int:
    """Save the answers as a draft, and return its number.

    Where no rule was chosen, it is the newest of the type that the release conforms to; where it
    conforms to none, the one that is proposed.
    """
    draft = saved(door, answers)
    if not is_free or conforms(door, draft):
        return draft
    query = {"type": answers["release_type"]}
    for rule in all_of(door, "/rules", "rules", query):
        try:
            saved(door, {**answers, "rule_id": rule["id"]}, draft)
        except Refusal as refusal:
            if refusal.status != MALFORMED:  # else releases cannot be packed by it
                raise
        else:
            if conforms(door, draft):
                return draft
    return saved(door, answers, draft)


def saved(door: RemoteDoor, answers: Mapping[str, Any], draft: int | None = None) -> int:
    body = {"data": answers} | ({} if draft is None else {"job_id": draft})
    try:
        answer = door.ask("POST", f"/wizard/step/{PROPOSING_STEP}/save", body=body)
    except Refusal as refusal:
        raise in_our_words(refusal) from refusal
    return int(answer["job_id"])


def in_our_words(refusal: Refusal) -> Refusal:
    """Return `refusal` with the names of options in the place of those of fields."""
    errors = refusal.document.get("errors", {})
    lines = [with_option(name, sentence) for name, said in errors.items() for sentence in said]
    if refusal.status != MALFORMED or not lines:
        return refusal
    return Refusal(refusal.status, {**refusal.document, "errors": {}, "message": "\n".join(lines)})


def conforms(door: RemoteDoor, draft: int) -> bool:
    return bool(door.ask("POST", "/wizard/conformity", body={"job_id": draft})["conforms"])


def packed(door: RemoteDoor, draft: int, options: Namespace) -> int:
    """Start the packing, and return its job."""
    body = {"job_id": draft, "confirm_duplicates": options.allow_duplicate}
    try:
        return int(door.ask("POST", "/wizard/pack", body=body)["job_id"])
    except Refusal as refusal:
        if not refusal.document.get("may_confirm"):
            raise
        sentence = _("Here, --allow-duplicate confirms it.")
        raise Stop(refusal.code, f"{refusal} {sentence}") from refusal


def described(door: RemoteDoor, job_id: int) -> dict[str, Any]:
    """Return what was made as `pack --json` prints it; paths are those of the API."""
    number = door.ask("GET", f"/jobs/{job_id}")["release_id"]
    release = door.ask("GET", f"/releases/{number}")
    warnings = door.ask("GET", f"/jobs/{job_id}/logs", query={"level": "WARNING"})["logs"]
    names = ("path", "size", "crc32", "sha256")
    files = [
        {name: one[name] for name in names}
        for one in all_files(door, number)
        if one["type"] == "file"
    ]
    return {
        "release": release["name"],
        "release_id": number,
        "path": release["file_path"],
        "notes": [line["message"] for line in warnings],
        "files": files,
        "volumes": release["volumes"],
        "bytes": release["size"],
        "job_id": job_id,
    }


def all_files(door: RemoteDoor, release: int) -> Any:
    return all_of(door, f"/releases/{release}/files", "files")
