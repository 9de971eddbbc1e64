"""Releases for programs."""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import require
from api.errors import NotFound
from api.pagination import PaginationSerializer, described, page_of
from api.schema import ERRORS, SignedInRequest
from releases.models import MILLION, Release

SORTS = {"created_at": "created_at", "name": "name", "size": "size"}


class OwnerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()


class ReleaseSerializer(serializers.Serializer[Release]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    group = serializers.CharField(source="group.tag")
    type = serializers.CharField()
    status = serializers.CharField()
    metadata = serializers.DictField()
    config = serializers.SerializerMethodField()
    size = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    user = OwnerSerializer(source="created_by")

    def get_config(self, release: Release) -> dict[str, Any]:
        return {
            "format": release.format,
            "volumes": release.volume_bytes // MILLION,
            "generate_sfv": release.generate_sfv,
        }


class ReleaseDetailSerializer(ReleaseSerializer):
    file_path = serializers.SerializerMethodField()
    rule = serializers.CharField(source="rule.name")
    rights = serializers.CharField()
    volumes = serializers.IntegerField()

    def get_file_path(self, release: Release) -> str:
        """Where it lies below the releases folder; never a path of the server."""
        return f"/releases/{release.name}"


class ReleaseListSerializer(serializers.Serializer[Any]):
    releases = ReleaseSerializer(many=True)
    pagination = PaginationSerializer()


def parameter(name: str, description: str, kind: type = str) -> OpenApiParameter:
    return OpenApiParameter(name, kind, description=description)


class ReleaseListView(APIView):
    @extend_schema(
        operation_id="releases_list",
        summary="List releases",
        parameters=[
            parameter("type", "EBOOK, TV or DOCS; repeated or comma-separated."),
            parameter("group", "Release group; repeated or comma-separated."),
            parameter("status", "draft, completed or failed; repeated or comma-separated."),
            parameter("search", "In name and title; `*` stands for anything."),
            parameter("sort", "created_at (default), name or size."),
            parameter("order", "desc (default) or asc."),
            parameter("my_only", "Only the caller's own.", bool),
            parameter("page", "Page, from 1.", int),
            parameter("per_page", "At most 100; 20 unless told.", int),
        ],
        responses={200: ReleaseListSerializer, **ERRORS(400, 401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        require(request.user, "releases", "read")
        found = filtered(Release.objects.visible_to(request.user), request)
        page = page_of(found.prefetch_related("group", "created_by"), request)
        listed = {"releases": page.object_list, "pagination": described(page)}
        return Response(ReleaseListSerializer(listed).data)


def filtered(releases: QuerySet[Release], request: SignedInRequest) -> QuerySet[Release]:
    """Narrow and order `releases` as the query string says."""
    asked = request.query_params
    for name, field in (("type", "type"), ("status", "status"), ("group", "group__tag")):
        if wanted := values(asked.getlist(name)):
            releases = releases.filter(**{f"{field}__in": wanted})
    if asked.get("my_only", "").lower() in {"1", "true", "yes"}:
        releases = releases.filter(created_by=request.user)
    for word in asked.get("search", "").split("*"):
        releases = releases.filter(Q(name__icontains=word) | Q(title__icontains=word))
    return releases.order_by(*ordering(asked.get("sort", "created_at"), asked.get("order", "desc")))


def values(repeated: list[str]) -> list[str]:
    """Return the values of a filter, repeated or comma-separated."""
    return [value.strip() for text in repeated for value in text.split(",") if value.strip()]


def ordering(sort: str, order: str) -> tuple[str, str]:
    if sort not in SORTS:
        raise ValidationError({"sort": [f"One of {', '.join(SORTS)}."]})
    if order not in {"asc", "desc"}:
        raise ValidationError({"order": ["asc or desc."]})
    sign = "-" if order == "desc" else ""
    return f"{sign}{SORTS[sort]}", f"{sign}pk"


class ReleaseDetailView(APIView):
    @extend_schema(
        summary="Read a release", responses={200: ReleaseDetailSerializer, **ERRORS(401, 403, 404)}
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        require(request.user, "releases", "read")
        found = Release.objects.visible_to(request.user).select_related(
            "group", "created_by", "rule"
        )
        release = found.filter(pk=pk).first()
        if release is None:
            raise NotFound("Release", pk)
        return Response(ReleaseDetailSerializer(release).data)
