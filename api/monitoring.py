"""How the site is, for what watches it; nobody needs to be signed in."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from prometheus_client import CONTENT_TYPE_LATEST
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.schema import ERRORS, example
from monitoring.metrics import exposition
from monitoring.readers import REFUSED, may_read
from monitoring.readiness import readiness
from monitoring.telling import as_health

CHECKS = ("database", "migrations", "workers", "queue", "disk", "redis")
SHOWN = "# HELP packer_workers Workers.\n# TYPE packer_workers gauge\npacker_workers 4.0\n"


@example(
    {
        "status": "healthy",
        "checks": dict.fromkeys(CHECKS, True),
        "timestamp": "2026-01-02T10:00:00Z",
        "version": "0.1.0",
        "uptime": 3600,
    }
)
class HealthSerializer(serializers.Serializer[Any]):
    status = serializers.CharField(help_text="healthy, degraded or unhealthy.")
    checks = serializers.DictField(
        child=serializers.BooleanField(),
        help_text="Whether all is well; what needs a database is not told without one.",
    )
    timestamp = serializers.DateTimeField()
    version = serializers.CharField()
    uptime = serializers.IntegerField(help_text="Seconds that the process that answers runs.")


class AnyAccepted(BaseContentNegotiation):
    """Answers in the one format there is, whatever a client accepts: Prometheus names others."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class HealthView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="health",
        summary="Tell how the site is",
        description="A degraded site serves; an unhealthy one is to be sent no requests.",
        auth=[{}],  # type: ignore[list-item]  # as OpenAPI has it
        responses={
            200: HealthSerializer,
            503: OpenApiResponse(HealthSerializer, description="It cannot serve now."),
        },
    )
    def get(self, request: Request) -> Response:
        now = readiness()
        body = HealthSerializer(as_health(now)).data
        return Response(body, status=200 if now.is_ready else 503)


class MetricsView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    content_negotiation_class = AnyAccepted

    @extend_schema(
        operation_id="metrics",
        summary="Tell Prometheus what there is to count",
        description="For the addresses of METRICS_ALLOW, and for who shows METRICS_TOKEN.",
        auth=[{}],  # type: ignore[list-item]  # as OpenAPI has it
        responses={
            (200, "text/plain"): OpenApiResponse(
                OpenApiTypes.STR, examples=[OpenApiExample("Example", SHOWN)]
            ),
            **ERRORS(403),
        },
    )
    def get(self, request: Request) -> HttpResponse:
        if not may_read(request._request):
            raise PermissionDenied(REFUSED)
        return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)
