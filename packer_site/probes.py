"""What balancers, orchestrators and Prometheus ask; none of it needs a login."""

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST

from monitoring.metrics import exposition
from monitoring.readers import REFUSED, may_read
from monitoring.readiness import readiness
from monitoring.telling import as_health, as_readiness

FRESH = {"Cache-Control": "no-store"}


@require_GET
def livez(request: HttpRequest) -> HttpResponse:
    """Tell that the server answers; asks nothing of the database."""
    return HttpResponse("ok", content_type="text/plain")


@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """Tell whether requests are to be sent here, and what is wrong."""
    now = readiness()
    return JsonResponse(as_readiness(now), status=200 if now.is_ready else 503, headers=FRESH)


@require_GET
def health(request: HttpRequest) -> JsonResponse:
    """Tell the same as programs of the family ask for it."""
    now = readiness()
    return JsonResponse(as_health(now), status=200 if now.is_ready else 503, headers=FRESH)


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Tell Prometheus what there is to count, if it may know."""
    if not may_read(request):
        return HttpResponseForbidden(f"{REFUSED}\n", content_type="text/plain")
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST, headers=FRESH)
