"""What is wrong with an instance: files missing, changed or orphaned, rows that point nowhere.

What seems wrong is looked at again, by rows as they are then: jobs go on meanwhile.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Exists, ForeignKey, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from isal.isal_zlib import crc32

from jobs.models import Job
from releases.models import Release, Revision, Source, Upload
from releases.packing import Progress
from upkeep.faults import Fault, Kind
from upkeep.holdings import (
    Holding,
    holdings,
    known_bytes,
    of_releases,
    of_revisions,
    of_sources,
    of_uploads,
)
from upkeep.orphans import is_at_work, orphans
from upkeep.places import Places, present_places
from upkeep.rows import Model, tables
from upkeep.sentences import asking_the_store, reading_or_writing
from upkeep.snapshot import refuse_outdated
from upkeep.stored_faults import stored_faults
from upkeep.writing import PIECE_BYTES

NAMED = 20
"""Rows of one column that are named, if they point nowhere."""
PUT_AWAY = "orphans"


def check_instance(*, quick: bool, heard: Progress) -> Iterator[Fault]:
    """Yield all that is wrong; `quick` reads no file.

    Raises:
        Unable: the database is of another version, the store of files does not answer, or a
            folder cannot be read.
    """
    refuse_outdated()
    yield from rows_pointing_nowhere()
    with reading_or_writing(settings.DATA_DIR):
        yield from damaged_files(quick=quick, heard=heard)
    with asking_the_store():
        yield from stored_faults()
    for path in orphans():
        message = _("%(path)s belongs to nothing that is known.") % {"path": path}
        yield Fault(Kind.ORPHAN, str(path), message)


def damaged_files(*, quick: bool, heard: Progress) -> Iterator[Fault]:
    done, total = 0, known_bytes()
    for holding in holdings():
        is_copy = bool(holding.key)  # which may be missing, or be of an earlier package
        if not is_copy and judged(holding, quick=quick):
            yield from confirmed(holding, quick=quick)
        done += holding.size or 0
        heard("verify", min(done, total), total)


def judged(holding: Holding, *, quick: bool) -> Kind | None:
    """Return what is wrong with a file, if anything is."""
    try:
        size = holding.path.stat().st_size if holding.path.is_file() else None
        if size is None:
            return Kind.MISSING if holding.is_due else None
        if holding.size not in {None, size} or size < (holding.least or 0):
            return Kind.CHANGED
        return None if quick or is_as_summed(holding) else Kind.CHANGED
    except FileNotFoundError:
        return Kind.MISSING
    except OSError:
        return Kind.CHANGED


def is_as_summed(holding: Holding) -> bool:
    """Read a file whose sums are known, and tell whether it has them."""
    if not (holding.crc32 or holding.sha256):
        return True
    crc, digest = 0, hashlib.sha256()
    with holding.path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            crc = crc32(piece, crc)
            if holding.sha256:
                digest.update(piece)
    is_crc = holding.crc32.lower() in {"", f"{crc:08x}"}
    return is_crc and holding.sha256.lower() in {"", digest.hexdigest()}


def confirmed(suspect: Holding, *, quick: bool) -> Iterator[Fault]:
    """Yield the fault of `suspect` if it is one by its rows as they are now."""
    kind, _sign, number = suspect.subject.partition(":")
    if Job.objects.about(suspect.subject).active().exists():
        return
    if kind == "release" and is_at_work(int(number)):
        return
    for holding in held_by(suspect.subject):
        if (
            holding.path == suspect.path
            and not holding.key
            and (found := judged(holding, quick=quick))
        ):
            yield Fault(found, str(holding.path), sentence(found, holding), holding.subject)


def held_by(subject: str) -> Iterator[Holding]:
    kind, _sign, number = subject.partition(":")
    if kind == "release":
        yield from of_releases(Release.objects.filter(pk=number))
        yield from of_revisions(Revision.objects.filter(release=int(number)))
    elif kind == "source":
        yield from of_sources(Source.objects.filter(pk=number))
    elif kind == "upload":
        yield from of_uploads(Upload.objects.filter(pk=number))


def sentence(kind: Kind, holding: Holding) -> str:
    if kind == Kind.MISSING:
        return _("%(path)s is missing.") % {"path": holding.path}
    return _("%(path)s was changed: it is not what was recorded.") % {"path": holding.path}


def rows_pointing_nowhere() -> Iterator[Fault]:
    for name, model in tables(apps).items():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, ForeignKey):
                yield from dangling(name, model, field)


def dangling(name: str, model: Model, field: ForeignKey[Any, Any]) -> Iterator[Fault]:
    """Yield the rows whose `field` names a row that is not there."""
    target = field.target_field
    there: QuerySet[Any] = QuerySet(target.model).filter(
        **{target.attname: OuterRef(field.attname)}
    )
    found: QuerySet[Any] = QuerySet(model).filter(
        ~Exists(there), **{f"{field.name}__isnull": False}
    )
    for pk, value in found.values_list("pk", field.attname)[:NAMED]:
        facts = {"row": f"{name} {pk}", "column": field.column, "value": value}
        message = _("%(row)s: its %(column)s is %(value)s, which does not exist.") % facts
        yield Fault(Kind.NOWHERE, f"{name} {pk}", message)


def put_away(path: Path) -> Path:
    """Move an orphan out of our folders, to where a person can look at it; nothing is removed."""
    places: Places = present_places()
    place, inner = places.of(path)
    aside = settings.DATA_DIR / PUT_AWAY / f"{timezone.now():%Y%m%dT%H%M%S}" / place / inner
    aside.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.move(path, aside))
