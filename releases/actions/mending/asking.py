"""What one can ask for: to look at an operation, to have it done, to take it back."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import require
from jobs.models import Job
from jobs.queue import Busy, enqueue, record
from releases import copies
from releases.actions.making import refuse_taken
from releases.actions.mending import dirfix, fixing, nfofix, readnfo, repack, revisions
from releases.actions.mending.aims import Aim, looked_at, token_of, worse
from releases.actions.mending.differences import difference
from releases.actions.mending.options import checked
from releases.actions.mending.proposal import Proposal, restored
from releases.actions.refusal import NothingToChange, Refused, ReleaseConflict, told
from releases.models import NfoTemplate, Release

OPERATIONS = {
    "nfofix": gettext_lazy("Mend the NFO"),
    "dirfix": gettext_lazy("Mend the folder"),
    "repack": gettext_lazy("Repack"),
    "readnfo": gettext_lazy("Read the NFO anew"),
}
"""What each is called.

Options of all: none is due.
nfofix: ``rerender`` (bool), ``text`` (one's own text of the NFO).
dirfix: ``name`` (another one than the metadata make).
repack: ``format`` ``volume_bytes`` ``rar_version`` ``generate_sfv`` ``template`` (its key)
``text`` (of a template) ``metadata`` (by field, only those that change).
readnfo: ``rerender`` (bool), ``fields`` (a list: only these are taken).
"""
AIMS = {
    "nfofix": nfofix.aim,
    "dirfix": dirfix.aim,
    "repack": repack.aim,
    "readnfo": readnfo.aim,
}


def propose(
    operation: str,
    release: Release,
    *,
    by: User,
    options: Mapping[str, Any] | None = None,
    writes_fix: bool = False,
) -> Proposal:
    """Return what `operation` would change, at once; nothing is changed.

    `writes_fix` asks whether the release that corrects this one could be written besides.

    Raises:
        PermissionDenied: `by` may not change the release.
    """
    require(by, "releases", "mod", release)
    copies.have_package(release)
    release = looked_at(release)
    try:
        asked = checked(operation, options)
        refuse_unready(release)
        aim = aim_of(operation, release, asked, by=by)
        if writes_fix and aim.changes:
            fixing.refuse_impossible(operation, release, aim.release)
    except Refused as refusal:
        return Proposal(operation, refused=refusal)
    return Proposal(
        operation,
        changes=aim.changes,
        diff=difference(release, aim),
        remarks=aim.remarks,
        token=token_of(operation, asked, release),
    )


def aim_of(operation: str, release: Release, options: Mapping[str, Any], *, by: User) -> Aim:
    """Return what `release` is to become.

    Raises:
        Refused: it cannot, or would break its rule where it does not now.
    """
    refuse_lost(release)
    refuse_hidden_template(options, by=by)
    aim = AIMS[operation](release, options)
    if aim.release.name != release.name:
        refuse_name(aim.release)
    if broken := worse(release, aim.release):
        raise Refused(" ".join(map(told, broken)), tuple(broken))
    return aim


def refuse_hidden_template(options: Mapping[str, Any], *, by: User) -> None:
    key = options.get("template")
    if key and not NfoTemplate.objects.visible_to(by).filter(pk=key).exists():
        raise Refused(_("The template is gone: choose another."))


def refuse_name(release: Release) -> None:
    """Raise Refused if the name is not of its group, or another one has it."""
    if not release.name.endswith(f"-{release.group.tag}"):
        raise Refused(
            _("%(name)s must end in -%(group)s, the release group.")
            % {"name": release.name, "group": release.group.tag}
        )
    refuse_taken(release.name, release.root)


def refuse_unready(release: Release, *, but: int = 0) -> None:
    """Raise Refused if `release` is not packed, lies in the trash, or is being worked on.

    A job that runs, `but` is its number, yields to the deliveries that were asked for before it.
    """
    refuse_absent(release)
    refuse_busy(release, is_busy=release.jobs().active().exclude(pk=but).exists())
    refuse_on_its_way(release, before=but)


def refuse_on_its_way(release: Release, *, before: int = 0) -> None:
    """Raise ReleaseConflict if `release` is being delivered: its files must stay as they are."""
    under_way = release.deliveries_under_way()
    if (under_way.filter(pk__lt=before) if before else under_way).exists():
        sentence = _("%(name)s is being delivered: wait for that, or cancel it.")
        raise ReleaseConflict(sentence % {"name": release})


def refuse_absent(release: Release) -> None:
    if release.status != Release.Status.COMPLETED:
        raise ReleaseConflict(_("%(name)s is not packed: pack it first.") % {"name": release})
    if release.trashed_at:
        raise ReleaseConflict(_("%(name)s is in the trash: put it back first.") % {"name": release})


def refuse_busy(release: Release, *, is_busy: bool) -> None:
    if is_busy:
        raise ReleaseConflict(_("A job is at work on %(name)s: wait for it.") % {"name": release})


def refuse_lost(release: Release) -> None:
    """Raise Refused if nothing is left that a package could be built from."""
    if not release.source.is_as_registered() and not release.folder.is_dir():
        raise ReleaseConflict(
            _("Neither the folder of %(name)s nor the file it was made of is there any more.")
            % {"name": release}
        )


def apply(  # noqa: PLR0913  # each is one answer of who asks
    operation: str,
    release: Release,
    *,
    by: User,
    options: Mapping[str, Any] | None = None,
    writes_fix: bool = False,
    token: str = "",
    at_once: bool = False,
) -> Job:
    """Queue `operation`, and return the job to watch.

    `at_once` records the job without waking a worker, for a caller that will run it itself.
    `token` is that of the proposal which was looked at. `writes_fix` has the release that
    corrects this one written besides, under a name of its own.

    Raises:
        PermissionDenied: `by` may not change the release.
        NothingToChange: all is as it should be.
        ReleaseConflict: it is another one by now, or its state is against it.
        Refused: it cannot be done.
    """
    require(by, "releases", "mod", release)
    copies.have_package(release)
    release = looked_at(release)
    asked = checked(operation, options)
    refuse_unready(release)
    refuse_stale(token, token_of(operation, asked, release))
    aim = aim_of(operation, release, asked, by=by)
    if not aim.changes:
        raise NothingToChange(_("There is nothing to change."))
    if writes_fix:
        fixing.refuse_impossible(operation, release, aim.release)
    return queued(
        operation,
        release,
        by=by,
        at_once=at_once,
        options=asked,
        writes_fix=writes_fix,
        token=token_of(operation, asked, release),
    )


def refuse_stale(given: str, present: str) -> None:
    if given and given != present:
        raise ReleaseConflict(
            _("The release was changed meanwhile: look at what would change now.")
        )


def queued(
    operation: str, release: Release, *, by: User, at_once: bool = False, **arguments: Any
) -> Job:
    ask = record if at_once else enqueue
    try:
        return ask(operation, by=by, subject=release.subject, release_id=release.pk, **arguments)
    except Busy as busy:
        raise ReleaseConflict(
            _("A job is at work on %(name)s: wait for it.") % {"name": release}
        ) from busy


def propose_undo(release: Release, *, by: User, number: int | None = None) -> Proposal:
    """Return what taking back revision `number`, or the latest one, would change.

    Raises:
        PermissionDenied: `by` may not change the release.
    """
    require(by, "releases", "mod", release)
    copies.have_package(release)
    release = looked_at(release)
    try:
        refuse_absent(release)
        revision = revisions.to_undo(release, number)
        refuse_busy(release, is_busy=revision.is_busy)  # type: ignore[attr-defined]  # see to_undo
        after = revisions.as_before(release, revision)
    except Refused as refusal:
        return Proposal("undo", refused=refusal)
    back = (*repack.column_changes(release, after), *repack.metadata_changes(release, after))
    changes = (*revisions.undo_changes(revision), *back, *revisions.edits_waiting(release, after))
    aim = Aim(release=after, changes=changes)
    return Proposal(
        "undo",
        changes=aim.changes,
        diff=difference(release, aim),
        remarks=tuple(restored(revision.changes)),
        token=token_of("undo", {"number": revision.number}, release),
    )


def undo_revision(release: Release, *, by: User, number: int | None = None, token: str = "") -> Job:
    """Queue the return to what was before revision `number`, or the latest one.

    Raises:
        PermissionDenied: `by` may not change the release.
        ReleaseConflict: nothing is kept of that time, or it is taken back already.
    """
    require(by, "releases", "mod", release)
    refuse_unready(release)
    revision = revisions.to_undo(release, number)
    refuse_stale(token, token_of("undo", {"number": revision.number}, release))
    revisions.as_before(release, revision)
    return queued("undo", release, by=by, number=revision.number)
