"""What the rows say must lie on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeVar

from django.db import models
from django.db.models import Sum
from django.db.models.fields.json import KT

from releases import bucket
from releases.copies import COVER_STORED, is_shared, key_of_cover, key_of_source
from releases.models import (
    Artifact,
    NfoTemplate,
    Release,
    Revision,
    Source,
    TemplateStorage,
    Upload,
)
from releases.packing.exchange import LOCK, OLD

AT_ONCE = 500
GONE = (FileNotFoundError, NotADirectoryError)
Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One file, and what is known of it."""

    path: Path
    subject: str
    """Whose it is, e.g. ``release:7``."""
    size: int | None = None
    crc32: str = ""
    sha256: str = ""
    least: int | None = None
    """How much of it there must be, where it may go on growing."""
    is_due: bool = True
    """Whether it is missed where it does not lie there."""
    key: str = ""
    """What the store of files has it as, where that holds it: what lies here is a copy."""


def holdings() -> Iterator[Holding]:
    """Yield every file that rows tell of; no more than `AT_ONCE` rows are held."""
    return chain(
        of_sources(Source.objects.all()),
        of_uploads(Upload.objects.all()),
        of_releases(Release.objects.all()),
        of_revisions(Revision.objects.all()),
        of_templates(),
    )


def known_bytes() -> int:
    files = Artifact.objects.aggregate(size=Sum("size"))["size"] or 0
    sent = Source.objects.filter(local_path="").aggregate(size=Sum("size"))["size"] or 0
    return int(files + sent)


def in_parts(rows: models.QuerySet[Row]) -> Iterator[Row]:
    """Yield `rows` by their key: MariaDB's client would hold all that one query finds."""
    rows = rows.order_by("pk")
    part = list(rows[:AT_ONCE])
    while part:
        yield from part
        part = list(rows.filter(pk__gt=part[-1].pk)[:AT_ONCE])


def of_sources(sources: models.QuerySet[Source]) -> Iterator[Holding]:
    """Yield files that were sent, and their covers; those of other folders are not ours."""
    known = sources.only("handle", "local_path", "size", "sha256")
    for source in in_parts(known.annotate(is_covered=KT(f"analysis__{COVER_STORED}"))):
        is_stored = bucket.is_set() and bool(source.is_covered)  # type: ignore[attr-defined]
        if not source.local_path:
            yield Holding(
                path=source.path,
                subject=source.subject,
                size=source.size,
                sha256=source.sha256,
                key=key_of_source(source) if is_shared(source) else "",
            )
        yield Holding(
            path=source.cover_path,
            subject=source.subject,
            is_due=is_stored,
            key=key_of_cover(source) if is_stored else "",
        )


def of_uploads(uploads: models.QuerySet[Upload]) -> Iterator[Holding]:
    for upload in in_parts(uploads):
        yield Holding(
            path=upload.path,
            subject=f"upload:{upload.pk}",
            least=upload.received,
            is_due=upload.received > 0,
        )


def of_releases(releases: models.QuerySet[Release]) -> Iterator[Holding]:
    """Yield the files of packages; of pictures that were proofs, those that still lie there."""
    files = Artifact.objects.filter(release__in=releases).select_related("release")
    only = ("path", "size", "crc32", "sha256", "release__root", "release__package_key")
    for file in in_parts(files.only(*only)):
        yield Holding(
            path=file.file,
            subject=f"release:{file.release_id}",
            size=file.size,
            crc32=file.crc32,
            sha256=file.sha256,
            key=key_under(file.release.package_key, file.path),
        )
    for release in in_parts(releases.exclude(proofs=[]).only("proofs")):
        for proof in release.proofs:
            yield Holding(path=Path(proof), subject=release.subject, is_due=False)


def of_revisions(revisions: models.QuerySet[Revision]) -> Iterator[Holding]:
    """Yield what revisions keep, and what an unfinished one is to put in its place."""
    for revision in in_parts(revisions.exclude(kept="")):
        kept = Path(revision.kept)
        stored = "" if kept.is_dir() else str(revision.before.get("package_key") or "")
        known = dict(map(tuple, revision.before.get("files", ()))) if revision.is_done else {}
        due = {kept / OLD / path: size for path, size in known.items()}
        found = {path for path in files_inside(kept) if path.name != LOCK}
        for path in sorted(found | due.keys()):
            yield Holding(
                path=path,
                subject=f"release:{revision.release_id}",
                size=due.get(path),
                key=key_under(stored, path.relative_to(kept / OLD).as_posix()) if stored else "",
            )


def files_inside(folder: Path) -> Iterator[Path]:
    """Yield what is no folder in `folder`, however deep; what goes meanwhile is left out."""
    for above, _folders, names in os.walk(folder, onerror=raise_if_there):
        yield from (Path(above, name) for name in names)


def raise_if_there(error: OSError) -> None:
    if not isinstance(error, GONE):
        raise error


def replaced(revisions: models.QuerySet[Revision]) -> Iterator[Holding]:
    """Yield the packages that the store keeps for the way back, and where they lie if here."""
    if not bucket.is_set():
        return
    known = revisions.exclude(kept="").filter(is_done=True)
    for revision in in_parts(known.only("before", "kept", "release")):
        package, old = str(revision.before.get("package_key") or ""), Path(revision.kept) / OLD
        for path, size in revision.before.get("files", ()) if package else ():
            yield Holding(
                path=old / path,
                subject=f"release:{revision.release_id}",
                size=size,
                key=key_under(package, path),
            )


def key_under(package: str, path: str) -> str:
    """Return what the store has a file of a package as; nothing where it has not."""
    return f"{package}/{path}" if package and bucket.is_set() else ""


def of_templates() -> Iterator[Holding]:
    """Yield the texts of templates that lie in files; anybody may edit those."""
    storage = TemplateStorage.current()
    if storage.is_disk:
        for file in NfoTemplate.objects.exclude(file="").values_list("file", flat=True):
            yield Holding(path=storage.folder / file, subject="templates", is_due=False)
