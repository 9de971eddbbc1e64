"""packer pack FILE: make a release of a file of this machine."""

import json
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import User
from cli.exits import Exit, Stop
from cli.output import say, tell
from drafts import actions as drafts
from drafts.answers import new_release
from drafts.forms import StepForm
from drafts.models import Draft
from drafts.steps import BY_KEY
from jobs.models import Job
from jobs.queue import run_here
from releases import actions
from releases.actions import NewRelease, Refused
from releases.description import SOURCES
from releases.models import NfoTemplate, Release, ReleaseType, Source
from rules.models import Rule
from rules.spec import Severity

HELP = "Make a release of a file"
EXAMPLE = "packer pack book.epub --group GRP --type EBOOK --source retail --output out"
METADATA = ("title", "author", "publisher", "year", "language", "isbn", "edition", "url")
TV_METADATA = ("episode", "episode_title", "tv_format", "resolution", "tags")
OPTIONS = {
    "__all__": "",
    "file": "",
    "release_type": "--type: ",
    "rule_id": "--profile: ",
    "template_id": "--template: ",
    "volumes": "--volume-size: ",
}
"""What an answer is called here, where it is not called as in the forms."""
FIRST_YEAR, LAST_YEAR = 1980, 2107
POLL_S = 0.5


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("-g", "--group", required=True, help="release group, e.g. GRP")
    parser.add_argument("-t", "--type", default="EBOOK", choices=ReleaseType.values)
    parser.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="where to put it (the releases folder)"
    )
    parser.add_argument(
        "-s", "--source", default="retail", choices=[name.lower() for name in SOURCES]
    )
    for name in (*METADATA, *TV_METADATA):
        words = name.replace("_", " ")
        parser.add_argument(f"--{name.replace('_', '-')}", help=f"{words}, instead of the file's")
    parser.add_argument(
        "--rights", default="own_work", choices=Release.Rights.values, help="to distribute it"
    )
    parser.add_argument("--rights-note", default="", help="needed where the rights are other")
    parser.add_argument(
        "--profile", metavar="RULE", help="name of the rule, e.g. 2022_EBOOK (the newest that fits)"
    )
    parser.add_argument("--template", help="name of the NFO template")
    parser.add_argument("--release-name", default="", help="the name, instead of the usual one")
    parser.add_argument("--format", choices=Release.Format.values)
    parser.add_argument("--volume-size", type=int, metavar="N", help="in millions of bytes")
    parser.add_argument(
        "--released-on", type=release_date, metavar="YYYY-MM-DD", help="the release date (today)"
    )
    parser.add_argument("--no-sfv", action="store_true", help="no SFV and SHA-256 list beside it")
    parser.add_argument("--no-api", action="store_true", help="ask no provider of metadata")
    parser.add_argument("--with-job", action="store_true", help="let a worker pack, and wait")
    parser.add_argument("--as", dest="username", metavar="USER", help="who asks (the first admin)")


def release_date(text: str) -> date:
    """Return the date; archives cannot carry one before 1980 or after 2107."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is no date: write YYYY-MM-DD") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ArgumentTypeError(f"{text} does not lie between {FIRST_YEAR} and {LAST_YEAR}")
    return day


def run(options: Namespace) -> Exit:
    """Pack the file, and print what was made.

    Raises:
        Stop: it cannot be done; says why.
    """
    began = time.monotonic()
    if not options.file.is_file():
        raise Stop(Exit.NOT_FOUND, _("%(path)s is not a file.") % {"path": options.file})
    job = packed(options, acting_user(options.username))
    if options.verbose:
        for line in job.lines.all():
            tell(f"{line.level} {line.message}")
    if job.status != Job.Status.COMPLETED:
        raise Stop(Exit.FAILED, job.error or str(job.get_status_display()))
    release = Release.objects.get(pk=job.arguments["release_id"])
    made = described(release, job) | {"seconds": round(time.monotonic() - began, 3)}
    if options.json:
        say(json.dumps(made, ensure_ascii=False, indent=2))
    else:
        say(made["path"])
    return Exit.DONE


def acting_user(username: str | None) -> User:
    """Return the user named, or the first administrator: who can run this owns the machine."""
    if username is None:
        user = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    else:
        user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Stop(Exit.NOT_FOUND, _("There is no user %(name)s.") % {"name": username or "admin"})
    return user


def packed(options: Namespace, user: User) -> Job:
    """Make the release and pack it; return its job, over."""
    try:
        new = asked(options, user)
        new = new if options.profile else by_fitting_rule(new)
        release = actions.create_release(new, by=user)
        job = actions.request_packing(release, by=user, at_once=not options.with_job)
    except PermissionDenied as denied:
        raise Stop(Exit.NOT_PERMITTED, str(denied)) from denied
    except Refused as refusal:
        code = Exit.NOT_CONFORMING if refusal.violations else Exit.INVALID
        raise Stop(code, str(refusal)) from refusal
    return wait_for(job) if options.with_job else run_here(job)


def wait_for(job: Job) -> Job:
    while not job.is_over:
        time.sleep(POLL_S)
        stage = job.stage
        job.refresh_from_db()
        if job.stage != stage:
            tell(f"{job.progress:3} % {job.stage_label}")
    return job


def asked(options: Namespace, user: User) -> NewRelease:
    """Return the release that the options describe, through the same forms as the wizard's."""
    draft = Draft(owner=user)
    answer(draft, "group", {"group": options.group})
    answer(draft, "type", {"release_type": options.type})
    answer(draft, "rule", {"rule_id": chosen(Rule, options.profile)} if options.profile else {})
    source = actions.register_source(options.file, by=user)
    try:
        answer_about(draft, source, options)
    except Stop:
        actions.discard_source(source)
        raise
    new = replace(new_release(draft), name=options.release_name, generate_sfv=not options.no_sfv)
    if options.output:
        make_output(options.output)
        new = replace(new, root=str(options.output.resolve()))
    return replace(new, released_on=options.released_on) if options.released_on else new


def answer_about(draft: Draft, source: Source, options: Namespace) -> None:
    """Put on `draft` what is asked once the file is known."""
    rights = {"rights": options.rights, "rights_note": options.rights_note}
    answer(draft, "source", rights | {"file_path": str(source.handle)})
    answer(draft, "enrichment", metadata(options))
    answer(draft, "options", {"format": options.format or "", "volumes": options.volume_size or ""})
    template = {"template_id": chosen(NfoTemplate, options.template)} if options.template else {}
    answer(draft, "nfo", template)


def by_fitting_rule(new: NewRelease) -> NewRelease:
    """Return `new` by the newest rule of its type that it conforms to; by none, as it is."""
    rules = Rule.objects.for_type(new.type).recommended_first()
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
    given = {name: getattr(options, name) for name in (*METADATA, *TV_METADATA)}
    source = next(name for name in SOURCES if name.lower() == options.source)
    return {name: value for name, value in given.items() if value is not None} | {"source": source}


def chosen(model: type[Rule] | type[NfoTemplate], name: str) -> int:
    found = model.objects.filter(name=name).first()
    if found is None:
        names = ", ".join(model.objects.values_list("name", flat=True))
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
    """Return what was made, as `--json` prints it."""
    files = [
        {"path": file.path, "size": file.size, "crc32": file.crc32, "sha256": file.sha256}
        for file in release.artifacts.all()
    ]
    return {
        "release": release.name,
        "path": str(release.folder),
        "files": files,
        "volumes": release.volumes,
        "bytes": release.size,
        "job_id": job.pk,
    }
