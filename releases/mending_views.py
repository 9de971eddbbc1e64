"""What can be done to a release: each is looked at first, and can be taken back."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import Request
from accounts.permissions import Denied, holds
from releases import actions
from releases.actions import Refused, mending, told
from releases.detail_page import page
from releases.mending_forms import FORMS, MendingForm
from releases.models import Release
from releases.views import visible_release

TOLD: Mapping[str, str | Promise] = {
    "nfofix": gettext_lazy(
        "Encoding, line ends, lines that are too wide, fields that are missing, placeholders that"
        " were left: mended in the text, and in every volume that holds it."
    ),
    "dirfix": gettext_lazy(
        "The name of the folder and of its files, brought to the rule; SFV and DIZ follow."
    ),
    "repack": gettext_lazy(
        "The same file packed again: with another format, other volumes, another template, or"
        " other metadata."
    ),
    "readnfo": gettext_lazy(
        "What the NFO says is read into the metadata, and the release is built again from it."
    ),
}


@login_required
@require_GET
def actions_of(request: Request, pk: int) -> HttpResponse:
    """Show what one can do to a release; what one may not do, and why."""
    release = visible_release(request, pk)
    context = {
        "operations": [
            {"key": key, "title": title, "told": TOLD.get(key, "")}
            for key, title in mending.OPERATIONS.items()
        ],
        "obstacle": obstacle(request, release, "mod"),
        "may_trash": holds(request.user, "releases", "delete", release),
    }
    return page(request, release, "actions", context)


def obstacle(request: Request, release: Release, action: str) -> str:
    """Return why `action` is not offered; nothing where it is."""
    if release.status != Release.Status.COMPLETED:
        return _("Only a release that is packed can be changed.")
    if not holds(request.user, "releases", action, release):
        return told(Denied("releases", action))
    return ""


@login_required
@require_http_methods(["GET", "POST"])
def mend(request: Request, pk: int, operation: str) -> HttpResponse:
    """Show what an operation would change; have it done where that was asked for."""
    if operation not in FORMS:
        raise Http404
    release = visible_release(request, pk)
    posted = request.POST if request.method == "POST" else None
    form = FORMS[operation](posted, release=release, by=request.user)
    is_sound = not form.is_bound or form.is_valid()
    if is_sound and "apply" in request.POST:
        try:
            refuse_unseen(request, form)
            return applied(request, release, operation, form)
        except Refused as refusal:
            messages.error(request, str(refusal))
    context = {
        "operation": operation,
        "title": mending.OPERATIONS[operation],
        "told": TOLD.get(operation, ""),
        "form": form,
        "proposal": proposed(request, release, operation, form) if is_sound else None,
        "writes_fix": "writes_fix" in request.POST,
    }
    return page(request, release, "actions", context, body="mend")


def proposed(
    request: Request, release: Release, operation: str, form: MendingForm
) -> mending.Proposal:
    prefetch_related_objects([release], "artifacts")  # several questions are about them
    return mending.propose(operation, release, by=request.user, options=form.options())


def refuse_unseen(request: Request, form: MendingForm) -> None:
    """Let pass what was looked at.

    Raises:
        Refused: something else is asked for.
    """
    if request.POST.get("asked") != form.asked():
        raise Refused(_("You changed what is asked for: look at what would change, then do it."))


def applied(request: Request, release: Release, operation: str, form: MendingForm) -> HttpResponse:
    mending.apply(
        operation,
        release,
        by=request.user,
        options=form.options(),
        writes_fix="writes_fix" in request.POST,
        token=request.POST.get("token", ""),
    )
    messages.info(request, _("It is being done; what it replaces is kept."))
    return redirect("releases:history", release.pk)


@login_required
@require_POST
def discard_edits(request: Request, pk: int) -> HttpResponse:
    """Forget what waits for a repack."""
    release = visible_release(request, pk)
    try:
        actions.discard_edits(release, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.info(request, _("The edits are discarded."))
    return redirect(release)


@login_required
@require_http_methods(["GET", "POST"])
def undo(request: Request, pk: int, number: int) -> HttpResponse:
    """Show what taking back a change would do; have it done where that was asked for."""
    release = visible_release(request, pk)
    revision = get_object_or_404(release.revisions.defer("before", "after"), number=number)
    if request.method == "POST":
        token = request.POST.get("token", "")
        try:
            mending.undo_revision(release, by=request.user, number=number, token=token)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("releases:undo", pk, number)
        messages.info(request, _("It is being taken back."))
        return redirect("releases:history", pk)
    context: dict[str, Any] = {
        "revision": revision,
        "proposal": mending.propose_undo(release, by=request.user, number=number),
    }
    return page(request, release, "history", context, body="undo")
