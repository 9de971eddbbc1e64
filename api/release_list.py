"""The list of releases for programs."""

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
from api.flags import flag
from api.pagination import PAGE_EXAMPLE, PaginationSerializer, described, page_of
from api.releases import RELEASE, ReleaseSerializer
from api.schema import ERRORS, SignedInRequest, example
from releases.filters import ORDERS, SORTS, Asked, Conformity, asked_of, day, values
from releases.models import Release, ReleaseQuerySet, ReleaseType
from releases.paging import ByIndex, pages_of

AMONG = {
    "type": ReleaseType.values,
    "status": Release.Status.values,
    "conformity": Conformity.values,
}
"""The filters whose values are known."""


@example({"releases": [RELEASE], "pagination": PAGE_EXAMPLE})
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
        description="One's own, those of one's release groups, and those that one was granted; an "
        "administrator's list has all. What lies in the trash is in no list.",
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
        ValidationError: a value of a filter, a sort, an order or a day is none.
    """
    query = request.query_params
    refuse_unknown(query)
    asked = asked_of(query)
    return replace(asked, owner=(request.user.username,)) if flag(request, "my_only") else asked


def refuse_unknown(query: QueryDict) -> None:
    for name, known in (("sort", SORTS), ("order", ORDERS)):
        if query.get(name, next(iter(known))) not in known:
            raise ValidationError({name: [f"One of {', '.join(known)}."]})
    for name, choices in AMONG.items():
        if set(values(query.getlist(name))) - set(choices):
            raise ValidationError({name: [f"One of {', '.join(choices)}, or several of them."]})
    for name in ("since", "until"):
        if (given := query.get(name, "")) and not day(given):
            raise ValidationError({name: ["A day as YYYY-MM-DD."]})
