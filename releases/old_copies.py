"""Working copies on this machine that no row needs any more, or that nobody read for long.

Only what a mark of `releases.copies` tells to be a copy is removed. A mark is emptied first and
removed last: whatever dies, no reader takes half a package for a whole one, and the rest is
removed another time.
"""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from accounts.system import system
from jobs.models import Job
from releases import bucket
from releases.copies import MARKS, held, is_here, mark_path, read_mark
from releases.models import Release, Revision
from releases.packing.exchange import BESIDE

EVERY_S, DAY_S = 3600, 86_400
AT_ONCE = 20
"""Copies that one look removes: who looks has more to do."""
MARKS_AT_ONCE = 500
"""Marks that one look reads."""
LOOKED, LOOKING = ".looked", ".looking"
"""When this machine looked at the last mark: its copies are its own; which it looked at so far."""


def sweep_copies() -> int:
    """Remove some copies that are not needed here; return how many."""
    marks = system().releases / MARKS
    looked, looking = marks / LOOKED, marks / LOOKING
    if not bucket.is_set() or not marks.is_dir() or age_s(looked) < EVERY_S:
        return 0
    last = reached(looking)
    part = [number for number in numbers(marks) if number > last][:MARKS_AT_ONCE]
    removed = 0
    for number in likely(part):
        removed += is_removed(number)
        if removed == AT_ONCE:
            looking.write_text(str(number))
            return removed  # the rest is for the next look
    if len(part) == MARKS_AT_ONCE:
        looking.write_text(str(part[-1]))
        return removed
    looking.unlink(missing_ok=True)
    looked.touch()
    return removed


def reached(looking: Path) -> int:
    with suppress(OSError, ValueError):
        return int(looking.read_text())
    return 0


def numbers(marks: Path) -> list[int]:
    return sorted(int(entry.name) for entry in marks.iterdir() if entry.name.isdecimal())


def likely(numbers: list[int]) -> list[int]:
    """Return those of `numbers` whose copies may not be needed, at few queries for all."""
    releases = Release.objects.filter(pk__in=numbers).brief().in_bulk()
    unfinished = Revision.objects.unfinished().filter(release__in=numbers)
    busy = set(unfinished.values_list("release", flat=True))
    idle = {number for number, release in releases.items() if may_go(release)} - busy
    return [number for number in numbers if number in idle or number not in releases]


def may_go(release: Release) -> bool:
    """Tell whether what is known of a copy here allows that it goes; no row is asked."""
    return is_packed(release) and (not is_here(release) or is_idle(release))


def age_s(path: Path) -> float:
    with suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime
    return float("inf")


def is_removed(number: int) -> bool:
    """Remove the copy of release `number` if it is not needed, and tell whether it was."""
    if not is_unneeded(number):
        return False
    lost = Release(pk=number)
    with held(lost):
        if not is_unneeded(number):  # it was read, or fetched, while we waited
            return False
        remove(lost)
    if not Release.objects.filter(pk=number).exists():
        mark_path(lost).with_suffix(".lock").unlink(missing_ok=True)
    return True


def is_unneeded(number: int) -> bool:
    release = Release.objects.filter(pk=number).brief().first()
    if release is None:
        return True
    if is_at_work(release) or not is_packed(release):
        return False
    if not is_here(release):
        is_read = age_s(mark_path(release)) < EVERY_S  # the one before, by who began then
        return not is_read and any(entries(release))
    return is_idle(release) and is_whole_in_store(release)


def is_at_work(release: Release) -> bool:
    at_it = Job.objects.about(release.subject).active().exists()
    is_read = release.deliveries_under_way().exists()
    return at_it or is_read or release.revisions.unfinished().exists()


def is_packed(release: Release) -> bool:
    """Tell whether the store has what its row names: what failed goes on from what lies here."""
    return release.status == Release.Status.COMPLETED and bool(release.package_key)


def is_idle(release: Release) -> bool:
    days = settings.COPIES_DAYS
    is_old = age_s(mark_path(release)) > days * DAY_S
    return bool(days) and is_old and release.trashed_at is None


def is_whole_in_store(release: Release) -> bool:
    package = f"{release.package_key}/"
    there = {one.key.removeprefix(package): one.size for one in bucket.listed(package)}
    wanted = release.artifacts.values_list("path", "size")
    return all(there.get(path) == size for path, size in wanted)


def remove(release: Release) -> None:
    """Remove what the mark of `release` tells of, and the mark."""
    found = list(entries(release))
    mark = mark_path(release)
    aside = mark.with_name(f".{mark.name}")
    aside.write_text(json.dumps(read_mark(release) | {"key": ""}))
    aside.replace(mark)
    for entry in found:
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)
    mark.unlink()


def entries(release: Release) -> Iterator[Path]:
    """Yield what lies here of the copy that is marked, unless another release has its name."""
    marked = read_mark(release)
    name, into = marked.get("name", ""), Path(marked.get("into") or system().releases)
    if not name or Path(name).name != name or name.startswith("."):
        return
    others = Release.objects.filter(name=name).exclude(pk=release.pk).brief()
    if any(other.into == into for other in others):
        return
    for entry in (into / name, *(into / f"{name}{ending}" for ending in BESIDE)):
        if entry.exists():
            yield entry
