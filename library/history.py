"""The versions of a template, what changed between two, and the way back."""

import difflib
from collections.abc import Iterator

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.http import Request
from library.views import visible_template
from releases import actions
from releases.actions import Refused
from releases.models import NfoTemplate, TemplateVersion

SHOWN = 50
KINDS = {"+": "added", "-": "removed", "@": "place", " ": "same"}


@login_required
@require_GET
def versions(request: Request, pk: int) -> HttpResponse:
    """List the newest versions, with what one changed of another."""
    template = actions.catch_up(visible_template(request, pk))
    new = version_numbered(template, request.GET.get("to", ""), template.version)
    old = version_numbered(template, request.GET.get("from", ""), new.number - 1)
    context = {
        "template": template,
        "versions": template.versions.select_related("by").defer("content")[:SHOWN],
        "new": new,
        "old": old,
        "lines": list(changes(old, new)),
        "may_change": actions.may_change(template, request.user),
    }
    return TemplateResponse(request, "library/versions.html", context)


def version_numbered(template: NfoTemplate, text: str, usual: int) -> TemplateVersion:
    """Return the version asked for, or the usual one, or the oldest there is."""
    number = int(text) if text.isdecimal() and len(text) < len(str(1 << 31)) else usual
    found = template.versions.filter(number=number).first()
    if found is None and text:
        return get_object_or_404(template.versions.all(), number=number)
    return found or template.versions.order_by("number")[0]


def changes(old: TemplateVersion, new: TemplateVersion) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of each line that tells what is different."""
    if old.encoding != new.encoding:
        yield "removed", f"-{old.get_encoding_display()}"
        yield "added", f"+{new.get_encoding_display()}"
    before, after = (version.content.split("\n") for version in (old, new))
    for line in list(difflib.unified_diff(before, after, n=3, lineterm=""))[2:]:
        yield KINDS[line[0]], line


@login_required
@require_POST
def restore(request: Request, pk: int, number: int) -> HttpResponse:
    template = visible_template(request, pk)
    version = get_object_or_404(template.versions.select_related("template"), number=number)
    try:
        actions.restore_version(version, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("library:versions", pk)
    messages.success(request, _("Version %(number)d is restored.") % {"number": number})
    return redirect(template)
