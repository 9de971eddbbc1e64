"""What becomes of the files that appear in the inbox; see docs/sources.md."""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import ADMIN_ROLE, User
from accounts.permissions import require
from accounts.preferences import preference
from accounts.system import system
from jobs.lease import Lease
from jobs.models import Job
from jobs.queue import Busy, enqueue
from releases import folder
from releases.actions.folders import refuse_too_large
from releases.actions.refusal import Refused
from releases.actions.sources import register_source
from releases.folder import NotThere, Place
from releases.models import InboxFile, Source

EXAMINES, MOVES = "inbox", "moveout"
"""The works of the jobs that examine a file, and that move one out."""
AT_ONCE = 20
"""So many are given to workers at a time."""
PIECE = 1 << 20
State = InboxFile.State
Age = tuple[int, int]
"""Size and time of the last change, in nanoseconds."""

_seen: dict[str, Age] | None = None
"""What this process brought the rows up to date with."""


def look_into_inbox(*, by: User) -> int:
    """Do as `watch_inbox` does, for somebody who does not want to wait for it.

    Raises:
        PermissionDenied: `by` may not make releases.
    """
    require(by, "releases", "write")
    return watch_inbox()


def watch_inbox() -> int:
    """Note what changed in the inbox, and have whole files examined; return how many.

    To be called every few seconds; any number of machines may do so. Where nothing changed, it
    reads the folder and asks the database once.
    """
    global _seen  # noqa: PLW0603 - what is seen lives as long as the process
    with suppress(OSError):
        settings.INBOX_DIR.mkdir(parents=True, exist_ok=True)
    try:
        found = folder.files_at(settings.INBOX_DIR)
    except NotThere:
        return 0
    if found != _seen:
        note(found)
        _seen = found
    rows = InboxFile.objects.whole().select_related("owner")[:AT_ONCE]
    for row in rows:
        request_examination(row)
    return len(rows)


def note(found: Mapping[str, Age]) -> None:
    """Bring the rows up to date with what was `found`."""
    columns = ("path", "pk", "size", "mtime_ns", "state")
    rows = {path: rest for path, *rest in InboxFile.objects.values_list(*columns)}
    note_new([path for path in found if path not in rows], found)
    for path, (pk, size, mtime_ns, _state) in rows.items():
        if path in found and found[path] != (size, mtime_ns):
            note_change(pk, (size, mtime_ns), found[path])
    gone = [pk for path, (pk, _size, _mtime, _state) in rows.items() if path not in found]
    # An empty inbox may be one whose disk is away: what a person decided is not forgotten.
    forgotten = [State.WAITING, *([State.REFUSED, State.IGNORED] if found else [])]
    InboxFile.objects.filter(pk__in=gone, state__in=forgotten).delete()


def note_new(paths: Iterable[str], found: Mapping[str, Age]) -> None:
    # The newest rows are shown first, those of one look in the order of people.
    owners = owners_of(sorted(paths, key=folder.natural, reverse=True))
    InboxFile.objects.bulk_create(
        (
            InboxFile(
                path=path,
                path_sum=InboxFile.sum_of(path),
                owner=owner,
                size=found[path][0],
                mtime_ns=found[path][1],
                unchanged_since=Now(),
            )
            for path, owner in owners.items()
        ),
        ignore_conflicts=True,  # another machine saw it, too
        batch_size=500,
    )


def owners_of(paths: Iterable[str]) -> dict[str, User]:
    """Return whose each file is: of whom its folder is named after, else of who gets the rest."""
    folders = {path: path.partition("/")[0] if "/" in path else "" for path in paths}
    people = User.objects.filter(is_active=True, username__in={*folders.values()} - {""})
    named = {user.username: user for user in people}
    rest = default_owner() if folders else None
    owners = {path: named.get(name, rest) for path, name in folders.items()}
    return {path: owner for path, owner in owners.items() if owner}


def default_owner() -> User | None:
    active = User.objects.filter(is_active=True)
    if found := active.filter(username=settings.INBOX_OWNER or None).first():
        return found
    admins = active.filter(Q(is_superuser=True) | Q(groups__name=ADMIN_ROLE))
    return admins.order_by("pk").first()


def note_change(pk: int, before: Age, now: Age) -> None:
    """Begin to wait again for a file that grew, or was replaced."""
    as_known = InboxFile.objects.filter(pk=pk, size=before[0], mtime_ns=before[1])
    as_known.update(
        size=now[0], mtime_ns=now[1], unchanged_since=Now(), state=State.WAITING, reason=""
    )


@transaction.atomic
def request_examination(row: InboxFile, *, by: User | None = None) -> Job | None:
    """Have `row` examined by a worker; None: somebody else had it examined already.

    `by` asks for it; without, the file was found, and its owner does. While a worker is at the
    file as it was before, it goes on waiting.
    """
    same = InboxFile.objects.filter(pk=row.pk, state=row.state, mtime_ns=row.mtime_ns)
    if not same.update(state=State.EXAMINED, reason=""):
        return None
    try:
        with translation.override(preference(row.owner, "language")):
            return enqueue(
                EXAMINES,
                by=row.owner,
                subject=row.subject,
                inbox_file_id=row.pk,
                is_wanted=by is not None,
            )
    except Busy:
        InboxFile.objects.filter(pk=row.pk).update(state=row.state, reason=row.reason)
        return None


def registered_source(lease: Lease, row: InboxFile) -> Source | None:
    """Sum and examine the file of `row`; None: it is not whole yet, or gone. For workers.

    Raises:
        Refused: it is empty, too large, or cannot be read.
    """
    try:
        place = folder.located(settings.INBOX_DIR, row.path)
    except NotThere:
        InboxFile.objects.filter(pk=row.pk).delete()
        return None
    refuse_too_large(place.path, place.size)
    sha256 = summed(place.path, place.size, lease)
    lease.enter("analyse")
    source = register_source(place.path, by=row.owner)
    if not is_still(row.path, place):
        source.delete()
        note_change(row.pk, (row.size, row.mtime_ns), (place.size, -1))
        return None
    source.sha256 = sha256
    source.save(update_fields=["sha256"])
    return source


def is_still(path: str, place: Place) -> bool:
    try:
        return folder.located(settings.INBOX_DIR, path) == place
    except NotThere:
        return False


def summed(path: Path, size: int, lease: Lease) -> str:
    """Return the SHA-256 of a file, telling how far it is."""
    done, sha256 = 0, hashlib.sha256()
    lease.progress("sum", 0, size)
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            sha256.update(piece)
            done += len(piece)
            lease.progress("sum", done, max(size, done))
    return sha256.hexdigest()


def refuse(row: InboxFile, reason: str) -> None:
    InboxFile.objects.filter(pk=row.pk).update(state=State.REFUSED, reason=reason)


def examination_failed(*, inbox_file_id: int, **_more: Any) -> None:
    """Note that a file could not be examined. For workers."""
    reason = _("It could not be examined: look again.")
    found = InboxFile.objects.filter(pk=inbox_file_id, state=State.EXAMINED)
    found.update(state=State.REFUSED, reason=reason)


@transaction.atomic
def request_moving(row: InboxFile, *, by: User) -> Job:
    """Have the file of a packed release moved out of the inbox, among the uploads.

    Raises:
        PermissionDenied: `by` may not make releases.
        Refused: no release of it stands, or it is being moved.
    """
    require(by, "releases", "write")
    refuse_unpacked(row)
    try:
        return enqueue(MOVES, by=by, subject=row.subject, inbox_file_id=row.pk)
    except Busy as busy:
        raise Refused(_("%(name)s is being moved already.") % {"name": row.name}) from busy


def refuse_unpacked(row: InboxFile) -> None:
    if not row.is_packed():
        raise Refused(
            _("%(name)s stays: no release of it is packed and verified.") % {"name": row.name}
        )


def move_out(lease: Lease, *, inbox_file_id: int) -> dict[str, Any]:
    """Keep the original of a packed release among the uploads, then take it away. For workers.

    It may be done again: whatever was cut off, one whole file is there.

    Raises:
        PermissionDenied: who asked lost the right meanwhile.
        Refused: no release of it stands, or it is not the file that was packed.
    """
    require(lease.job.by, "releases", "write")
    row = InboxFile.objects.select_related("source").get(pk=inbox_file_id)
    refuse_unpacked(row)
    source = row.source
    if source is None:
        return {}
    place = packed_original(lease, row, source)
    if place:
        lease.enter("keep")
        keep_among_uploads(lease, place, source)
        with suppress(NotThere):
            folder.remove(settings.INBOX_DIR, row.path, place)
    InboxFile.objects.filter(pk=row.pk).update(state=State.MOVED)
    return {"name": source.name, "bytes": source.size}


def packed_original(lease: Lease, row: InboxFile, source: Source) -> Place | None:
    """Return where the file lies that was packed; None: it was moved before.

    Raises:
        Refused: it is gone, or another one.
    """
    try:
        place = folder.located(settings.INBOX_DIR, row.path)
    except NotThere:
        if source.local_path:
            raise Refused(
                _("%(name)s is not in the inbox any more.") % {"name": row.name}
            ) from None
        return None
    is_same = place.size == source.size and summed(place.path, place.size, lease) == source.sha256
    if not (is_same and is_still(row.path, place)):
        raise Refused(
            _("%(name)s is not the file that was packed: it stays where it is.")
            % {"name": row.name}
        )
    return place


def keep_among_uploads(lease: Lease, place: Place, source: Source) -> None:
    """Give every source of the file one of its own among the uploads."""
    others = Source.objects.exclude(pk=source.pk).lying_at(place.path)
    system().uploads.mkdir(parents=True, exist_ok=True)
    for one in (source, *(other for other in others if other.is_as_registered())):
        kept = system().uploads / str(one.handle)
        if not kept.exists():
            put_beside(place.path, kept, source.sha256, lease.check)
        give_to_disk(system().uploads)
        Source.objects.filter(pk=one.pk).update(local_path="")


def put_beside(original: Path, kept: Path, sha256: str, check: Callable[[], None]) -> None:
    """Have `kept` be the same file, or a verified copy where the disk is another.

    Raises:
        Refused: the copy is not the same.
    """
    with suppress(OSError):
        kept.hardlink_to(original)
        return
    aside = kept.with_name(f".keeping-{kept.name}")
    try:
        copied = copy(original, aside, check)
        if copied != sha256:
            raise Refused(
                _("The copy of %(name)s is not the same: try again.") % {"name": original.name}
            )
        aside.replace(kept)
    finally:
        aside.unlink(missing_ok=True)


def copy(original: Path, to: Path, check: Callable[[], None]) -> str:
    """Copy a file, give it to the disk, and return the SHA-256 of what can be read back."""
    with original.open("rb") as source, to.open("wb") as target:
        while piece := source.read(PIECE):
            target.write(piece)
            check()
        target.flush()
        os.fsync(target.fileno())
    with to.open("rb") as target:
        return hashlib.file_digest(target, "sha256").hexdigest()


def give_to_disk(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
