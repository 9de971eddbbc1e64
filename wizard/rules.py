"""Step 3: by which rule. All of the type are shown, those that can be packed by can be chosen."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.http import Request
from accounts.permissions import holds
from accounts.preferences import preference
from drafts.forms import StepForm
from drafts.models import Draft
from rulebook.filters import choices
from rulebook.wording import open_questions
from rules.models import Rule, RuleQuerySet

MOST = 60
"""Rules that the step shows at once; the others are found by the filters."""
REASONS = 2
DIGITS = 18
ASKED = ("search", "scene", "section", "year")
VIEWS = ("list", "tree")


@dataclass(frozen=True, slots=True)
class Offer:
    rule: Rule
    is_chosen: bool
    is_recommended: bool
    reasons: Sequence[str]
    """Why it cannot be chosen; none: it can."""


def panel(draft: Draft, form: StepForm, request: Request) -> dict[str, Any]:
    """Return the rules that are asked for, with the one whose text stands beside them."""
    asked = {name: request.GET.get(name, "").strip() for name in ASKED}
    of_type = Rule.objects.for_type(draft.release_type)
    tree = of_type.tree()
    total = sum(scene.count for scene in tree)
    found = of_type.filtered(**{name: [asked[name]] for name in ASKED[1:]}).search(asked["search"])
    in_order = found.order_by("-is_complete", "-year", "section", "name")
    listed = list(in_order.defer("content", "words")[: MOST + 1])
    chosen = number_in(request.GET.get("rule_id", "")) or answered(form)
    shown = text_shown(of_type, number_in(request.GET.get("show", "")), chosen)
    offers = offered(
        listed[:MOST], of_type, chosen, None if any(asked.values()) else recommended(listed)
    )
    here = urlencode({name: value for name, value in asked.items() if value})
    return {
        "asked": asked,
        "offers": offers,
        "branches": branched(offers),
        "is_tree": view(request) == "tree",
        "is_narrowed": any(asked.values()),
        "has_more": len(listed) > MOST,
        "total": total,
        "choices": choices(tree, asked["scene"]),
        "query": here,
        "shown": shown,
        "may_add": holds(request.user, "rules", "write"),
        "add_url": add_url(draft),
    }


def answered(form: StepForm) -> int | None:
    """Return the number of the rule answered, or of the one proposed."""
    value = form.data.get("rule_id") if form.is_bound else form["rule_id"].value()
    return number_in(str(value or ""))


def view(request: Request) -> str:
    asked = request.GET.get("view", "")
    if asked in VIEWS:
        return asked
    return str(preference(request.user, "list_filters").get("rules", VIEWS[0]))


def recommended(listed: Sequence[Rule]) -> int | None:
    """Return the number of the newest that came with the program, else of the first."""
    complete = [rule for rule in listed if rule.is_complete]
    shipped = [rule for rule in complete if rule.origin == Rule.Origin.SHIPPED]
    return next((rule.pk for rule in [*shipped, *complete]), None)


def number_in(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= DIGITS else None


def text_shown(of_type: RuleQuerySet, asked: int | None, chosen: int | None) -> Rule | None:
    """Return the rule whose text is shown: the one asked for, else the one chosen."""
    number = asked or chosen
    return of_type.filter(pk=number).first() if number else None


def offered(
    listed: Sequence[Rule], of_type: RuleQuerySet, chosen: int | None, proposed: int | None
) -> list[Offer]:
    """Return what can be looked at, what is recommended first.

    What is chosen stays there, whatever is asked for.
    """
    rows = list(listed)
    if chosen and all(rule.pk != chosen for rule in rows):
        rows = [*of_type.packable().defer("content").filter(pk=chosen), *rows]
    rows.sort(key=lambda rule: rule.pk != proposed)
    return [
        Offer(
            rule=rule,
            is_chosen=rule.pk == chosen and rule.is_complete,
            is_recommended=rule.pk == proposed,
            reasons=[] if rule.is_complete else reasons(rule),
        )
        for rule in rows
    ]


def reasons(rule: Rule) -> list[str]:
    if not rule.version:
        return [_("Its text is not here: download it first.")]
    told = [question.reason for question in open_questions(rule) if question.is_needed]
    if not told:
        return [_("Its spec is not complete.")]
    more = len(told) - REASONS
    return [*told[:REASONS], *([_("and %(count)d more") % {"count": more}] if more > 0 else [])]


def branched(offers: Sequence[Offer]) -> list[dict[str, Any]]:
    """Return the same rules by scene, then by section: first where the first rule is."""
    return [
        {
            "name": scene,
            "sections": [
                {"name": section, "offers": of_section}
                for section, of_section in grouped(of_scene, lambda one: one.rule.section)
            ],
        }
        for scene, of_scene in grouped(offers, lambda one: one.rule.scene)
    ]


def grouped(
    offers: Sequence[Offer], named: Callable[[Offer], str]
) -> Iterable[tuple[str, list[Offer]]]:
    """Return the offers by name; names that differ by their capitals alone are one."""
    groups: dict[str, tuple[str, list[Offer]]] = {}
    for offer in offers:
        name = named(offer)
        groups.setdefault(name.casefold(), (name, []))[1].append(offer)
    return groups.values()


def add_url(draft: Draft) -> str:
    """Return the page that adds a rule, and leads back here."""
    back = reverse("wizard:step", args=[draft.uuid, "rule"])
    return f"{reverse('rulebook:new')}?{urlencode({'next': back, 'type': draft.release_type})}"
