"""How many releases there are, for programs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import require
from api.schema import ERRORS, SignedInRequest, example
from releases.models import Release
from releases.statistics import kept_numbers, own, visible

RECENT = 10


class RecentReleaseSerializer(serializers.Serializer[Release]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    group = serializers.CharField(source="group.tag")
    type = serializers.CharField()
    created_at = serializers.DateTimeField()


@example(
    {
        "releases_count": 150,
        "my_releases_count": 25,
        "releases_by_type": {"EBOOK": 100, "TV": 40, "DOCS": 10},
        "recent_releases": [
            {
                "id": 1,
                "name": "John.Doe.Example.Book.2024.RETAiL.ePUB.eBook-TESTGROUP",
                "group": "TESTGROUP",
                "type": "EBOOK",
                "created_at": "2026-01-02T10:00:00Z",
            }
        ],
    }
)
class StatsSerializer(serializers.Serializer[Any]):
    releases_count = serializers.IntegerField(help_text="Of all that the caller may see.")
    my_releases_count = serializers.IntegerField()
    releases_by_type = serializers.DictField(child=serializers.IntegerField())
    recent_releases = RecentReleaseSerializer(many=True, help_text=f"At most {RECENT}.")


class StatsView(APIView):
    scope = "releases"

    @extend_schema(
        operation_id="dashboard_stats",
        summary="Count releases, by type, and name the latest",
        description="Of those that the caller may see, and of their own.",
        responses={200: StatsSerializer, **ERRORS(401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        require(request.user, "releases", "read")
        seen = visible(request.user)
        recent = list(seen.newest_first().brief().prefetch_related("group")[:RECENT])
        numbers = kept_numbers(seen, by=request.user, newest=recent)
        mine = kept_numbers(own(request.user), by=request.user, newest=recent)
        stats = {
            "releases_count": numbers.count,
            "my_releases_count": mine.count,
            "releases_by_type": numbers.by_type,
            "recent_releases": recent,
        }
        return Response(StatsSerializer(stats).data)
