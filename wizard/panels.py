"""What each step's panel shows besides its form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.http import Request
from accounts.models import ReleaseGroup
from drafts.answers import new_release
from drafts.conformity import findings
from drafts.forms import StepForm
from drafts.models import Draft
from drafts.steps import BY_KEY, PACKS_AT, STEPS, Step
from releases.actions import (
    NewRelease,
    Refused,
    find_duplicates,
    may_confirm,
)
from releases.conformity import demands
from releases.deliveries_page import deliveries_of
from releases.models import Release
from rules.models import Rule
from wizard import analysis, enrichment, nfo, rules, sources

KNOWN_GROUPS = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A step in the list of all."""

    step: Step
    state: str
    """``done``, ``wrong`` where what is typed is not confirmed or holds no more, else ``todo``."""
    is_open: bool
    """Whether one may go there."""
    is_current: bool

    @property
    def word(self) -> str:
        return {"done": _("done"), "wrong": _("not finished"), "todo": _("to do")}[self.state]


def frame(draft: Draft, current: Step, shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return the list of steps, each with its state, and where this one stands."""
    reached = True
    listed = []
    for step in STEPS:
        is_open = reached if step.number <= PACKS_AT.number else draft.is_packed
        listed.append(Listed(step, state(draft, step, shown), is_open, step == current))
        reached = draft.is_packed or (reached and step.key in draft.answers)
    return {
        "draft": draft,
        "step": current,
        "listed_steps": listed,
        "previous_step": STEPS[current.number - 2] if current.number > 1 else None,
        "next_step": STEPS[current.number] if current.number < len(STEPS) else None,
        "is_read_only": draft.is_packed and current.number <= PACKS_AT.number,
        "page_id": token_hex(8),
        "is_typed": current.key in draft.typed,
    }


def mistakes(form: StepForm) -> list[tuple[str, str]]:
    """Return what must be mended: the label of each field, and the id of what to go to."""
    if not form.is_bound:
        return []
    wrong = [form[name] for name in form.errors if name in form.fields]
    return [(str(field.label), field.id_for_label or f"{field.auto_id}_0") for field in wrong]


def state(draft: Draft, step: Step, shown: Mapping[str, Any]) -> str:
    """Return how the step stands, as far as it is known without asking its form."""
    if draft.is_packed:
        return "done"
    if step.key in draft.typed or step in blocking(shown) or draft.is_gone(step.key):
        return "wrong"
    return "done" if step.key in draft.answers else "todo"


def blocking(shown: Mapping[str, Any]) -> list[Step]:
    """Return the steps that must mend something, where the report is shown."""
    return [one.step for one in shown.get("violations", ()) if one.is_blocking]


def body(draft: Draft, step: Step, form: StepForm, request: Request) -> dict[str, Any]:
    """Return what the template of `step` needs."""
    if step.key == "rule":
        return rules.panel(draft, form, request)
    if step.key == "source":
        return sources.panel(draft, form, request)
    if step.key == "destination":
        return destination(draft, request)
    return BODIES.get(step.key, nothing)(draft, form)


def nothing(draft: Draft, form: StepForm | None) -> dict[str, Any]:
    return {}


def group(draft: Draft, form: StepForm | None) -> dict[str, Any]:
    """The tags this user has used, most used first."""
    mine = Q(releases__created_by=draft.owner)
    used = ReleaseGroup.objects.filter(mine | Q(members=draft.owner))
    by_use = used.annotate(uses=Count("releases", filter=mine)).order_by("-uses", "tag")
    return {"known_groups": by_use[:KNOWN_GROUPS]}


def types(draft: Draft, form: StepForm | None) -> dict[str, Any]:
    formats: dict[str, set[str]] = {}
    told = Rule.objects.packable().values_list("release_type", "spec_data__formats")
    for kind, names in told:
        formats.setdefault(kind, set()).update(names)
    return {"formats": {kind: sorted(names) for kind, names in formats.items()}}


def options(draft: Draft, form: StepForm | None) -> dict[str, Any]:
    """The name, the plan, and the whole conformity report."""
    if draft.is_packed:
        return {"packed": draft.release}
    try:
        new = new_release(draft)
        violations = findings(new)
    except Refused as refusal:
        return {
            "report_error": str(refusal),
            "report_step": BY_KEY.get(getattr(refusal, "step", "")),
        }
    volume_bytes = new.chosen_volume_bytes()
    alike = duplicates(new, draft)
    is_broken = any(violation.is_blocking for violation in violations)
    is_forbidden = alike["must_confirm"] and not alike["may_confirm"]
    return alike | {
        "new": new,
        "name": new.release_name(),
        "volume_bytes": volume_bytes,
        "volumes": new.count_volumes(volume_bytes),
        "violations": violations,
        "uncompared": demands(new.rule.spec.uncertain),
        "is_broken": is_broken,
        "is_blocked": is_broken or is_forbidden,
    }


def duplicates(new: NewRelease, draft: Draft) -> dict[str, Any]:
    """The releases that stand already and are like it, and who may say that this is meant."""
    try:
        found = find_duplicates(new, by=draft.owner)
    except Refused:  # the report says what it lacks
        found = []
    return {
        "duplicates": found,
        "must_confirm": any(one.is_open for one in found),
        "may_confirm": may_confirm(found, by=draft.owner),
    }


def destination(draft: Draft, request: Request) -> dict[str, Any]:
    """The packing; once that is over, the package, and where it goes."""
    release = draft.release
    if release is None:
        return {}
    shown = {"release": release, "job": release.latest_job()}
    if release.status != Release.Status.COMPLETED:
        return shown
    return shown | deliveries_of(request, release) | {"artifacts": release.artifacts.all()}


BODIES: dict[str, Callable[[Draft, StepForm | None], dict[str, Any]]] = {
    "group": group,
    "type": types,
    "analysis": analysis.panel,
    "enrichment": enrichment.panel,
    "nfo": nfo.panel,
    "options": options,
}
