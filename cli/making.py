"""From the options of a command to a packed release, by the same forms as the wizard's."""

import hashlib
import math
import time
from argparse import Namespace
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from cli.exits import Exit, Stop
from cli.interruption import LISTENER
from cli.options import METADATA
from cli.output import tell
from drafts import actions as drafts
from drafts.answers import new_release
from drafts.forms import StepForm
from drafts.models import Draft
from drafts.steps import BY_KEY
from jobs import actions as jobs
from jobs.models import Job, JobLog
from jobs.queue import run_here
from releases import actions
from releases.actions import Duplicated, NewRelease, Refused
from releases.description import SOURCES
from releases.models import Artifact, NfoTemplate, Release, Source
from releases.packing import Progress
from rules.models import Rule
from rules.spec import Severity

OPTIONS = {
    "__all__": "",
    "file": "",
    "release_type": "--type: ",
    "rule_id": "--profile: ",
    "template_id": "--template: ",
    "volumes": "--volume-size: ",
    "rar_version": "--rar-version: ",
}
"""What an answer is called here, where it is not called as in the forms."""
POLL_S = 0.1
PATIENCE_S = 5
"""How long a job may wait for a worker before that is said."""


def made(options: Namespace, heard: Progress) -> dict[str, Any]:
    """Make the release of `options.file`, and return what there is to say of it.

    Raises:
        Stop: it cannot be done; says why.
    """
    began = time.monotonic()
    job = packed(options, acting_user(options.username), heard)
    if options.verbose:
        for line in job.lines.all():
            tell(f"{line.level} {line.message}")
    if job.status != Job.Status.COMPLETED:
        raise Stop(Exit.FAILED, job.error or str(job.get_status_display()))
    release = Release.objects.get(pk=job.arguments["release_id"])
    said = {"release": release.name, "path": str(release.folder), "notes": notes(job)}
    details = described(release, job) if options.json else {}
    return said | details | {"seconds": round(time.monotonic() - began, 3)}


def notes(job: Job) -> list[str]:
    """Return what the release lacks, and why."""
    warnings = job.lines.filter(level=JobLog.Level.WARNING)
    return list(warnings.values_list("message", flat=True))


def acting_user(username: str | None) -> User:
    """Return the user named, or the first administrator: who can run this owns the machine."""
    if username is None:
        user = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    else:
        user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Stop(Exit.NOT_FOUND, nobody(username))
    return user


def nobody(username: str | None) -> str:
    """Say that there is no such user, or on a new instance no administrator yet."""
    if username is None:
        return _("There is no administrator yet: run “packer setup”, or open the site.")
    return _("There is no user %(name)s.") % {"name": username}


def packed(options: Namespace, user: User, heard: Progress) -> Job:
    """Make the release and pack it; return its job, over."""
    LISTENER.check()
    try:
        release = created(options, user)
        with LISTENER.held(heard) as told:
            job = actions.request_packing(release, by=user, at_once=not options.with_job)
            return wait_for(job, user, told) if options.with_job else run_here(job, told)
    except PermissionDenied as denied:
        raise Stop(Exit.NOT_PERMITTED, str(denied)) from denied
    except Duplicated as refusal:
        raise Stop(Exit.NOT_CONFORMING, in_our_words(refusal)) from refusal
    except Refused as refusal:
        code = Exit.NOT_CONFORMING if refusal.violations else Exit.INVALID
        raise Stop(code, str(refusal)) from refusal


def in_our_words(refusal: Duplicated) -> str:
    if not refusal.may_confirm:
        return str(refusal)
    return f"{refusal} {_('Here, --allow-duplicate confirms it.')}"


def wait_for(job: Job, user: User, heard: Progress) -> Job:
    """Wait until a worker has done `job`; an interruption cancels it."""
    hint_at_s = time.monotonic() + PATIENCE_S
    try:
        while not job.is_over:
            time.sleep(POLL_S)
            job.refresh_from_db()
            if job.status == Job.Status.PENDING and time.monotonic() > hint_at_s:
                tell(_("No worker has taken the job yet: packer serve or packer worker runs one."))
                hint_at_s = math.inf
            heard(job.stage, job.bytes_done, job.bytes_total)
    except KeyboardInterrupt:
        with suppress(jobs.Refused):  # it was over before it could be cancelled
            jobs.cancel_job(job, by=user)
        raise
    return job


def created(options: Namespace, user: User) -> Release:
    """Return the release that the options describe; where it cannot be, nothing is kept."""
    if not options.file.is_file():
        raise Stop(Exit.NOT_FOUND, _("%(path)s is not a file.") % {"path": options.file})
    draft = Draft(owner=user)
    answer(draft, "group", {"group": options.group})
    answer(draft, "type", {"release_type": options.type})
    rules = Rule.objects.all()
    if not rules.for_type(options.type).packable().exists():
        sentence = _("There is no rule to pack %(type)s by: run “packer setup”, or add one.")
        raise Stop(Exit.INVALID, sentence % {"type": options.type})
    answer(draft, "rule", {"rule_id": chosen(rules, options.profile)} if options.profile else {})
    source = actions.register_source(options.file, by=user)
    try:
        answer_about(draft, source, options)
        new = asked(draft, options)
        new = new if options.profile else by_fitting_rule(new)
        actions.settle_sum(new.source)
        return actions.create_release(new, by=user, confirms_duplicates=options.allow_duplicate)
    except BaseException:
        actions.discard_source(source)
        raise


def asked(draft: Draft, options: Namespace) -> NewRelease:
    """Return what the answers make, and what only commands ask."""
    new = replace(
        new_release(draft),
        name=options.release_name,
        generate_sfv=not options.no_sfv,
        proofs=tuple(options.proof or ()),
    )
    if options.output:
        make_output(options.output)
        new = replace(new, root=str(options.output.resolve()))
    return replace(new, released_on=options.released_on) if options.released_on else new


def answer_about(draft: Draft, source: Source, options: Namespace) -> None:
    """Put on `draft` what is asked once the file is known."""
    rights = {"rights": options.rights, "rights_note": options.rights_note}
    answer(draft, "source", rights | {"file_path": str(source.handle)})
    answer_metadata(draft, options)
    packing = {"format": options.format, "volumes": options.volume_size}
    packing["rar_version"] = options.rar_version
    answer(
        draft, "options", {name: "" if value is None else value for name, value in packing.items()}
    )
    seen = NfoTemplate.objects.visible_to(draft.owner)
    template = {"template_id": chosen(seen, options.template)} if options.template else {}
    answer(draft, "nfo", template)


def answer_metadata(draft: Draft, options: Namespace) -> None:
    """Put on `draft` what the work is: by the options, the file and, where asked for, others."""
    given = metadata(options)
    filled, sources = enriched(draft, given) if options.enrich else ({}, {})
    answer(draft, "enrichment", given | filled)
    draft.answers["enrichment"]["sources"] |= sources


def enriched(draft: Draft, given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    from cli.enriching import gaps_filled  # noqa: PLC0415  # 0.1 s that few commands need

    return gaps_filled(draft, given, by=draft.owner)


def by_fitting_rule(new: NewRelease) -> NewRelease:
    """Return `new` by the newest rule of its type that it conforms to; by none, as it is."""
    rules = Rule.objects.for_type(new.type).packable().recommended_first()
    return next((one for rule in rules if conforms(one := replace(new, rule=rule))), new)


def conforms(new: NewRelease) -> bool:
    return not any(broken.severity == Severity.STRUCTURE for broken in actions.report(new))


def make_output(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sentence = _("%(folder)s cannot be made (%(reason)s): choose another --output.")
        values = {"folder": folder, "reason": error.strerror}
        raise Stop(Exit.DESTINATION_FAILED, sentence % values) from error


def metadata(options: Namespace) -> dict[str, Any]:
    """Return the metadata that the options give; the rest comes from the file."""
    given = {name: getattr(options, name) for name in METADATA}
    source = next(name for name in SOURCES if name.lower() == options.source)
    return {name: value for name, value in given.items() if value is not None} | {"source": source}


def chosen(among: QuerySet[Rule] | QuerySet[NfoTemplate], name: str) -> int:
    found = among.filter(name=name).first()
    if found is None:
        names = ", ".join(among.values_list("name", flat=True))
        raise Stop(
            Exit.NOT_FOUND, _("%(name)s is none of: %(names)s.") % {"name": name, "names": names}
        )
    return int(found.pk)


def answer(draft: Draft, key: str, data: Mapping[str, Any]) -> None:
    """Put the answers to a step on `draft`, which is never saved."""
    form = drafts.completed_form(draft, BY_KEY[key], data)
    if not form.is_valid():
        raise Stop(Exit.INVALID, "\n".join(complaints(form)))
    draft.answers[key] = form.answers()


def complaints(form: StepForm) -> Iterable[str]:
    for name, errors in form.errors.items():
        for error in errors:
            yield f"{OPTIONS.get(name, option(name))}{error}"


def option(field: str) -> str:
    return f"--{field.replace('_', '-')}: "


def described(release: Release, job: Job) -> dict[str, Any]:
    """Return the numbers of what was made, as `--json` prints them."""
    return {
        "files": [summed(file, release.into) for file in release.artifacts.all()],
        "volumes": release.volumes,
        "bytes": release.size,
        "job_id": job.pk,
    }


def summed(file: Artifact, folder: Path) -> dict[str, Any]:
    """Return a file with its sums; where no list of SHA-256 was asked for, it is read for its."""
    sha256 = file.sha256 or sha256_of(folder / file.path)
    return {"path": file.path, "size": file.size, "crc32": file.crc32, "sha256": sha256}


def sha256_of(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
