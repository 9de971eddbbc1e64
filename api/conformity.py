"""How releases keep to their rules, for programs: drafts, releases, and ZIPs of anybody."""

import json
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import require
from api.errors import NotFound
from api.schema import ERRORS, JobAnswerSerializer, SignedInRequest, example
from api.wizard import CannotReceive, draft_of, started
from drafts.conformity import findings_of
from jobs.actions import Refused as JobRefused
from jobs.models import Job
from releases import actions
from releases.conformity import document
from releases.models import Release
from releases.packing.lint import Report, restored
from releases.uploads import Received
from rules.models import Rule

RULE_HELP = "Name of a complete rule of the library; without it, the one that fits best."


class SarifRenderer(JSONRenderer):
    media_type = "application/sarif+json"
    format = "sarif"


REPORT = {
    "version": 1,
    "release": "John.Doe.Example.Book.2024.RETAiL.ePUB.eBook-TESTGROUP",
    "rule": "2022_EBOOK",
    "house_profile": False,
    "summary": "conforms",
    "conforms": True,
    "violations": [],
    "uncertain": [],
    "notes": [],
}
SARIF = {
    "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "packer", "semanticVersion": "1.0.0", "rules": []}},
            "results": [],
        }
    ],
}
REPORTS = {
    (200, form): OpenApiResponse(OpenApiTypes.OBJECT, "The report.", [OpenApiExample("It", told)])
    for form, told in (("application/json", REPORT), (SarifRenderer.media_type, SARIF))
}


class FindingSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    section = serializers.CharField()
    severity = serializers.CharField(
        help_text="structure blocks the packing; eligibility does not."
    )
    message = serializers.CharField()
    fix = serializers.CharField()
    confidence = serializers.CharField(help_text="See docs/specs.md; empty where no rule asks.")
    step = serializers.IntegerField(source="step.number", help_text="To go back to.")


@example(
    {
        "conforms": False,
        "violations": [
            {
                "id": "ebook-2022-7.2",
                "section": "7.2",
                "severity": "structure",
                "message": "The NFO names no publisher.",
                "fix": "Name it in step 6.",
                "confidence": "explicit",
                "step": 6,
            }
        ],
    }
)
class DraftReportSerializer(serializers.Serializer[Any]):
    conforms = serializers.BooleanField()
    violations = FindingSerializer(many=True)


@example({"job_id": 123})
class DraftSerializer(serializers.Serializer[Any]):
    job_id = serializers.IntegerField(help_text="Number of the draft.")


@example({"rule": "2022_EBOOK"})
class CheckSerializer(serializers.Serializer[Any]):
    rule = serializers.CharField(required=False, allow_blank=True, help_text=RULE_HELP)


@example({"file": "releases.zip", "rule": "2022_EBOOK"})
class ZipSerializer(CheckSerializer):
    file = serializers.FileField(help_text="A ZIP that holds one release, or several.")


def rule_of(request: SignedInRequest) -> Rule | None:
    """Return the rule that a body names, if it does."""
    asked = CheckSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    name = asked.validated_data.get("rule", "")
    if not name:
        return None
    rule = Rule.objects.packable().filter(name=name).first()
    if rule is None:
        raise ValidationError({"rule": [f"{name} is no complete rule of the library."]})
    return rule


def answered(request: SignedInRequest, reports: list[Report]) -> Response:
    """Answer `reports` in the form that the request accepts."""
    wanted = getattr(request, "accepted_renderer", None)
    form = "sarif" if isinstance(wanted, SarifRenderer) else "json"
    return Response(json.loads(document(reports, form)))


class DraftConformityView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Report what a draft breaks, and the step that mends it",
        description="The report of step 8. What is of structure blocks the packing.",
        request=DraftSerializer,
        responses={200: DraftReportSerializer, **ERRORS(400, 401, 403, 404, 422)},
    )
    def post(self, request: SignedInRequest) -> Response:
        require(request.user, "releases", "write")
        asked = DraftSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        found = findings_of(draft_of(request, asked.validated_data["job_id"]))
        conforms = not any(one.is_blocking for one in found)
        return Response(DraftReportSerializer({"conforms": conforms, "violations": found}).data)


def release_of(request: SignedInRequest, pk: int) -> Release:
    require(request.user, "releases", "read")
    release = Release.objects.visible_to(request.user).select_related("rule").filter(pk=pk).first()
    if release is None:
        raise NotFound("Release", pk)
    return release


class ReleaseConformityView(APIView):
    scope = "releases"
    renderer_classes = [JSONRenderer, SarifRenderer]

    @extend_schema(
        summary="Read the latest conformity report of a release",
        description="As JSON, or as SARIF 2.1.0: see docs/conformity.md. 404 before any check.",
        responses={**REPORTS, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        release = release_of(request, pk)
        if not release.conformity:
            raise NotFound("Conformity report of the release", pk)
        return answered(request, [restored(release.conformity)])

    @extend_schema(
        summary="Check a release again",
        description="Without `rule`, by its own rule; that report is kept with the release.",
        request=CheckSerializer,
        responses={202: JobAnswerSerializer, **ERRORS(400, 401, 403, 404, 422)},
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        release = release_of(request, pk)
        job = actions.request_check(release, by=request.user, rule=rule_of(request))
        answer = started(job, "Check started")
        return Response(answer, status=202, content_type=JSONRenderer.media_type)


class ConformityView(APIView):
    scope = "releases"
    parser_classes = [MultiPartParser]

    @extend_schema(
        summary="Check the releases in a ZIP",
        description="The ZIP is removed after the check.",
        request={"multipart/form-data": ZipSerializer},
        responses={202: JobAnswerSerializer, **ERRORS(400, 401, 403, 422, 507)},
    )
    def post(self, request: SignedInRequest) -> Response:
        require(request.user, "releases", "write")
        file = request.FILES.get("file")
        if refusal := getattr(request._request, "upload_refusal", ""):
            raise CannotReceive(refusal)
        if not isinstance(file, Received):
            raise ValidationError({"file": ["A ZIP is expected, as multipart/form-data."]})
        job = actions.request_check_of_zip(file, by=request.user, rule=rule_of(request))
        return Response(started(job, "Check started"), status=202)


class ConformityReportView(APIView):
    scope = "releases"
    renderer_classes = [JSONRenderer, SarifRenderer]

    @extend_schema(
        summary="Read the report of a check",
        description="As JSON, or as SARIF 2.1.0. 409 while the check is not over.",
        parameters=[OpenApiParameter("id", int, "path", description="Number of the check's job.")],
        responses={**REPORTS, **ERRORS(401, 403, 404, 409)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        checks = Job.objects.visible_to(request.user).filter(work=actions.CHECKS)
        job = checks.filter(pk=pk).first()
        if job is None:
            raise NotFound("Check", pk)
        if job.status != Job.Status.COMPLETED:
            raise JobRefused(job.error or f"The check is {job.status}")
        return answered(request, [restored(one) for one in job.result["reports"]])
