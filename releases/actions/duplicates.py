"""Which releases a new one is like, and who may have it packed all the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from accounts.models import ReleaseGroup, User
from jobs.models import Job
from releases import copies
from releases.actions.refusal import Refused, told
from releases.duplicates import Kind, Likeness, Verdict, likeness
from releases.identity import Identity
from releases.models import Release, Source

TOLD = 5
"""So many are named in a sentence; a page tells them all."""
UNSEEN = {
    Kind.FILE: gettext_noop("A release that you may not see is made of the same file."),
    Kind.ISBN: gettext_noop("A release that you may not see has the same ISBN."),
    Kind.WORK: gettext_noop("A release that you may not see is of the same work."),
}


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A release that stands already, and how a new one is like it."""

    release: Release | None
    """None where who asks may not see it: then nothing more is told of it."""
    kind: Kind
    verdict: Verdict
    sentence: str
    fix: str = ""

    @property
    def is_open(self) -> bool:
        """Whether somebody must confirm that both may stand."""
        return self.verdict != Verdict.ALLOWED

    def __str__(self) -> str:
        return " ".join(filter(None, (self.sentence, self.fix)))


class Duplicated(Refused):
    """Others of its kind stand already; `may_confirm` tells whether who asked may say so what."""

    def __init__(self, duplicates: Sequence[Duplicate], *, by: User) -> None:
        self.duplicates = list(duplicates)
        self.may_confirm = may_confirm(duplicates, by=by)
        super().__init__(" ".join([*some_of(duplicates), way_out(may_confirm=self.may_confirm)]))


def some_of(duplicates: Sequence[Duplicate]) -> list[str]:
    left = len(duplicates) - TOLD
    more = ngettext("%(count)d more is like it.", "%(count)d more are like it.", left)
    return [*map(str, duplicates[:TOLD]), *([more % {"count": left}] if left > 0 else [])]


def way_out(*, may_confirm: bool) -> str:
    if may_confirm:
        return _("Confirm that it is to be packed all the same, or leave it.")
    return _("Only an administrator can have it packed all the same.")


def may_confirm(duplicates: Iterable[Duplicate], *, by: User) -> bool:
    """Tell whether `by` may have it packed all the same: an administrator always may."""
    return by.is_admin or all(one.verdict != Verdict.DUPLICATE for one in duplicates)


def duplicates_of(identity: Identity, *, by: User, root: str = "", but: int = 0) -> list[Duplicate]:
    """Return the releases that stand already and are like `identity`, the gravest first.

    `root` is the folder it is for: what lies no more under its own name there is none. `but` is
    the key of the release itself, where it has one.
    """
    found = []
    for release in standing(Release.objects.exclude(pk=but).like(identity, by)):
        if is_own_try(release, identity.name, root, by) and is_gone(release):
            continue
        if alike := likeness(identity, release.identity()):
            found.append(as_seen(release, alike))
    told_of = [one for one in found if one.release or one.is_open]
    return sorted(told_of, key=lambda one: list(Verdict).index(one.verdict))


def standing(releases: Sequence[Release]) -> list[Release]:
    """Return those that are packed, or will be soon."""
    waiting = [release.subject for release in releases if not release.packed_at]
    jobs = Job.objects.active().filter(subject__in=waiting) if waiting else Job.objects.none()
    active = set(jobs.values_list("subject", flat=True))
    return [release for release in releases if release.packed_at or release.subject in active]


def is_own_try(release: Release, name: str, root: str, by: User) -> bool:
    return (release.name, release.root, release.created_by_id) == (name, root, by.pk)


def is_gone(release: Release) -> bool:
    """Tell whether it was never packed, or its folder was removed since, and nobody is at it."""
    is_lost = release.into.exists() and copies.is_gone(release)
    return (not release.packed_at or is_lost) and not release.jobs().active().exists()


def as_seen(release: Release, alike: Likeness) -> Duplicate:
    """Say what `alike` says, and nothing more than that of what may not be seen."""
    if not release.is_seen:  # type: ignore[attr-defined]  # see ReleaseQuerySet.like
        return Duplicate(None, alike.kind, alike.verdict, _(UNSEEN[alike.kind]))
    fix = _(alike.fix) if alike.fix else ""
    return Duplicate(release, alike.kind, alike.verdict, told(alike), fix)


def refuse_duplicates(
    found: Iterable[Duplicate], *, by: User, is_confirmed: bool
) -> list[Duplicate]:
    """Return those of `found` that had to be confirmed, and are.

    Raises:
        Duplicated: nobody confirmed them who may.
    """
    opened = [one for one in found if one.is_open]
    if opened and not (is_confirmed and may_confirm(opened, by=by)):
        raise Duplicated(opened, by=by)
    return opened


def hold_rivals(group: ReleaseGroup, source: Source) -> None:
    """Let nobody else make a release of this group, or of this file, until the transaction ends."""
    ReleaseGroup.objects.select_for_update().get(pk=group.pk)
    if source.sha256:
        list(Source.objects.select_for_update().filter(sha256=source.sha256).order_by("pk"))


def settle_sum(source: Source) -> bool:
    """Sum `source` and others of its size that releases are made of; tell whether any was due.

    It reads whole files, so it is for workers and commands. Where no other file has its size
    there is nothing to read: no other is the same.
    """
    rivals = Source.objects.filter(size=source.size).exclude(pk=source.pk)
    used = rivals.filter(releases__isnull=False).distinct()
    due = [one for one in used.filter(sha256="") if one.is_as_registered()]
    if not source.sha256 and used.exists():
        due.append(source)
    for one in due:
        one.checksum()
    return bool(due)


def refuse_same_file(release: Release) -> None:
    """Make sure, once sums are known, that no release of the same file stands already.

    Raises:
        Duplicated: one does, and nobody confirmed it.
    """
    if not settle_sum(release.source) or release.duplicate_confirmed_by_id:
        return
    found = duplicates_of(
        release.identity(), by=release.created_by, root=release.root, but=release.pk
    )
    refuse_duplicates(
        (one for one in found if one.kind == Kind.FILE), by=release.created_by, is_confirmed=False
    )
