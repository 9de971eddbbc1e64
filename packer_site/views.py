from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import Request
from packer_site.dashboard import dashboard
from releases.actions import told


@login_required
@require_GET
def home(request: Request) -> HttpResponse:
    """Show what there is to go on with; to a newcomer, how to begin."""
    whose = request.GET.get("whose") or ("all" if request.user.is_admin else "mine")
    is_of_all = whose == "all"
    return TemplateResponse(request, "home.html", dashboard(request.user, is_of_all=is_of_all))


@require_GET
def livez(request: HttpRequest) -> HttpResponse:
    """Tell that the server answers; asks nothing of the database."""
    return HttpResponse("ok", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what was wrong with a request that no page could be asked about."""
    too_much = _("The page sent too much text: a template has at most 100,000 characters.")
    reason = too_much if isinstance(exception, RequestDataTooBig) else ""
    return TemplateResponse(request, "400.html", {"reason": reason}, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say which permission is missing."""
    return TemplateResponse(request, "403.html", {"reason": told(exception)}, status=403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form cannot be trusted: it is too old, or another site's."""
    return TemplateResponse(request, "403_csrf.html", status=403)
