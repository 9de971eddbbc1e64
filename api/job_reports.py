"""What jobs tell programs: how far they are, their logs, what they found and made."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from api.errors import NotFound
from api.job_list import NUMBER, known, moment
from api.jobs import KEY, job_of, release_of
from api.pagination import number
from api.schema import ERRORS, SignedInRequest, example
from jobs.actions import Refused
from jobs.models import Job, JobLog
from jobs.stages import TURNS
from releases.actions import told
from releases.filters import values
from releases.metadata import Problem
from releases.models import Artifact, Release

MAKES = {"pack", *TURNS}
"""The works that make the files of a release."""
LINES, MOST_LINES = 500, 1000
ANALYSIS = {
    "format": "epub",
    "extension": "epub",
    "metadata": {"title": "Example Book", "author": "John Doe", "year": 2024},
    "sources": {"title": "content.opf"},
    "mediainfo": {"format": "EPUB", "size": 5242880},
    "structure": {"files": ["content.opf", "chapter1.xhtml"]},
    "cover": True,
    "drm": "",
    "encrypted": False,
    "valid": True,
    "problems": [],
}
LINE = {"timestamp": "2025-11-01T10:05:00Z", "level": "INFO", "message": "Packaging started"}
ARTIFACT = {
    "path": "Author.Title.2024.RETAiL.ePUB.eBook-GRP/grp001a.zip",
    "type": "zip",
    "size": 5000000,
    "crc32": "CBF43926",
}


@example(
    {
        "job_id": 124,
        "status": "running",
        "progress": 65,
        "stage": "pack",
        "bytes_done": 3250000,
        "bytes_total": 5000000,
        "rate": 1250000,
        "eta": 2,
        "message": "Running",
    }
)
class JobStatusSerializer(serializers.Serializer[Job]):
    job_id = serializers.IntegerField(source="pk")
    status = serializers.CharField()
    progress = serializers.IntegerField()
    stage = serializers.CharField(allow_blank=True)
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
    level = serializers.ChoiceField(JobLog.Level.choices)
    message = serializers.CharField(allow_blank=True)


@example({"logs": [LINE], "after": 4711, "has_more": False})
class LogsSerializer(serializers.Serializer[Any]):
    logs = LineSerializer(many=True)
    after = serializers.IntegerField(help_text="Number of the last line: what to ask `after`.")
    has_more = serializers.BooleanField(help_text="Whether there are later lines already.")


@example(ANALYSIS)
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


class ArtifactSerializer(serializers.Serializer[Artifact]):
    path = serializers.CharField(help_text="From the releases folder.")
    type = serializers.CharField(source="kind", help_text="E.g. zip, rar, nfo, diz, sfv.")
    size = serializers.IntegerField(help_text="Bytes.")
    crc32 = serializers.CharField(help_text="8 hexadecimal digits.")


@example({"artifacts": [ARTIFACT]})
class ArtifactsSerializer(serializers.Serializer[Any]):
    artifacts = ArtifactSerializer(many=True)


class JobStatusView(APIView):
    scope = "releases"

    @extend_schema(
        summary="How far a job is",
        description="Cheap enough to be asked every second; `/ws/jobs/{id}` tells it unasked.",
        parameters=[KEY],
        responses={200: JobStatusSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, key: str) -> Response:
        return Response(JobStatusSerializer(job_of(request, key)).data)


class JobLogsView(APIView):
    scope = "releases"

    @extend_schema(
        summary="What a job did",
        description="Its lines in the order they were logged. To go on reading, ask for those "
        "`after` the number that the last answer told: nothing is lost then, and nothing comes "
        "twice. `since` a time has the lines of that very time come again.",
        parameters=[
            KEY,
            OpenApiParameter("since", str, description="Only lines of this time or later."),
            OpenApiParameter("after", int, description="Only lines after the one of this number."),
            OpenApiParameter(
                "level",
                str,
                description=f"{', '.join(JobLog.Level.values)}; repeated or comma-separated.",
            ),
            OpenApiParameter(
                "limit", int, description=f"So many lines at most: {LINES}, up to {MOST_LINES}."
            ),
        ],
        responses={200: LogsSerializer, **ERRORS(400, 401, 403, 404)},
    )
    def get(self, request: SignedInRequest, key: str) -> Response:
        job, query = job_of(request, key), request.query_params
        (after,) = map(int, known("after", (query.get("after", "0"),), NUMBER))
        lines = job.lines.filter(pk__gt=after).order_by("pk")
        if since := query.get("since"):
            lines = lines.filter(at__gte=moment("since", since))
        if levels := values(query.getlist("level")):
            lines = lines.filter(level__in=known("level", levels, set(JobLog.Level.values)))
        limit = number(request, "limit", LINES, most=MOST_LINES)
        found = list(lines[: limit + 1])
        told_now = found[:limit]
        answer = {
            "logs": told_now,
            "after": told_now[-1].pk if told_now else after,
            "has_more": len(found) > limit,
        }
        return Response(LogsSerializer(answer).data)


class JobArtifactsView(APIView):
    scope = "releases"

    @extend_schema(
        summary="What a job made",
        description="The files of the release that it packed or mended, as they are now; none "
        "where it made none, or the release may not be seen any more.",
        parameters=[KEY],
        responses={200: ArtifactsSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, key: str) -> Response:
        job = job_of(request, key)
        found = Artifact.objects.none()
        if job.work in MAKES and job.status == Job.Status.COMPLETED:
            seen = Release.objects.visible_to(request.user).filter(pk=release_of(job) or 0)
            found = Artifact.objects.filter(release__in=seen)
        return Response(ArtifactsSerializer({"artifacts": found}).data)


class JobAnalysisView(APIView):
    scope = "releases"

    @extend_schema(
        summary="What the analysis of a file found",
        description="Of a job that analysed one, once it is completed.",
        parameters=[KEY],
        responses={200: AnalysisSerializer, **ERRORS(401, 403, 404, 409)},
    )
    def get(self, request: SignedInRequest, key: str) -> Response:
        job = job_of(request, key)
        if job.work != "analysis":
            raise NotFound("Job", key)
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
