"""Files that lay on this machine before a store was set, into it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from releases import bucket, copies
from releases.models import Artifact, Release, Source
from releases.packing import Progress
from upkeep.checking import judged
from upkeep.holdings import in_parts, known_bytes, of_releases, of_sources
from upkeep.orphans import is_at_work
from upkeep.sentences import Unable, asking_the_store

STAGE = "store"


@dataclass
class Pushed:
    sources: int = 0
    releases: int = 0
    left: list[str] = field(default_factory=list)
    """Releases and files that are not in the store, and cannot be put there from here now."""


def push(heard: Progress) -> Pushed:
    """Put each sent file, cover and package that lies here alone into the store.

    What went there is not sent again: one that was cut off is done by the next.

    Raises:
        Unable: no store is set, or it does not answer.
    """
    if not bucket.is_set():
        raise Unable(_("No store of files is set: set S3_BUCKET first."))
    pushed, total = Pushed(), known_bytes()
    done = 0
    with asking_the_store():
        for source in in_parts(Source.objects.all()):
            push_source(source, pushed)
            heard(STAGE, done := done + source.size, total)
        for release in in_parts(lying_here_alone()):
            push_release(release, pushed)
            heard(STAGE, done := min(total, done + (release.size or 0)), total)
    return pushed


def lying_here_alone() -> QuerySet[Release]:
    return Release.objects.filter(status=Release.Status.COMPLETED, package_key="")


def push_source(known: Source, pushed: Pushed) -> None:
    """Put the file and the cover of `known` into the store, if it is still there afterwards."""
    source = Source.objects.filter(pk=known.pk).first()  # those of a part were read long ago
    if source is None:
        return
    try:
        push_cover(source)
        is_left = not push_file(source, pushed)
    except OSError:
        is_left = True
    if not Source.objects.filter(pk=source.pk).exists():  # it was discarded meanwhile
        copies.forget_source(source)
    elif is_left:
        pushed.left.append(str(source.path))


def push_cover(source: Source) -> None:
    if copies.has_stored_cover(source) or not source.cover_path.is_file():
        return
    copies.store_cover(source)
    with transaction.atomic():  # it may have been analysed since it was read
        now = Source.objects.select_for_update().filter(pk=source.pk).first()
        if now and now.cover_path.is_file():
            now.analysis[copies.COVER_STORED] = True
            now.save(update_fields=["analysis"])


def push_file(source: Source, pushed: Pushed) -> bool:
    """Put the file into the store, and tell whether it is there."""
    if not copies.is_shared(source) or is_stored(source):
        return True
    own = next(of_sources(Source.objects.filter(pk=source.pk)), None)
    if own is None or judged(own, quick=False):
        return False
    copies.store_source(source)
    pushed.sources += 1
    return True


def is_stored(source: Source) -> bool:
    key = copies.key_of_source(source)
    with bucket.answering(key):
        return bucket.stored_size(key) == source.size


def push_release(release: Release, pushed: Pushed) -> None:
    """Put the package into the store, and have the row say so unless it changed meanwhile."""
    artifacts = list(release.artifacts.order_by("path"))
    key = key_for(release, artifacts)
    if is_put(release, artifacts, key) and is_named(release, key):
        release.package_key = key
        copies.mark(release, key)
        pushed.releases += 1
        return
    if not as_read(release).exists():  # repacked, or gone: nobody goes on from what was sent
        copies.forget_unnamed(release, key)
    if Release.objects.filter(pk=release.pk).exists():
        pushed.left.append(release.name)


def is_put(release: Release, artifacts: list[Artifact], key: str) -> bool:
    """Put the package, if it is whole here, into the store, and tell whether it is there."""
    files = of_releases(Release.objects.filter(pk=release.pk))
    wrong = any(judged(one, quick=False) for one in files if one.is_due)
    if not artifacts or wrong or is_at_work(release.pk):
        return False
    try:
        for one in artifacts:
            bucket.put(one.file, f"{key}/{one.path}")
    except OSError:
        return False
    return True


def is_named(release: Release, key: str) -> bool:
    """Have the row of `release` name `key`, and tell whether it does."""
    return not is_at_work(release.pk) and bool(as_read(release).update(package_key=key))


def as_read(release: Release) -> QuerySet[Release]:
    return lying_here_alone().filter(pk=release.pk, packed_at=release.packed_at)


def key_for(release: Release, artifacts: list[Artifact]) -> str:
    """Return the key of just this package: who goes on finds what was sent."""
    told = "\n".join(f"{one.path} {one.size} {one.crc32} {one.sha256}" for one in artifacts)
    return f"{copies.home_of(release)}{hashlib.sha256(told.encode()).hexdigest()[:32]}"
