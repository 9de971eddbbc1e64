"""What an NFO template was before, for programs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from api.errors import NotFound
from api.pagination import PAGE_EXAMPLE, PAGING, PaginationSerializer, described, page_of
from api.schema import ERRORS, SignedInRequest, example
from api.templates import TemplateAnswerSerializer, answered, template_of
from releases import actions
from releases.models import TemplateVersion

VERSION = {
    "version": 1,
    "content": "{{ title }}\n",
    "encoding": "cp437",
    "by": "operator",
    "at": "2026-01-02T10:00:00Z",
}


class VersionSerializer(serializers.Serializer[TemplateVersion]):
    version = serializers.IntegerField(source="number")
    content = serializers.CharField()
    encoding = serializers.CharField()
    by = serializers.CharField(source="by.username", default=None, allow_null=True)
    at = serializers.DateTimeField()


@example({"versions": [VERSION], "pagination": PAGE_EXAMPLE})
class VersionsSerializer(serializers.Serializer[Any]):
    versions = VersionSerializer(many=True)
    pagination = PaginationSerializer()


class TemplateVersionsView(APIView):
    scope = "releases"

    @extend_schema(
        summary="List what an NFO template was",
        description="Its versions with their texts, the newest first.",
        parameters=PAGING,
        responses={200: VersionsSerializer, **ERRORS(400, 401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        page = page_of(template_of(request, pk).versions.select_related("by"), request)
        listed = {"versions": page.object_list, "pagination": described(page)}
        return Response(VersionsSerializer(listed).data)


class TemplateRestoreView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Make an NFO template again what it was",
        description="That is a new version; nothing is lost.",
        request=None,
        responses={200: TemplateAnswerSerializer, **ERRORS(401, 403, 404, 409, 422)},
    )
    def post(self, request: SignedInRequest, pk: int, number: int) -> Response:
        version = template_of(request, pk).versions.filter(number=number).first()
        if version is None:
            raise NotFound("Version", number)
        return answered(actions.restore_version(version, by=request.user), "Template restored")
