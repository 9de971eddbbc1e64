"""What was done to a release, for programs: its jobs, and the revisions that can be taken back."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from api.pagination import PAGE_EXAMPLE, PAGING, PaginationSerializer, described, page_of
from api.releases import OwnerSerializer, readable
from api.schema import ERRORS, SignedInRequest, example
from jobs.models import Job
from releases.actions import mending
from releases.models import Release, Revision


class ReleaseJobSerializer(serializers.Serializer[Job]):
    id = serializers.IntegerField()
    status = serializers.CharField()
    created_at = serializers.DateTimeField(source="queued_at")
    uuid = serializers.UUIDField()
    kind = serializers.CharField(source="work")
    progress = serializers.IntegerField(help_text="0 to 100.")
    error = serializers.CharField(help_text="Why it failed; empty where it did not.")
    finished_at = serializers.DateTimeField(allow_null=True)


@example(
    {
        "jobs": [
            {
                "id": 124,
                "status": "completed",
                "created_at": "2025-11-01T10:00:00Z",
                "uuid": "5f7c7d3e-6b1c-4a52-9d0e-0c2f6a8b1e11",
                "kind": "pack",
                "progress": 100,
                "error": "",
                "finished_at": "2025-11-01T10:00:07Z",
            }
        ],
        "pagination": PAGE_EXAMPLE,
    }
)
class ReleaseJobsSerializer(serializers.Serializer[Any]):
    jobs = ReleaseJobSerializer(many=True)
    pagination = PaginationSerializer()


class RevisionSerializer(serializers.Serializer[Revision]):
    number = serializers.IntegerField()
    operation = serializers.CharField(help_text="repack, nfofix, readnfo, dirfix, edit or undo.")
    created_at = serializers.DateTimeField(source="at")
    user = OwnerSerializer(source="by", allow_null=True, help_text="Null: the account is gone.")
    changes = serializers.SerializerMethodField(help_text="Sentences.")
    job_id = serializers.IntegerField(allow_null=True)
    undoes = serializers.IntegerField(
        source="undoes.number", default=None, allow_null=True, help_text="What it took back."
    )
    can_be_undone = serializers.SerializerMethodField(
        help_text="Whether it stands, and what it replaced is kept."
    )

    def get_changes(self, revision: Revision) -> list[str]:
        return [str(change) for change in mending.restored(revision.changes)]

    def get_can_be_undone(self, revision: Revision) -> bool:
        return mending.can_be_undone(revision)


@example(
    {
        "revisions": [
            {
                "number": 1,
                "operation": "repack",
                "created_at": "2025-11-01T11:00:00Z",
                "user": {"id": 1, "username": "operator"},
                "changes": ["The package is built anew."],
                "job_id": 126,
                "undoes": None,
                "can_be_undone": True,
            }
        ],
        "pagination": PAGE_EXAMPLE,
    }
)
class RevisionsSerializer(serializers.Serializer[Any]):
    revisions = RevisionSerializer(many=True)
    pagination = PaginationSerializer()


class ReleaseJobsView(APIView):
    scope = "releases"

    @extend_schema(
        operation_id="releases_jobs_list",
        summary="List the jobs of a release",
        description="Those that one asked for, the newest first; an administrator's list has all.",
        parameters=PAGING,
        responses={200: ReleaseJobsSerializer, **ERRORS(400, 401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        jobs = readable(request, pk).jobs().visible_to(request.user)
        page = page_of(jobs.defer("result", "arguments"), request)
        listed = {"jobs": page.object_list, "pagination": described(page)}
        return Response(ReleaseJobsSerializer(listed).data)


class ReleaseRevisionsView(APIView):
    scope = "releases"

    @extend_schema(
        operation_id="releases_revisions_list",
        summary="List the revisions of a release",
        description="What changed it, the newest first. `undo` takes their numbers.",
        parameters=PAGING,
        responses={200: RevisionsSerializer, **ERRORS(400, 401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        page = page_of(revisions_of(readable(request, pk)), request)
        listed = {"revisions": page.object_list, "pagination": described(page)}
        return Response(RevisionsSerializer(listed).data)


def revisions_of(release: Release) -> QuerySet[Revision]:
    """Return the revisions that are in place, without the states that they keep."""
    done = release.revisions.filter(is_done=True).defer("before", "after")
    seen = mending.with_standing(done.select_related("undoes", "by"))
    return seen.defer("undoes__before", "undoes__after")
