from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.http import Request
from drafts.models import Draft
from jobs.models import Job
from releases.actions import told
from releases.models import Release

SHOWN = 5


@login_required
@require_GET
def home(request: Request) -> HttpResponse:
    """Show what there is to go on with; to a newcomer, how to begin."""
    releases = Release.objects.visible_to(request.user)
    context = {
        "drafts": Draft.objects.visible_to(request.user).unfinished().newest_first()[:SHOWN],
        "jobs": Job.objects.visible_to(request.user).active().newest_first()[:SHOWN],
        "releases": releases.newest_first().prefetch_related("group")[:SHOWN],
        "releases_count": releases.count(),
    }
    return TemplateResponse(request, "home.html", context)


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
