"""The nine steps for programs: the same drafts, forms and actions as the pages."""

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import require
from api.errors import NotFound
from api.idempotency import IDEMPOTENCY_KEY, idempotent
from api.schema import ERRORS, JobAnswerSerializer, SignedInRequest, example
from drafts import actions
from drafts.models import Draft
from drafts.pages import PROGRAM, Page
from drafts.steps import BY_KEY, BY_NUMBER, STEPS, Step
from jobs.models import Job
from releases.actions import receive_source, request_analysis
from releases.models import Source
from releases.uploads import Received

DRAFT = OpenApiParameter("job_id", int, description="Number of the draft.")
METADATA_STEP = BY_KEY["enrichment"].number
STEPS_TAKE = """Keeps the answers on a draft: the same that the wizard's pages show.

`job_id` is the draft's number: another sequence than the jobs of workers, which `pack` and
`step/5/analyze` answer. Fields of other steps found in `data` are saved with them; what is left
out keeps its answer, or gets what a page would propose.

""" + "\n".join(
    f"- step {step.number}: "
    + (", ".join(f"`{name}`" for name in step.form.base_fields) or "nothing to answer")
    for step in STEPS
)
EBOOK_ANSWERS = {"group": "TESTGROUP"}
HANDLE = "0b4e8a52-6f0f-4a53-9d0f-2f7a3f2f8f10"
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def draft_of(request: SignedInRequest, number: int | str | None) -> Draft:
    """Return the draft `number` of the caller, or a new unsaved one where there is no number.

    Raises:
        NotFound: it is not the caller's, or does not exist.
    """
    if number is None:
        return Draft(owner=request.user)
    found = Draft.objects.visible_to(request.user)
    is_number = re.fullmatch("[0-9]{1,18}", str(number))
    draft = found.filter(pk=number).first() if is_number else None
    if draft is None:
        raise NotFound("Draft", number)
    draft.owner = request.user  # whose rights are known already
    return draft


def step_numbered(number: int) -> Step:
    if number not in BY_NUMBER:
        raise NotFound("Step", number)
    return BY_NUMBER[number]


class ValidSerializer(serializers.Serializer[Any]):
    valid = serializers.BooleanField()
    errors = serializers.ListField(  # type: ignore[assignment]  # a field of that name
        child=serializers.CharField()
    )


@example({"data": {"group": "TESTGROUP"}}, "Group")
class SaveSerializer(serializers.Serializer[Any]):
    job_id = serializers.IntegerField(
        required=False, help_text="Number of the draft; without it a new one is begun."
    )
    data = serializers.DictField(help_text="The fields of the step, and of others if wanted.")  # type: ignore[assignment]


@example({"job_id": 123, "message": "Progress saved"})
class SavedSerializer(serializers.Serializer[Any]):
    job_id = serializers.IntegerField(help_text="Number of the draft.")
    message = serializers.CharField()


@example({"step": 1, "data": {"group": "TESTGROUP"}})
class StepDataSerializer(serializers.Serializer[Any]):
    step = serializers.IntegerField()
    data = serializers.DictField()  # type: ignore[assignment]


class ValidateStepView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Check the answers to a step",
        description="Keeps nothing. Answers 200 either way: `errors` are sentences for a person.",
        parameters=[DRAFT],
        request=OpenApiTypes.OBJECT,
        responses={200: ValidSerializer, **ERRORS(400, 401, 403, 404)},
        examples=[
            OpenApiExample("Group", EBOOK_ANSWERS, request_only=True),
            OpenApiExample("Valid", {"valid": True, "errors": []}, response_only=True),
        ],
    )
    def post(self, request: SignedInRequest, step: int) -> Response:
        require(request.user, "releases", "write")
        asked = mapping(request.data)
        number = asked.get("job_id", request.query_params.get("job_id"))
        draft = draft_of(request, number)
        answers = asked["data"] if isinstance(asked.get("data"), dict) else asked
        form = actions.bound_form(draft, step_numbered(step), flattened(answers))
        errors = [str(error) for found in form.errors.values() for error in found]
        return Response({"valid": not errors, "errors": errors})


def mapping(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ValidationError({"non_field_errors": ["An object of fields is expected."]})
    return data


class SaveStepView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Save the answers to a step",
        description=STEPS_TAKE,
        request=SaveSerializer,
        responses={200: SavedSerializer, **ERRORS(400, 401, 403, 404, 409)},
    )
    def post(self, request: SignedInRequest, step: int) -> Response:
        asked = SaveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        asked_step = step_numbered(step)
        number = asked.validated_data.get("job_id")
        with transaction.atomic():
            if number is None:
                draft = actions.start_draft(by=request.user)
            else:
                draft = draft_of(request, number)
            save(draft, asked_step, asked.validated_data["data"])
        return Response({"job_id": draft.pk, "message": "Progress saved"})


def save(draft: Draft, asked: Step, data: Mapping[str, Any]) -> None:
    """Save the step asked for, and every other step that `data` has fields of."""
    flat = flattened(data)
    for step in STEPS:
        if step != asked and not set(flat) & set(step.form.base_fields):
            continue
        form = actions.completed_form(draft, step, flat)
        if not form.is_valid():
            raise ValidationError({name: [*map(str, found)] for name, found in form.errors.items()})
        actions.record_answers(draft, step, form.answers(), page=Page(PROGRAM, draft.version))


def flattened(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return `data` with the fields of its `metadata` beside the others."""
    metadata = data.get("metadata", {})
    return {name: value for name, value in data.items() if name != "metadata"} | mapping(metadata)


class StepDataView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Read the saved answers to a step",
        description="Without `job_id`, those of the latest draft.",
        parameters=[DRAFT],
        responses={200: StepDataSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, step: int) -> Response:
        number = request.query_params.get("job_id")
        if number is None:
            draft = Draft.objects.visible_to(request.user).newest_first().first() or Draft()
        else:
            draft = draft_of(request, number)
        kept = draft.answers.get(step_numbered(step).key, {})
        shaped = {"metadata": draft.metadata} if step == METADATA_STEP else kept
        return Response({"step": step, "data": shaped})


@example({"file": "book.epub"})
class UploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField()


@example({"file_path": HANDLE, "size": 5242880, "sha256": SHA256})
class UploadedSerializer(serializers.Serializer[Source]):
    file_path = serializers.CharField(source="handle", help_text="A handle, for step 4.")
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


class CannotReceive(APIException):
    """There is no room for the file."""

    status_code = 507


class UploadView(APIView):
    scope = "releases"
    parser_classes = [MultiPartParser]

    @extend_schema(
        summary="Send a file",
        description="Whole, in one request: large ones go by `/uploads`. It is examined first.",
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": UploadSerializer},
        responses={201: UploadedSerializer, **ERRORS(400, 401, 403, 409, 422, 507)},
    )
    @idempotent()
    def post(self, request: SignedInRequest) -> Response:
        require(request.user, "releases", "write")
        file = request.FILES.get("file")
        if refusal := getattr(request._request, "upload_refusal", ""):
            raise CannotReceive(refusal)
        if not isinstance(file, Received):
            raise ValidationError({"file": ["A file is expected, as multipart/form-data."]})
        source = receive_source(file, by=request.user)
        return Response(UploadedSerializer(source).data, status=201)


@example({"file_path": HANDLE, "release_type": "EBOOK"})
class AnalyseSerializer(serializers.Serializer[Any]):
    file_path = serializers.UUIDField(help_text="What the upload answered.")
    release_type = serializers.CharField(required=False)


class AnalyseView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Analyse a file",
        description="As a job; `jobs/{id}/analysis` answers what it found.",
        request=AnalyseSerializer,
        responses={202: JobAnswerSerializer, **ERRORS(400, 401, 403, 404)},
    )
    def post(self, request: SignedInRequest) -> Response:
        asked = AnalyseSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        handle = asked.validated_data["file_path"]
        source = Source.objects.visible_to(request.user).filter(handle=handle).first()
        if source is None:
            raise NotFound("File", handle)
        job = request_analysis(source, by=request.user)
        return Response(started(job, "Analysis started"), status=202)


def started(job: Job, message: str) -> dict[str, Any]:
    """Describe a job just queued: to the client it is running, as the reference says."""
    return {"job_id": job.pk, "status": "running", "message": message}
