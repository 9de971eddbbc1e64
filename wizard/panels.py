"""What each step's panel shows besides its form."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count, Q

from accounts.models import ReleaseGroup
from drafts.answers import new_release
from drafts.conformity import findings
from drafts.forms import StepForm
from drafts.models import Draft
from drafts.steps import BY_KEY, STEPS, Step
from releases.actions import (
    NewRelease,
    Refused,
    find_duplicates,
    may_confirm,
)
from releases.conformity import demands
from rules.models import Rule
from wizard import analysis, enrichment, nfo

KNOWN_GROUPS = 50


def frame(draft: Draft, current: Step) -> dict[str, Any]:
    """Return the list of steps, each with its state, and where this one stands."""
    reached = True
    listed = []
    for step in STEPS:
        is_done = step.key in draft.answers
        listed.append(
            {"step": step, "is_done": is_done, "is_open": reached, "is_current": step == current}
        )
        reached = reached and is_done
    return {"draft": draft, "step": current, "listed_steps": listed}


def body(draft: Draft, step: Step, form: StepForm) -> dict[str, Any]:
    """Return what the template of `step` needs."""
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


def source(draft: Draft, form: StepForm | None) -> dict[str, Any]:
    return {"source": draft.source, "rule": draft.rule}


def options(draft: Draft, form: StepForm | None) -> dict[str, Any]:
    """The name, the plan, and the whole conformity report."""
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


def destination(draft: Draft, form: StepForm | None) -> dict[str, Any]:
    release = draft.release
    if release is None:
        return {}
    return {
        "release": release,
        "job": release.latest_job(),
        "artifacts": release.artifacts.all(),
    }


BODIES: dict[str, Callable[[Draft, StepForm | None], dict[str, Any]]] = {
    "group": group,
    "type": types,
    "source": source,
    "analysis": analysis.panel,
    "enrichment": enrichment.panel,
    "nfo": nfo.panel,
    "options": options,
    "destination": destination,
}
