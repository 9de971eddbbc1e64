"""One job for programs: read it, cancel it, run it again, forget it."""

import re
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from api.errors import NotFound
from api.schema import ERRORS, SignedInRequest, example
from jobs import actions
from jobs.listing import without_query
from jobs.models import Job

MOST_LINES = 500
"""Of a log that is told as one text."""
JOB = {
    "id": 124,
    "uuid": "0b9c1e0e-6f0f-4c3c-9a51-6a4f2f1d7a55",
    "release_id": 1,
    "kind": "pack",
    "status": "completed",
    "progress": 100,
    "stage": "publish",
    "eta": None,
    "error": "",
    "hint": "",
    "config_json": {"release_id": 1},
    "created_at": "2025-11-01T10:00:00Z",
    "started_at": "2025-11-01T10:00:01Z",
    "finished_at": "2025-11-01T10:00:31Z",
    "created_by": 1,
}
KEY = OpenApiParameter(
    "key",
    str,
    OpenApiParameter.PATH,
    description="The number of the job, or its UUID.",
)


class JobKey:
    """The number of a job in an address, or its UUID."""

    regex = "[0-9]{1,18}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"

    def to_python(self, text: str) -> str:
        return text

    def to_url(self, key: object) -> str:
        return str(key)


class JobSerializer(serializers.Serializer[Job]):
    id = serializers.IntegerField()
    uuid = serializers.UUIDField()
    release_id = serializers.SerializerMethodField()
    kind = serializers.CharField(source="work")
    status = serializers.ChoiceField(Job.Status.choices)
    progress = serializers.IntegerField(help_text="0 to 100, of the stage.")
    stage = serializers.CharField(allow_blank=True, help_text="What it is at; empty at first.")
    eta = serializers.IntegerField(
        source="eta_s", allow_null=True, help_text="Seconds until the stage ends, if known."
    )
    error = serializers.CharField(allow_blank=True, help_text="Why it failed.")
    hint = serializers.CharField(allow_blank=True, help_text="What to do about that.")
    config_json = serializers.SerializerMethodField(help_text="What it was asked to do.")
    created_at = serializers.DateTimeField(source="queued_at")
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    created_by = serializers.IntegerField(source="by_id", help_text="Number of the user.")

    def get_release_id(self, job: Job) -> int | None:
        return release_of(job)

    def get_config_json(self, job: Job) -> dict[str, Any]:
        return shown(job.arguments)


@example(JOB | {"logs": "Packaging started\nPackaging completed"})
class JobDetailSerializer(JobSerializer):
    logs = serializers.SerializerMethodField(
        help_text=f"Its last {MOST_LINES} lines; the first tells where there are more."
    )

    def get_logs(self, job: Job) -> str:
        return log_text(job)


@example({"job_id": 125, "status": "pending"})
class JobRerunSerializer(serializers.Serializer[Job]):
    job_id = serializers.IntegerField(source="pk")
    status = serializers.CharField()


@example({"job_id": 124, "status": "cancelled", "message": "The job is cancelled"})
class JobCancelledSerializer(serializers.Serializer[Any]):
    job_id = serializers.IntegerField()
    status = serializers.CharField()
    message = serializers.CharField()


def release_of(job: Job) -> int | None:
    """Return the number of the release that `job` is about, if it is about one."""
    found = re.match("release:([0-9]+)", job.subject)
    return int(found[1]) if found else None


def shown(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a job without the keys that addresses may hold."""
    url = arguments.get("url")
    return arguments | ({"url": without_query(url)} if isinstance(url, str) else {})


def log_text(job: Job) -> str:
    newest = list(job.lines.order_by("-pk")[: MOST_LINES + 1])
    lines = [line.message for line in reversed(newest[:MOST_LINES])]
    if len(newest) > MOST_LINES:
        lines.insert(0, f"[The last {MOST_LINES} lines; /api/jobs/{job.pk}/logs has all]")
    return "\n".join(lines)


def job_of(request: SignedInRequest, key: str) -> Job:
    """Return the job of a number or a UUID.

    Raises:
        NotFound: it is somebody else's, or does not exist.
    """
    which = {"pk": int(key)} if key.isdecimal() else {"uuid": UUID(key)}
    job = Job.objects.visible_to(request.user).filter(**which).first()
    if job is None:
        raise NotFound("Job", key)
    return job


class JobView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Read a job",
        description="How far it is and what it was asked to do, with the end of its log. The job "
        "of somebody else is as if there were none, unless one is an administrator.",
        parameters=[KEY],
        responses={200: JobDetailSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, key: str) -> Response:
        return Response(JobDetailSerializer(job_of(request, key)).data)

    @extend_schema(
        summary="Forget a job",
        description="Deletes the job and its log; what it made stays. Only one that is over, and "
        "that neither the history of a release nor an unpacked draft needs.",
        parameters=[KEY],
        responses={204: None, **ERRORS(401, 403, 404, 409)},
    )
    def delete(self, request: SignedInRequest, key: str) -> Response:
        actions.delete_job(job_of(request, key), by=request.user)
        return Response(status=204)


class JobRerunView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Run a job again",
        description="Queues what a failed or cancelled job was to do as a new job, and answers "
        "that one's number. It belongs to whom the first belonged to, whoever asks.",
        parameters=[KEY],
        request=None,
        responses={202: JobRerunSerializer, **ERRORS(401, 403, 404, 409)},
    )
    def post(self, request: SignedInRequest, key: str) -> Response:
        again = actions.rerun_job(job_of(request, key), by=request.user)
        return Response(JobRerunSerializer(again).data, status=202)


class JobCancelView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Cancel a job",
        description="At once while it waits (`cancelled`); one that runs stops at its next step: "
        "its status is `running` until then.",
        parameters=[KEY],
        request=None,
        responses={202: JobCancelledSerializer, **ERRORS(401, 403, 404, 409)},
    )
    def post(self, request: SignedInRequest, key: str) -> Response:
        job = job_of(request, key)
        actions.cancel_job(job, by=request.user)
        job.refresh_from_db()
        is_over = job.status == Job.Status.CANCELLED
        message = "The job is cancelled" if is_over else "The job stops at its next step"
        answer = {"job_id": job.pk, "status": job.status, "message": message}
        return Response(JobCancelledSerializer(answer).data, status=202)
