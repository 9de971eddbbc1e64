"""From files of the inbox to drafts that await review."""

import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import require
from accounts.preferences import preference
from drafts.actions import sample_group
from drafts.choosing import STEP
from drafts.models import Draft
from jobs.lease import Lease
from jobs.models import JobLog
from releases.actions import Refused, check_source, discard_source
from releases.actions.inbox import refuse, registered_source, request_examination
from releases.models import InboxFile, Release, ReleaseType, Source
from rules.models import Rule

State = InboxFile.State


def examine(lease: Lease, *, inbox_file_id: int, is_wanted: bool) -> dict[str, Any]:
    """Make a draft of a file of the inbox, or say why none can be made of it. For workers.

    One that its owner has chosen by hand gets none, unless it `is_wanted`.

    Raises:
        PermissionDenied: its owner may not make releases.
    """
    require(lease.job.by, "releases", "write")
    row = InboxFile.objects.select_related("owner").get(pk=inbox_file_id)
    if row.state != State.EXAMINED:
        return {}  # an earlier worker died when all was done, or the file changed
    lease.log(_("Looking at %(name)s") % {"name": row.name})
    source: Source | None = None
    try:
        source = registered_source(lease, row)
        if source is None:
            return {}
        rule = fitting_rule(source, row.owner)
        check_source(source, rule)
    except Refused as refusal:
        if source:
            discard_source(source)
        refuse(row, str(refusal))
        lease.log(str(refusal), JobLog.Level.WARNING)
        return {"name": row.name, "refused": str(refusal)}
    lease.enter("record")
    draft = drafted(row, source, rule, is_wanted=is_wanted)
    return {"name": row.name} | ({"draft": str(draft.uuid)} if draft else {})


def fitting_rule(source: Source, owner: User) -> Rule:
    """Return the rule that is recommended for such a file.

    Raises:
        Refused: none allows it.
    """
    usual = preference(owner, "wizard_defaults").get("release_type")
    kinds = sorted(ReleaseType.values, key=lambda kind: kind != usual)
    for kind in kinds:
        rules = list(Rule.objects.for_type(kind).packable().recommended_first())
        fitting = [rule for rule in rules if source.format in rule.spec.formats]
        fitting.sort(key=lambda rule: rule.origin != Rule.Origin.SHIPPED)
        if fitting:
            return fitting[0]
    facts = {"name": source.name, "format": source.format.upper() or "?"}
    raise Refused(_("%(name)s is a file of type %(format)s, which no rule allows.") % facts)


@transaction.atomic
def drafted(row: InboxFile, source: Source, rule: Rule, *, is_wanted: bool) -> Draft | None:
    """Make the draft of `row`, once; what was made of the file as it was before goes."""
    row = InboxFile.objects.select_for_update().select_related("owner").get(pk=row.pk)
    if row.state != State.EXAMINED:
        discard_source(source)
        return None
    discard_unreviewed([row])
    by_hand = None if is_wanted else chosen_by_hand(source)
    if by_hand:
        discard_source(source)
    draft = None if by_hand else begin(source, rule, row.owner)
    row.state, row.reason = State.DRAFTED, ""
    row.source, row.draft_number = by_hand or source, draft.pk if draft else None
    row.save(update_fields=["state", "reason", "source", "draft_number"])
    return draft


def chosen_by_hand(source: Source) -> Source | None:
    """Return what the same file was noted as, if its owner chose it before."""
    others = Source.objects.filter(created_by=source.created_by_id, inbox_files=None)
    noted = others.exclude(pk=source.pk).lying_at(source.local_path)
    return next((other for other in noted if other.is_as_registered()), None)


def begin(source: Source, rule: Rule, owner: User) -> Draft:
    """Begin a draft with all that can be told of a file; what gives the right to it is not."""
    group = usual_group(owner)
    answers: dict[str, Any] = {
        "type": {"release_type": rule.release_type},
        "rule": {"rule_id": rule.pk},
    }
    return Draft.objects.create(
        owner=owner,
        origin=Draft.Origin.INBOX,
        awaits_review=True,
        answers=answers | ({"group": {"group": group}} if group else {}),
        typed={STEP.key: {"file_path": [str(source.handle)]}},
        file_name=source.name,
        step=STEP.key if group else "group",
    )


def usual_group(owner: User) -> str:
    """Return the group that `owner` says to be the usual one, or else used last.

    That of the sample is no group of theirs.
    """
    sample = sample_group(owner)
    said = str(preference(owner, "wizard_defaults").get("group") or "")
    made = Release.objects.filter(created_by=owner).exclude(group__tag=sample).order_by("-pk")
    usual = said if said != sample else ""
    group = usual or made.values_list("group__tag", flat=True).first() or ""
    return group if re.fullmatch(settings.GROUP_PATTERN, group) else ""


def discard_unreviewed(rows: Iterable[InboxFile]) -> None:
    """Throw away the drafts of `rows` that nobody has looked at."""
    numbers = [row.draft_number for row in rows if row.draft_number]
    Draft.objects.filter(pk__in=numbers, awaits_review=True, release=None).delete()


@transaction.atomic
def ignore_files(rows: Iterable[InboxFile], *, by: User) -> int:
    """Leave files of the inbox alone; return how many."""
    require(by, "releases", "write")
    ignored = [row for row in rows if row.state != State.MOVED]
    discard_unreviewed(ignored)
    numbers = [row.pk for row in ignored]
    return InboxFile.objects.filter(pk__in=numbers).update(state=State.IGNORED, reason="")


def want_files(rows: Iterable[InboxFile], *, by: User) -> int:
    """Have files of the inbox looked at (again), and drafts made of them; return how many."""
    require(by, "releases", "write")
    wanted = [row for row in rows if row.state in {State.REFUSED, State.IGNORED, State.DRAFTED}]
    without = [row for row in wanted if not has_draft(row)]
    return sum(1 for row in without if request_examination(row, by=by))


def has_draft(row: InboxFile) -> bool:
    if row.state != State.DRAFTED:
        return False
    return Draft.objects.filter(pk=row.draft_number or 0).exists()
