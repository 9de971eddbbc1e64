"""The site that lists the rules, for programs: what it lists, and how that comes here."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import require
from api.errors import NotFound as NoSuch
from api.filters import refuse_unknown
from api.jobs import KEY, job_of
from api.pagination import PAGE_EXAMPLE, PAGING, PaginationSerializer, described, page_of
from api.rules import RuleAnswerSerializer
from api.schema import ERRORS, JobAnswerSerializer, SignedInRequest, example
from api.wizard import started
from jobs.actions import Refused as JobRefused
from jobs.models import Job
from releases.models import ReleaseType
from rulebook import actions
from rulebook.actions import Outcome
from rulebook.models import Listing, SyncPlan

FILTERS = ("scene", "section", "year", "type")
NAME_LENGTH = 500
FILTERING = [
    OpenApiParameter("scene", str, description="E.g. English; repeated or comma-separated."),
    OpenApiParameter("section", str, description="E.g. eBOOK; repeated or comma-separated."),
    OpenApiParameter("year", str, description="Repeated or comma-separated."),
    OpenApiParameter("type", str, description="EBOOK, TV or DOCS; repeated or comma-separated."),
    OpenApiParameter("search", str, description="In name and section; `*` stands for anything."),
    *PAGING,
]
SAID = {
    Outcome.NEW: "Rule downloaded successfully",
    Outcome.CHANGED: "Rule downloaded successfully: its text changed",
    Outcome.UNCHANGED: "Rule is here already, and has not changed",
}


class ListingSerializer(serializers.Serializer[Listing]):
    name = serializers.CharField()
    scene = serializers.CharField()
    section = serializers.CharField()
    year = serializers.IntegerField(allow_null=True, help_text="Null: it is not known.")
    url = serializers.CharField()
    downloaded = serializers.BooleanField(help_text="Whether its text is here.")


@example(
    {
        "rules": [
            {
                "name": "2022_EBOOK",
                "scene": "English",
                "section": "eBOOK",
                "year": 2022,
                "url": "https://scenerules.org/nfo/2022_EBOOK.nfo",
                "downloaded": False,
            }
        ],
        "pagination": PAGE_EXAMPLE,
    }
)
class ListingsSerializer(serializers.Serializer[Any]):
    rules = ListingSerializer(many=True)
    pagination = PaginationSerializer()


@example({"name": "2022_EBOOK"}, "By name")
class DownloadSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=NAME_LENGTH)
    scene = serializers.CharField(
        required=False, allow_blank=True, help_text="Accepted; the list tells."
    )
    section = serializers.CharField(
        required=False, allow_blank=True, help_text="Accepted; the list tells."
    )
    year = serializers.IntegerField(
        required=False, allow_null=True, help_text="Accepted; the list tells."
    )


@example({"interval": "daily", "last_at": None}, "Every day")
class PlanSerializer(serializers.Serializer[SyncPlan]):
    interval = serializers.ChoiceField(choices=SyncPlan.Interval.values)
    last_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When the last planned one was started."
    )


@example({"id": 1, "message": "Rule downloaded successfully", "outcome": "new"})
class DownloadedSerializer(RuleAnswerSerializer):
    outcome = serializers.ChoiceField(choices=[*Outcome])


class FailedSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    reason = serializers.CharField()


@example(
    {
        "new": ["2022_EBOOK"],
        "changed": [],
        "unchanged": ["2016_TV"],
        "vanished": [],
        "failed": [{"name": "2012_MDVDR", "reason": "scenerules.org did not answer in time."}],
    }
)
class SyncReportSerializer(serializers.Serializer[Any]):
    new = serializers.ListField(child=serializers.CharField())
    changed = serializers.ListField(child=serializers.CharField())
    unchanged = serializers.ListField(child=serializers.CharField())
    vanished = serializers.ListField(
        child=serializers.CharField(), help_text="No longer listed; their texts stay."
    )
    failed = FailedSerializer(many=True)


class ListedRulesView(APIView):
    scope = "rules"

    @extend_schema(
        operation_id="rules_scenerules",
        summary="List the rules of the site",
        description="What scenerules.org lists, as last seen; `downloaded` is here, too.",
        parameters=FILTERING,
        responses={200: ListingsSerializer, **ERRORS(400, 401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        require(request.user, "rules", "read")
        asked = request.query_params
        refuse_unknown(request, "type", ReleaseType.values)
        wanted = {name: asked.getlist(name) for name in FILTERS}
        found = Listing.objects.filter(vanished_at=None).filtered(**wanted)
        page = page_of(found.search(asked.get("search", "")).with_downloaded(), request)
        listed = {"rules": page.object_list, "pagination": described(page)}
        return Response(ListingsSerializer(listed).data)


class RuleDownloadView(APIView):
    scope = "rules"

    @extend_schema(
        summary="Download a rule",
        description="By the name that the list gives it. A rule that is here already gets the "
        "text that is published now, if that changed.",
        request=DownloadSerializer,
        responses={200: DownloadedSerializer, **ERRORS(400, 401, 403, 404, 422)},
    )
    def post(self, request: SignedInRequest) -> Response:
        require(request.user, "rules", "write")
        asked = DownloadSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            done = actions.download_rule(asked.validated_data["name"], by=request.user)
        except actions.NotListed as error:
            raise NotFound(str(error)) from error
        answer = {"id": done.rule.pk, "message": SAID[done.outcome], "outcome": done.outcome}
        return Response(DownloadedSerializer(answer).data)


class RuleSyncView(APIView):
    scope = "rules"

    @extend_schema(
        summary="Synchronize the rules",
        description="As a job; while one is active, that one is answered, and 409 where it is "
        "somebody else's that the caller may not see.",
        request=None,
        responses={202: JobAnswerSerializer, **ERRORS(401, 403, 409)},
    )
    def post(self, request: SignedInRequest) -> Response:
        job = actions.request_sync(by=request.user)
        if not Job.objects.visible_to(request.user).filter(pk=job.pk).exists():
            raise JobRefused("Somebody else synchronizes the rules just now.")
        return Response(started(job, "Synchronization started"), status=202)


class RuleSyncReportView(APIView):
    scope = "rules"

    @extend_schema(
        summary="Read what a synchronization came to",
        description="Of the job that synchronized, once it is completed: rules by name.",
        parameters=[KEY],
        responses={200: SyncReportSerializer, **ERRORS(401, 403, 404, 409)},
    )
    def get(self, request: SignedInRequest, key: str) -> Response:
        job = job_of(request, key)
        if job.work != actions.SYNC:
            raise NoSuch("Job", key)
        if job.status != Job.Status.COMPLETED:
            raise JobRefused(f"The synchronization is {job.status}")
        failed = [{"name": name, "reason": reason} for name, reason in job.result["failed"]]
        return Response(SyncReportSerializer(job.result | {"failed": failed}).data)


class RuleScheduleView(APIView):
    scope = "rules"

    @extend_schema(
        summary="Tell how often the rules are synchronized",
        description="And when that was last done by itself.",
        responses={200: PlanSerializer, **ERRORS(401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        require(request.user, "config", "read")
        return Response(PlanSerializer(SyncPlan.current()).data)

    @extend_schema(
        summary="Choose how often the rules are synchronized",
        description="The jobs are the caller's, as long as they may configure the site.",
        request=PlanSerializer,
        responses={200: PlanSerializer, **ERRORS(400, 401, 403)},
    )
    def put(self, request: SignedInRequest) -> Response:
        require(request.user, "config", "mod")
        asked = PlanSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        plan = actions.plan_sync(asked.validated_data["interval"], by=request.user)
        return Response(PlanSerializer(plan).data)
