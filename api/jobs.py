"""Jobs for programs: how far they are, what they did, what they found."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from api.errors import NotFound
from api.schema import ERRORS, SignedInRequest
from jobs.actions import Refused
from jobs.models import Job
from releases.actions import told
from releases.metadata import Problem


class JobStatusSerializer(serializers.Serializer[Job]):
    job_id = serializers.IntegerField(source="pk")
    status = serializers.CharField()
    progress = serializers.IntegerField()
    stage = serializers.CharField()
    bytes_done = serializers.IntegerField(help_text="Of the stage.")
    bytes_total = serializers.IntegerField(help_text="0 where a stage is not counted in bytes.")
    rate = serializers.IntegerField(help_text="Bytes per second; 0 where nothing moves.")
    eta = serializers.IntegerField(
        source="eta_s", allow_null=True, help_text="Seconds until the stage ends, if known."
    )
    message = serializers.SerializerMethodField()

    def get_message(self, job: Job) -> str:
        return job.error or str(job.get_status_display())


class LineSerializer(serializers.Serializer[Any]):
    timestamp = serializers.DateTimeField(source="at")
    level = serializers.CharField()
    message = serializers.CharField()


class LogsSerializer(serializers.Serializer[Any]):
    logs = LineSerializer(many=True)


class AnalysisSerializer(serializers.Serializer[Any]):
    format = serializers.CharField(help_text="The real type, from the content.")
    extension = serializers.CharField(help_text="What the name says that it is.")
    metadata = serializers.DictField()
    sources = serializers.DictField(
        child=serializers.CharField(), help_text="Where in the file each field stood."
    )
    mediainfo = serializers.DictField()
    structure = serializers.DictField()
    cover = serializers.BooleanField(help_text="Whether the file has a cover.")
    drm = serializers.CharField(help_text="The kind of protection; empty where there is none.")
    encrypted = serializers.BooleanField()
    valid = serializers.BooleanField()
    problems = serializers.ListField(child=serializers.CharField())


def job_of(request: SignedInRequest, pk: int) -> Job:
    job = Job.objects.visible_to(request.user).filter(pk=pk).first()
    if job is None:
        raise NotFound("Job", pk)
    return job


class JobStatusView(APIView):
    @extend_schema(
        summary="How far a job is", responses={200: JobStatusSerializer, **ERRORS(401, 404)}
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        return Response(JobStatusSerializer(job_of(request, pk)).data)


class JobLogsView(APIView):
    @extend_schema(
        summary="What a job did",
        parameters=[
            OpenApiParameter(
                "since", str, description="Only lines later than this time (ISO 8601)."
            )
        ],
        responses={200: LogsSerializer, **ERRORS(400, 401, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        lines = job_of(request, pk).lines.all()
        if since := request.query_params.get("since"):
            lines = lines.filter(at__gt=moment(since))
        return Response(LogsSerializer({"logs": lines}).data)


def moment(text: str) -> Any:
    """Return the time that an ISO 8601 text names; a space is how a URL spells a plus."""
    return serializers.DateTimeField().run_validation(text.replace(" ", "+"))


class JobAnalysisView(APIView):
    @extend_schema(
        summary="What the analysis of a file found",
        responses={200: AnalysisSerializer, **ERRORS(401, 404, 409)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk, work="analysis")
        if job.status != Job.Status.COMPLETED:
            raise Refused(f"The analysis is {job.status}")
        return Response(as_documented(job.result))


def as_documented(result: dict[str, Any]) -> dict[str, Any]:
    """Return an analysis in the shape of the reference: one author, files by name."""
    metadata = dict(result["metadata"])
    if authors := metadata.get("authors"):
        metadata["author"] = " & ".join(authors)
    return result | {
        "metadata": metadata,
        "structure": {"files": [entry["path"] for entry in result["structure"]]},
        "problems": [told(Problem.from_json(found)) for found in result["problems"]],
    }
