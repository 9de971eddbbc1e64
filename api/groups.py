"""Release groups for programs."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.filters import sought
from accounts.models import ReleaseGroup, User
from accounts.permissions import holds, require
from api.pagination import PaginationSerializer, described, page_of
from api.schema import ERRORS, SignedInRequest, example
from releases.models import Release

LISTING = [
    OpenApiParameter("search", str, description="In tags; `*` stands for any letters."),
    OpenApiParameter("page", int, description="From 1."),
    OpenApiParameter("per_page", int, description="At most 100; 20 unless told."),
]


class GroupSerializer(serializers.Serializer[ReleaseGroup]):
    id = serializers.IntegerField()
    name = serializers.CharField(source="tag")
    members_count = serializers.IntegerField()


@example(
    {
        "groups": [{"id": 1, "name": "TESTGROUP", "members_count": 3}],
        "pagination": {"page": 1, "per_page": 20, "total": 1, "pages": 1},
    }
)
class GroupsSerializer(serializers.Serializer[Any]):
    groups = GroupSerializer(many=True)
    pagination = PaginationSerializer()


def visible_groups(user: User) -> QuerySet[ReleaseGroup]:
    """Return the groups that `user` may know of: all of them, or their own and of what they see.

    Raises:
        PermissionDenied: they have nothing to do with users or releases.
    """
    if holds(user, "users", "read"):
        return ReleaseGroup.objects.all()
    require(user, "releases", "read")
    seen = Release.objects.visible_to(user).values("group")
    return ReleaseGroup.objects.filter(Q(pk__in=user.release_groups.values("pk")) | Q(pk__in=seen))


class GroupListView(APIView):
    scope = "releases"

    @extend_schema(
        operation_id="groups_list",
        summary="List the release groups",
        description="All of them with READ on users; with READ on releases those that one is in, "
        "and those of releases that one sees.",
        parameters=LISTING,
        responses={200: GroupsSerializer, **ERRORS(400, 401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        asked = request.query_params.get("search", "")
        found = sought(visible_groups(request.user), asked, ("tag",))
        counted = found.annotate(members_count=Count("members")).order_by("tag")
        page = page_of(counted, request)
        shown = {"groups": page.object_list, "pagination": described(page)}
        return Response(GroupsSerializer(shown).data)
