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
from releases.packing import PackingError
from rulebook import actions
from rulebook.comparison import compared
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
    new = chosen(rule, request.GET.get("to", ""), rule.version)
    old = chosen(rule, request.GET.get("from", ""), before(versions, new))
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


def before(versions: list[RuleVersion], new: RuleVersion | None) -> int:
    """Return the number of the version before `new`; the oldest has none before it."""
    if new is None:
        return 0
    return max((one.number for one in versions if one.number < new.number), default=new.number)


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
