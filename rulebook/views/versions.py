"""The versions of a rule: what changed between two, their bytes, and the way back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from accounts.permissions import holds
from releases import downloads
from releases.actions import Refused, told
from releases.comparison import compared
from releases.packing import PackingError
from rulebook import actions
from rulebook.views.rule import NEWEST, readable_rule, version_numbered
from rules.models import Rule, RuleVersion

DIGITS = 9
PICTURES = ("png", "png-light", "svg")


@login_required
@require_GET
def index(request: Request, pk: int) -> HttpResponse:
    """List the newest versions, with what one changed of another."""
    rule = readable_rule(request, pk)
    versions = list(rule.versions.select_related("by").defer("raw", "content")[:NEWEST])
    numbers = [one.number for one in versions]
    new = chosen(rule, request.GET.get("to", ""), latest(numbers, rule.version))
    old = chosen(rule, request.GET.get("from", ""), neighbour(numbers, new.number if new else 0))
    context = {
        "rule": rule,
        "versions": versions,
        "new": new,
        "old": old,
        "comparison": compared(old.content, new.content) if old and new else None,
        "may_change": holds(request.user, "rules", "mod"),
    }
    return TemplateResponse(request, "rulebook/versions.html", context)


def chosen(rule: Rule, text: str, usual: int) -> RuleVersion | None:
    """Return the version asked for; nobody asks: the usual one, if there is any."""
    found = rule.versions.defer("raw")
    if not text:
        return found.filter(number=usual).first()
    return get_object_or_404(found, number=number_in(text))


def number_in(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= DIGITS else None


def latest(numbers: list[int], in_force: int) -> int:
    """Return the one that is compared with an earlier: that in force, or what follows the first."""
    return max(in_force, neighbour(numbers, in_force))


def neighbour(numbers: list[int], number: int) -> int:
    """Return what was before `number`; of the first, what follows it; of the only one, itself."""
    earlier = [one for one in numbers if one < number]
    later = [one for one in numbers if one > number]
    return max(earlier) if earlier else min(later, default=number)


@login_required
@require_GET
def raw(request: Request, pk: int, number: int) -> HttpResponse:
    """Send the bytes as they came."""
    rule = readable_rule(request, pk)
    version = get_object_or_404(rule.versions.all(), number=number)
    return HttpResponse(
        bytes(version.raw),
        content_type="application/octet-stream",
        headers=downloads.kept(f"{rule.name}.nfo"),
    )


@login_required
@require_GET
def picture(request: Request, pk: int, number: int) -> HttpResponse:
    rule = readable_rule(request, pk)
    kind = request.GET.get("as", "")
    version = version_numbered(rule, number)
    try:
        return downloads.nfo_as(
            kind if kind in PICTURES else PICTURES[0], version.content, "utf-8", rule.name
        )
    except PackingError as error:
        return TemplateResponse(request, "400.html", {"reason": told(error)}, status=400)


@login_required
@require_POST
def restore(request: Request, pk: int, number: int) -> HttpResponse:
    """Put a version in force again."""
    rule = readable_rule(request, pk)
    seen = number_in(request.POST.get("seen_version", ""))
    try:
        actions.restore_version(rule, number, by=request.user, seen_version=seen)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("rulebook:versions", pk)
    messages.success(request, _("Version %(number)d is in force.") % {"number": number})
    return redirect(rule)
