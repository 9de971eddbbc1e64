"""All that one has begun and not packed yet."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from accounts.http import Request
from drafts.listing import counts, listed, rows

PER_PAGE = 50


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    awaiting_only = request.GET.get("show") == "awaiting"
    drafts = listed(request.user)
    shown = drafts.awaiting_review() if awaiting_only else drafts
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "drafts": rows(page),
        "counts": counts(request.user),
        "awaiting_only": awaiting_only,
    }
    return TemplateResponse(request, "wizard/drafts.html", context)
