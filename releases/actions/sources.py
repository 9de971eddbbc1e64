"""What one can do to a source file."""

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from jobs.lease import Lease
from jobs.models import Job
from jobs.queue import Busy, enqueue
from releases import copies, description, folder
from releases.actions.duplicates import settle_sum
from releases.actions.refusal import Refused, told
from releases.metadata import AnalysisError, read_apart
from releases.models import Source
from releases.uploads import Received
from rules.models import Rule

TOLD = (
    *("format", "metadata", "sources", "mediainfo", "structure", "cover"),
    *("drm", "encrypted", "valid", "problems"),
)
"""What the result of an analysis job tells."""

logger = logging.getLogger(__name__)

FILE_NAME = "file name"
"""Where a field stood that the name of the file tells."""


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
    keep_examined(source, source.save)
    return source


def keep_examined(source: Source, save: Callable[[], None]) -> None:
    """Examine a file that lies among the uploads and `save` its row, or leave no trace of it.

    Raises:
        Refused: it is empty, or cannot be read.
    """
    try:
        examine(source, wants_cover=True)
        copies.store_source(source)
        copies.store_cover(source)
        save()
    except BaseException:
        if not is_kept(source):
            source.path.unlink(missing_ok=True)
            source.cover_path.unlink(missing_ok=True)
        raise


def is_kept(source: Source) -> bool:
    """Tell whether somebody else who had the same file kept it meanwhile, as far as is known."""
    try:
        return Source.objects.filter(handle=source.handle).exists()
    except DatabaseError:
        return False


def discard_source(source: Source) -> None:
    """Forget a source that no release was made of; a file that was sent goes with it."""
    source.delete()
    source.cover_path.unlink(missing_ok=True)
    if not source.local_path:
        source.path.unlink(missing_ok=True)
    copies.forget_source(source)


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


def examine(source: Source, *, wants_cover: bool = False) -> None:
    """Analyse `source` in a limited child process, and put the result on it, unsaved.

    Its small cover, which takes more time than all the rest, is kept where it is wanted.

    Raises:
        Refused: it is empty, or cannot be read.
    """
    if not source.size:
        raise Refused(_("%(name)s is empty: choose another file.") % {"name": source.name})
    try:
        (reading,) = read_apart([source.path], wants_covers=wants_cover)
        source.analysis = reading.analysis().as_json()
    except AnalysisError as error:
        raise Refused(told(error)) from error
    if wants_cover:
        keep_cover(source, reading.cover)
    by_name = description.tv_metadata(Path(source.name).stem)
    source.analysis["metadata"] |= by_name
    source.analysis["sources"] |= dict.fromkeys(by_name, FILE_NAME)


def keep_cover(source: Source, cover: bytes) -> None:
    """Put `cover` in the place of an earlier one.

    A disk that has no room for it is no reason to refuse the file.
    """
    path = source.cover_path
    aside = path.with_name(f".{path.name}")
    try:
        path.unlink(missing_ok=True)
        if cover:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(cover)
            aside.replace(path)
    except OSError as error:
        logger.warning("The cover of %s cannot be kept: %s", source, error.strerror)
        with suppress(OSError):
            aside.unlink()


def refuse_replaced(source: Source) -> None:
    """Make sure that a file of the server's folder is still a plain file there, and as long.

    Raises:
        Refused: it is gone, or something else was put in its place.
    """
    path = Path(source.local_path)
    if not path.is_relative_to(settings.INBOX_DIR):
        return
    try:
        place = folder.located(settings.INBOX_DIR, path.relative_to(settings.INBOX_DIR).as_posix())
    except folder.NotThere:
        place = None
    if place is None or place.size != source.size:
        raise Refused(
            _("%(name)s does not lie in the server folder any more as it was: choose it again.")
            % {"name": source.name}
        )


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
    expected = description.extensions(source.format)
    if source.extension not in expected:
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
        facts["problems"] = " ".join(map(told, damage))
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
        return Job.objects.about(source.subject).newest_first()[0]


def analyse_source(lease: Lease, *, source_id: int) -> dict[str, Any]:
    """Do the analysis that a job stands for, and return it as the job's result. For workers.

    Raises:
        PermissionDenied: who asked lost the right meanwhile.
        Refused: the file cannot be read.
    """
    require(lease.job.by, "releases", "write")
    source = Source.objects.get(pk=source_id)
    lease.enter("analyse")
    lease.log(_("Reading %(name)s") % {"name": source.name})
    refuse_replaced(source)
    copies.have_source(source)
    examine(source, wants_cover=True)
    copies.store_cover(source)
    lease.enter("record")
    source.save(update_fields=["analysis"])
    settle_sum(source)
    return {name: source.analysis[name] for name in TOLD} | {"extension": source.extension}
