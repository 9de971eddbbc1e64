"""Releases for programs."""

from dataclasses import replace
from functools import partial
from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.permissions import require
from api.errors import NotFound
from api.pagination import PaginationSerializer, described, page_of
from api.schema import ERRORS, SignedInRequest
from releases.filters import ORDERS, SORTS, Asked, asked_of, day
from releases.models import MILLION, Release, ReleaseQuerySet
from releases.paging import ByIndex, pages_of


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
    scope = "releases"

    @extend_schema(
        operation_id="releases_list",
        summary="List releases",
        parameters=[
            parameter("type", "EBOOK, TV or DOCS; repeated or comma-separated."),
            parameter("group", "Release group; repeated or comma-separated."),
            parameter("status", "draft, completed or failed; repeated or comma-separated."),
            parameter("conformity", "conforms, broken, damaged or unknown; as above."),
            parameter("owner", "User names; repeated or comma-separated."),
            parameter("since", "Made on this day, YYYY-MM-DD, or later."),
            parameter("until", "Made on this day, YYYY-MM-DD, or earlier."),
            parameter("search", "In name, title, author and group; `*` stands for anything."),
            parameter("sort", "created_at (default), name, size or group."),
            parameter("order", "desc (default) or asc."),
            parameter("my_only", "Only the caller's own.", bool),
            parameter("page", "Page, from 1.", int),
            parameter("per_page", "At most 100; 20 unless told.", int),
        ],
        responses={200: ReleaseListSerializer, **ERRORS(400, 401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        require(request.user, "releases", "read")
        asked = asked_of_program(request)
        rows = Release.objects.brief().select_related("group", "created_by")
        page = page_of(rows, request, partial(paged, asked, request.user))
        listed = {"releases": page.object_list, "pagination": described(page)}
        return Response(ReleaseListSerializer(listed).data)


def paged(asked: Asked, user: User, rows: ReleaseQuerySet, per_page: int) -> ByIndex:
    return pages_of(asked, user, per_page, rows=rows)


def asked_of_program(request: SignedInRequest) -> Asked:
    """Return what the query string asks for.

    Raises:
        ValidationError: a sort, an order or a day is none.
    """
    query = request.query_params
    refuse_unknown(query)
    asked = asked_of(query)
    if query.get("my_only", "").lower() in {"1", "true", "yes"}:
        return replace(asked, owner=(request.user.username,))
    return asked


def refuse_unknown(query: QueryDict) -> None:
    for name, known in (("sort", SORTS), ("order", ORDERS)):
        if query.get(name, next(iter(known))) not in known:
            raise ValidationError({name: [f"One of {', '.join(known)}."]})
    for name in ("since", "until"):
        if (given := query.get(name, "")) and not day(given):
            raise ValidationError({name: ["A day as YYYY-MM-DD."]})


class ReleaseDetailView(APIView):
    scope = "releases"

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
