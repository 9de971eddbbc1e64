"""What is done to many releases at once, one after the other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Denied, holds
from jobs.lease import Lease
from jobs.models import Job
from jobs.queue import enqueue, record, run_here
from releases.actions.conformity import request_check
from releases.actions.packing import request_packing
from releases.actions.refusal import Refused, told
from releases.actions.trash import forget_release, restore_release, trash_release
from releases.labels import Label
from releases.models import Release, ReleaseQuerySet

BULK = "bulk"
AT_ONCE = 20
"""So many are done while the person waits."""
MOST = 5_000
"""Releases that are chosen at once."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that can be done to each of several releases."""

    question: Label
    button: Label
    permission: str
    do: Callable[..., object]
    obstacle: Callable[[Release], Label]
    """Why the state of a release forbids it; nothing where it does not."""
    undone_by: str = ""
    is_for_trash: bool = False


def unless_packed(release: Release) -> Label:
    is_packed = release.status == Release.Status.COMPLETED
    return "" if is_packed else gettext_lazy("It is not packed: there is nothing to check yet.")


def if_packed(release: Release) -> Label:
    is_packed = release.status == Release.Status.COMPLETED
    return gettext_lazy("It is packed already.") if is_packed else ""


def never(release: Release) -> Label:
    return ""


DEEDS: Mapping[str, Deed] = {
    "check": Deed(
        gettext_lazy("Check how these keep to their rules?"),
        gettext_lazy("Check conformity"),
        "write",
        request_check,
        unless_packed,
    ),
    "pack": Deed(
        gettext_lazy("Pack these again?"),
        gettext_lazy("Pack again"),
        "write",
        request_packing,
        if_packed,
    ),
    "trash": Deed(
        gettext_lazy("Put these in the trash?"),
        gettext_lazy("Move to the trash"),
        "delete",
        trash_release,
        never,
        undone_by="restore",
    ),
    "restore": Deed(
        gettext_lazy("Put these back?"),
        gettext_lazy("Put back"),
        "delete",
        restore_release,
        never,
        undone_by="trash",
        is_for_trash=True,
    ),
    "delete": Deed(
        gettext_lazy("Delete these for good?"),
        gettext_lazy("Delete for good"),
        "delete",
        forget_release,
        never,
        is_for_trash=True,
    ),
}


@dataclass(frozen=True, slots=True)
class Prospect:
    """What will become of one release that was chosen."""

    release: Release
    refusal: Label = ""


def prospects(name: str, releases: ReleaseQuerySet, *, by: User) -> list[Prospect]:
    """Return what `name`, one of DEEDS, would do to each of `releases`, refusals last.

    It takes the same few queries however many there are.
    """
    deed = DEEDS[name]
    rows = list(releases.brief().select_related("group")[:MOST])
    allowed = permitted(rows, deed, by)
    subjects = [row.subject for row in rows]
    active = Job.objects.filter(subject__in=subjects).active().exclude(work=BULK)
    busy = set(active.values_list("subject", flat=True))
    found = [
        Prospect(row, refusal(row, deed, row.pk in allowed, row.subject in busy)) for row in rows
    ]
    return sorted(found, key=lambda one: bool(one.refusal))


def permitted(rows: Sequence[Release], deed: Deed, by: User) -> set[int]:
    """Return the keys of those of `rows` that `by` may do this to, as `holds` says of each."""
    is_held = holds(by, "releases", deed.permission)
    own = {row.pk for row in rows if is_held and (by.is_admin or row.created_by_id == by.pk)}
    if deed.do is request_check and is_held:
        return {row.pk for row in rows}  # who may see a release may have it checked
    others = [row.pk for row in rows if row.pk not in own]
    return own | set(Release.objects.permitted(by, deed.permission, others)) if others else own


def refusal(row: Release, deed: Deed, is_allowed: bool, is_busy: bool) -> Label:
    if not is_allowed:
        return _("You may not do this to it.")
    if is_busy and deed.do is not request_check:
        return _("A job is at work on it.")
    return deed.obstacle(row)


def request_bulk(name: str, release_ids: Iterable[int], *, by: User) -> Job:
    """Do `name` to each of the releases; return the job that tells what became of them.

    A few are done at once, more by a worker.
    """
    chosen = list(dict.fromkeys(release_ids))[:MOST]
    if len(chosen) > AT_ONCE:
        return enqueue(BULK, by=by, deed=name, release_ids=chosen)
    return run_here(record(BULK, by=by, deed=name, release_ids=chosen))


def undo_bulk(job: Job, *, by: User) -> Job:
    """Take back what a job did to each of its releases.

    Raises:
        Refused: it cannot be taken back.
    """
    deed = DEEDS[job.arguments["deed"]]
    done = [one["id"] for one in job.result.get("items", ()) if not one["refusal"]]
    if not (deed.undone_by and done):
        raise Refused(_("There is nothing to take back."))
    return request_bulk(deed.undone_by, done, by=by)


def do_bulk(lease: Lease, *, deed: str, release_ids: list[int]) -> dict[str, Any]:
    """Do what a job stands for to each of its releases. For workers.

    What one of them refuses is told, and the others are done. What was done when it is cut off
    is told as well, so that it can be taken back.
    """
    items: list[dict[str, Any]] = []
    said = {"deed": deed, "items": items}
    try:
        for number, pk in enumerate(release_ids):
            lease.count("each", number, len(release_ids))
            items.append(attempt(DEEDS[deed], pk, lease.job.by))
    except BaseException:
        ours = Job.objects.active().filter(pk=lease.job.pk, token=lease.job.token)
        ours.update(result=said)
        raise
    return said


def attempt(deed: Deed, pk: int, by: User) -> dict[str, Any]:
    release = Release.objects.reachable_by(by).filter(pk=pk).first()
    if release is None:
        return {"id": pk, "name": "", "refusal": _("It is gone.")}
    try:
        if release.trashed_at and not deed.is_for_trash and deed.do is not trash_release:
            raise Refused(_("It is in the trash."))
        deed.do(release, by=by)
    except (Refused, PermissionDenied) as error:
        sentence = _("You may not do this to it.") if isinstance(error, Denied) else told(error)
        return {"id": pk, "name": release.name, "refusal": sentence}
    return {"id": pk, "name": release.name, "refusal": ""}
