import sys

from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.http import require_GET

from accounts.http import Request
from accounts.trace import request_id
from api.failures import FAILURES
from api.plain import UNFORESEEN, is_for_programs, plain_failure
from jobs.outages import is_outage
from packer_site.dashboard import dashboard
from packer_site.hints import chain
from releases import bucket
from releases.actions import told
from releases.bucket import StoreAway

RETRY_AFTER_S = 2
"""A database that is started again is there within seconds."""


@login_required
@require_GET
def home(request: Request) -> HttpResponse:
    """Show what there is to go on with; to a newcomer, how to begin."""
    whose = request.GET.get("whose") or ("all" if request.user.is_admin else "mine")
    is_of_all = whose == "all"
    return TemplateResponse(request, "home.html", dashboard(request.user, is_of_all=is_of_all))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what was wrong with a request that no page could be asked about."""
    if is_for_programs(request):
        is_too_large = isinstance(exception, RequestDataTooBig)
        sentence = FAILURES[413].message if is_too_large else "The request cannot be read."
        return plain_failure(413 if is_too_large else 400, sentence)
    too_much = _("The page sent too much text: a template has at most 100,000 characters.")
    reason = too_much if isinstance(exception, RequestDataTooBig) else ""
    return TemplateResponse(request, "400.html", {"reason": reason}, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say which permission is missing."""
    if is_for_programs(request):
        return plain_failure(403, str(exception) or FAILURES[403].name)
    return TemplateResponse(request, "403.html", {"reason": told(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that nothing is there."""
    if is_for_programs(request):
        return plain_failure(404, f"There is nothing at {request.path}")
    return defaults.page_not_found(request, exception)


def unforeseen(request: HttpRequest) -> HttpResponse:
    """Say that something broke, and by what the log tells more; ask for nothing that may break."""
    if is_outage(sys.exc_info()[1]):
        return unavailable(request)
    if away := store_outage(sys.exc_info()[1]):
        return store_away(request, away)
    known_as = request_id.get()
    if is_for_programs(request):
        return plain_failure(500, UNFORESEEN.message, request_id=known_as)
    return HttpResponse(render_to_string("500.html", {"request_id": known_as}), status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Say that the database is away, and when to come back."""
    if is_for_programs(request):
        answer: HttpResponse = plain_failure(503, FAILURES[503].message)
    else:
        answer = HttpResponse(render_to_string("503.html"), status=503)
    answer["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def store_outage(error: BaseException | None) -> StoreAway | None:
    return next((one for one in chain(error) if isinstance(one, StoreAway)), None)


def store_away(request: HttpRequest, away: StoreAway) -> HttpResponse:
    """Say that the store of files is away, and that what was asked can be asked again."""
    if is_for_programs(request):
        answer: HttpResponse = plain_failure(503, told(away))
    else:
        page = render_to_string("store_away.html", {"reason": told(away)}, request)
        answer = HttpResponse(page, status=503)
    answer["Retry-After"] = str(bucket.RETRY_AFTER_S)
    return answer


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form cannot be trusted: it is too old, or another site's."""
    return TemplateResponse(request, "403_csrf.html", status=403)
