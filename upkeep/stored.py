"""What the store of files holds, or should: fetched for a backup, put back by a restore."""

from __future__ import annotations

import os
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from releases import bucket, copies
from releases.bucket import Content, NotKept
from releases.models import Release, Revision
from releases.packing import Progress
from upkeep.holdings import holdings, in_parts, known_bytes, replaced
from upkeep.wanted import EVERYTHING, Wanted
from upkeep.writing import Summing, drain

STAGE = "store"


def fetched(wanted: Wanted, aside: Path) -> BinaryIO | None:
    """Open the file that is wanted: the copy that lies here, if it is right, or the store's.

    Raises:
        StoreAway: the store does not answer.
    """
    local = Path(wanted.file)
    if is_right(wanted, local):
        return local.open("rb")
    aside.unlink(missing_ok=True)
    try:
        bucket.fetch(wanted.key, aside, Content(wanted.size, wanted.crc32, wanted.sha256))
    except NotKept:
        return None
    file = aside.open("rb")
    aside.unlink()
    return file


def is_right(wanted: Wanted, path: Path) -> bool:
    """Tell whether what lies at `path` is what the rows know, which may be another package's."""
    try:
        with path.open("rb") as file:
            summing = Summing(file, EVERYTHING)
            drain(summing)
            found = summing.told(os.fstat(file.fileno()))
    except OSError:
        return False
    return found.is_whole and wanted.fits(found.size, found.crc32, found.sha256)


def is_empty() -> bool:
    """Tell whether the store, if one is set, has nothing.

    Raises:
        StoreAway: it does not answer.
    """
    return not bucket.is_set() or next(bucket.listed(), None) is None


def fill(heard: Progress) -> None:
    """Put what rows say that the store holds, and lies here, into it.

    Raises:
        StoreAway: it cannot be.
    """
    done, total = 0, known_bytes()
    for holding in chain(holdings(), replaced(Revision.objects.all())):
        if holding.key and holding.path.is_file():
            bucket.put(holding.path, holding.key)
            done += holding.size or 0
            heard(STAGE, min(done, total), total)
    for release in in_parts(Release.objects.exclude(package_key="")):
        if release.folder.is_dir():
            copies.mark(release, release.package_key)


def forget() -> None:
    """Have no row name a package in a store: here is none."""
    Release.objects.exclude(package_key="").update(package_key="")
    for revision in in_parts(Revision.objects.all()):
        keys = [state.pop("package_key", "") for state in (revision.before, revision.after)]
        if any(keys):
            revision.save(update_fields=["before", "after"])
