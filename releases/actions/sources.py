"""What one can do to a source file."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from jobs.lease import Lease
from jobs.models import Job
from jobs.queue import Busy, enqueue
from releases import description
from releases.actions.refusal import Refused, told
from releases.metadata import AnalysisError, analyse_apart
from releases.models import Source
from releases.uploads import Received
from rules.models import Rule

TOLD = ("metadata", "mediainfo", "structure", "drm", "valid", "problems")
"""What the result of an analysis job tells."""


def receive_source(received: Received, *, by: User) -> Source:
    """Keep an uploaded file, and find out what it is.

    Raises:
        PermissionDenied: `by` may not make releases.
        Refused: it is empty, or cannot be read.
    """
    require(by, "releases", "write")
    source = Source(
        name=Path(received.name or "").name,
        size=received.size or 0,
        sha256=received.sha256,
        created_by=by,
    )
    received.keep_as(source.path)
    try:
        examine(source)
        source.save()
    except BaseException:
        source.path.unlink()
        raise
    return source


def discard_source(source: Source) -> None:
    """Forget a source that no release was made of; a file that was sent goes with it."""
    source.delete()
    if not source.local_path:
        source.path.unlink(missing_ok=True)


def register_source(path: Path, *, by: User) -> Source:
    """Note a file of this machine as a source, where it lies; it is summed when a sum is needed.

    Raises:
        PermissionDenied: `by` may not make releases.
        Refused: it is not a file, is empty, or cannot be read.
    """
    require(by, "releases", "write")
    if not path.is_file():
        raise Refused(_("%(path)s is not a file.") % {"path": path})
    source = Source(
        name=path.name,
        local_path=str(path.resolve()),
        size=path.stat().st_size,
        created_by=by,
    )
    examine(source)
    source.save()
    return source


def examine(source: Source) -> None:
    """Analyse `source` in a limited child process, and put the result on it, unsaved.

    Raises:
        Refused: it is empty, or cannot be read.
    """
    if not source.size:
        raise Refused(_("%(name)s is empty: choose another file.") % {"name": source.name})
    try:
        source.analysis = analyse_apart(source.path).as_json()
    except AnalysisError as error:
        raise Refused(told(error)) from error
    source.analysis["metadata"] |= description.tv_metadata(Path(source.name).stem)


def check_source(source: Source, rule: Rule) -> None:
    """Make sure that a release by `rule` can be made of `source`.

    Raises:
        Refused: its real type, its extension, its state or its protection forbid it.
    """
    facts = {"name": source.name, "format": source.format.upper()}
    if source.format not in rule.spec.formats:
        facts["formats"] = ", ".join(rule.spec.formats).upper()
        raise Refused(
            _("%(name)s is a file of type %(format)s: choose one of type %(formats)s.") % facts
        )
    expected = description.EXTENSIONS[source.format]
    if Path(source.name).suffix.removeprefix(".").lower() not in expected:
        facts["extension"] = expected[0]
        raise Refused(
            _("%(name)s is really %(format)s: rename it so that it ends in .%(extension)s.") % facts
        )
    if source.analysis["drm"]:
        facts["drm"] = source.analysis["drm"]
        raise Refused(
            _(
                "%(name)s is protected (%(drm)s). Protected files cannot be packed: "
                "choose one that is free of protection."
            )
            % facts
        )
    if damage := source.damage():
        facts["problems"] = " ".join(damage)
        raise Refused(_("%(name)s is damaged. %(problems)s") % facts)


def request_analysis(source: Source, *, by: User) -> Job:
    """Queue the analysis of `source`, or return the job that is at it already.

    Raises:
        PermissionDenied: `by` may not make releases.
    """
    require(by, "releases", "write")
    try:
        return enqueue("analysis", by=by, subject=source.subject, source_id=source.pk)
    except Busy:
        return Job.objects.about(source.subject).active().newest_first()[0]


def analyse_source(lease: Lease, *, source_id: int) -> dict[str, Any]:
    """Do the analysis that a job stands for, and return it as the job's result. For workers.

    Raises:
        Refused: the file cannot be read.
    """
    source = Source.objects.get(pk=source_id)
    lease.enter("analyse")
    lease.log(_("Reading %(name)s") % {"name": source.name})
    examine(source)
    lease.enter("record")
    source.save(update_fields=["analysis"])
    return {name: source.analysis[name] for name in TOLD}
