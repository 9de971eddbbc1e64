"""Files on their way to step 4, for who sees them without script."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.http import Request
from drafts import actions
from drafts.models import Draft
from drafts.steps import BY_KEY
from releases.actions import Refused
from releases.actions.uploads import abandon_upload

STEP = BY_KEY["source"]


@login_required
@require_POST
def discard(request: Request, draft: UUID) -> HttpResponse:
    """Give up an interrupted upload; what else stands in the form is kept."""
    found = get_object_or_404(Draft.objects.visible_to(request.user), uuid=draft)
    upload = found.arriving.filter(handle=handle_of(request)).first()
    if upload:  # twice does no harm
        abandon_upload(upload)
    try:
        actions.keep_typed(found, STEP, request.POST)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("wizard:step", draft=draft, step=STEP.key)


def handle_of(request: Request) -> UUID:
    try:
        return UUID(request.POST.get("upload", ""))
    except ValueError as error:
        raise Http404 from error
