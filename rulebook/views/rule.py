"""One rule: its text, what is known of it, and its spec in words."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from accounts.http import Request
from accounts.permissions import holds, require
from rulebook import actions
from rulebook.models import Listing
from rulebook.wording import clauses, open_questions
from rules.models import Rule, RuleVersion

NEWEST = 50
"""Versions that a page lists."""


@login_required
@require_GET
def detail(request: Request, pk: int, number: int | None = None) -> HttpResponse:
    """Show a rule, or one version of its text."""
    rule = readable_rule(request, pk)
    versions = list(rule.versions.select_related("by").defer("raw", "content")[:NEWEST])
    in_force = next((one for one in versions if one.number == rule.version), None)
    shown = version_numbered(rule, number) if number is not None else in_force
    is_in_force, questions = shown == in_force, open_questions(rule)
    context: dict[str, Any] = {
        "rule": rule,
        "versions": versions,
        "in_force": in_force,
        "shown": shown,
        "is_in_force": is_in_force,
        "text": rule.content if is_in_force or shown is None else shown.content,
        "waiting": waiting(versions, in_force),
        "changed_since": changed_since(rule, in_force),
        "clauses": clauses(rule),
        "open_questions": [one for one in questions if one.is_needed],
        "silences": [one for one in questions if not one.is_needed],
        "uses": actions.uses(rule),
        "listing": Listing.objects.filter(name=rule.name).first(),
        "may_change": holds(request.user, "rules", "mod"),
        "may_add": holds(request.user, "rules", "write"),
    }
    return TemplateResponse(request, "rulebook/rule.html", context)


def waiting(versions: list[RuleVersion], in_force: RuleVersion | None) -> RuleVersion | None:
    """Return the published text that is newer than the one given here, which is in force."""
    published = RuleVersion.Origin.PUBLISHED
    if in_force is None or in_force.origin == published:
        return None
    newest = next((one for one in versions if one.origin == published), None)
    return newest if newest and newest.number > in_force.number else None


def changed_since(rule: Rule, in_force: RuleVersion | None) -> int:
    """Return the number of the first text, if another is in force and the spec stayed; else 0."""
    if in_force is None or not rule.has_shipped_spec:
        return 0
    first = rule.versions.order_by("number").only("number", "content")[0]
    is_other = first.number != in_force.number and first.content != rule.content
    return first.number if is_other else 0


def readable_rule(request: Request, pk: int) -> Rule:
    require(request.user, "rules", "read")
    return get_object_or_404(Rule.objects.select_related("created_by"), pk=pk)


def version_numbered(rule: Rule, number: int) -> RuleVersion:
    return get_object_or_404(rule.versions.select_related("by").defer("raw"), number=number)
