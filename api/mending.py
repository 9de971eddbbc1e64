"""What changes a release that is packed, for programs: each can be looked at first."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    extend_schema,
)
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from api.flags import flag
from api.idempotency import IDEMPOTENCY_KEY, idempotent
from api.mending_bodies import (
    DRY_RUN,
    LOOK,
    DirFixSerializer,
    LookedAtSerializer,
    MendedSerializer,
    NfoFixSerializer,
    ReadNfoSerializer,
    RepackSerializer,
    UndoSerializer,
    either,
    shown,
)
from api.packages import asks_for_compression, columns_of
from api.releases import visible
from api.schema import ERRORS, JobAnswerSerializer, SignedInRequest
from api.strict import StrictSerializer
from api.wizard import started
from jobs.models import Job
from jobs.queue import run_here
from releases.actions import NothingToChange, Refused, ReleaseConflict, mending
from releases.models import NfoTemplate, Release

MOST_BYTES_AT_ONCE = 200_000_000
"""A larger release is built again by a worker: that takes longer than one waits for an answer."""
UNCOMPRESSED = "Nothing is compressed: volumes are stored, as the rules ask."
AT_WORK = "409 where a job is at work on it, or it is not packed; 422 where it cannot be done."


class RepackView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Repack a release",
        description="Builds the same file again: as it was, with what was edited, or with other "
        f"options. The old package stays until the new one is verified. {AT_WORK}",
        parameters=[DRY_RUN, IDEMPOTENCY_KEY],
        request=RepackSerializer,
        responses={
            200: either("RepackAnswer", JobAnswerSerializer),
            **ERRORS(400, 401, 403, 404, 409, 422),
        },
        examples=shown(job_id=126, status="running", message="Repackaging started"),
    )
    @idempotent()
    def post(self, request: SignedInRequest, pk: int) -> Response:
        release = visible(request, pk)
        asked = options_of(request, RepackSerializer)
        options = repack_options(request, release, asked)
        if not flag(request, "dry_run"):
            job = applied(request, "repack", release, asked, options)
            return Response(started(job, "Repackaging started"))
        answer = looked_at(request, "repack", release, asked, options)
        answer["remarks"] += [UNCOMPRESSED] if asks_for_compression(asked) else []
        return Response(answer)


class ReadNfoView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Read the NFO of a release anew",
        description="Takes what the NFO in the folder says for the metadata, and builds the "
        f"release again from it. {AT_WORK}",
        parameters=[DRY_RUN],
        request=ReadNfoSerializer,
        responses={
            200: either("ReadNfoAnswer", JobAnswerSerializer),
            **ERRORS(400, 401, 403, 404, 409, 422),
        },
        examples=shown(job_id=127, status="running", message="Regeneration from NFO started"),
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        release = visible(request, pk)
        asked = options_of(request, ReadNfoSerializer)
        options = without_fix(asked)
        if flag(request, "dry_run"):
            return Response(looked_at(request, "readnfo", release, asked, options))
        job = applied(request, "readnfo", release, asked, options)
        return Response(started(job, "Regeneration from NFO started"))


class NfoFixView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Mend the NFO of a release",
        description="Encoding, line ends, width, missing fields and placeholders, in the NFO and "
        "in every volume that holds it. It is done when the answer comes, but for releases above "
        f"200 million bytes: these are mended by a job, and the answer is 202. {AT_WORK}",
        parameters=[DRY_RUN],
        request=NfoFixSerializer,
        responses={
            200: either("NfoFixAnswer", MendedSerializer),
            202: JobAnswerSerializer,
            **ERRORS(400, 401, 403, 404, 409, 422),
        },
        examples=shown(message="NFO fixed", changes=["All lines end in CR and LF."], job_id=128),
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        asked = options_of(request, NfoFixSerializer)
        return mended(request, "nfofix", visible(request, pk), asked, "NFO fixed")


class DirFixView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Mend the folder of a release",
        description="Brings names and layout to the rule; SFV and DIZ follow, and what was there "
        "is kept. It is done when the answer comes, but for releases above 200 million bytes: "
        f"these are mended by a job, and the answer is 202. {AT_WORK}",
        parameters=[DRY_RUN],
        request=DirFixSerializer,
        responses={
            200: either("DirFixAnswer", MendedSerializer),
            202: JobAnswerSerializer,
            **ERRORS(400, 401, 403, 404, 409, 422),
        },
        examples=shown(
            message="Directory structure fixed",
            changes=["x.txt is no part of the release: it is left out."],
            job_id=129,
        ),
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        asked = options_of(request, DirFixSerializer)
        return mended(request, "dirfix", visible(request, pk), asked, "Directory structure fixed")


class UndoView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Take back a change of a release",
        description="Puts back files and data as they were before a revision; later revisions go "
        "with it, and what was edited for it waits again. 409 where nothing is to be taken back.",
        parameters=[DRY_RUN],
        request=UndoSerializer,
        responses={
            200: LookedAtSerializer,
            202: JobAnswerSerializer,
            **ERRORS(400, 401, 403, 404, 409, 422),
        },
        examples=[
            LOOK,
            OpenApiExample(
                "Started",
                {"job_id": 130, "status": "running", "message": "Undo started"},
                response_only=True,
                status_codes=["202"],
            ),
        ],
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        release = visible(request, pk)
        body = UndoSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        number = body.validated_data.get("revision")
        if flag(request, "dry_run"):
            return Response(told(mending.propose_undo(release, by=request.user, number=number)))
        job = mending.undo_revision(release, by=request.user, number=number)
        return Response(started(job, "Undo started"), status=202)


def options_of(request: SignedInRequest, kind: type[StrictSerializer]) -> dict[str, Any]:
    body = kind(data=request.data)
    body.is_valid(raise_exception=True)
    given: dict[str, Any] = dict(body.validated_data.get("options") or {})
    return given


def repack_options(
    request: SignedInRequest, release: Release, asked: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what `asked` says, as the operation takes it.

    Raises:
        ValidationError: there is no such template.
    """
    options = columns_of(release, asked)
    if "metadata" in asked:
        options["metadata"] = asked["metadata"]
    if key := asked.get("template_id"):
        if not NfoTemplate.objects.visible_to(request.user).filter(pk=key).exists():
            raise ValidationError({"template_id": [f"Template with id {key} not found"]})
        options["template"] = key
    return options


def without_fix(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if name != "fix"}


def looked_at(
    request: SignedInRequest,
    operation: str,
    release: Release,
    asked: Mapping[str, Any],
    options: Mapping[str, Any],
) -> dict[str, Any]:
    return told(
        mending.propose(
            operation,
            release,
            by=request.user,
            options=options,
            writes_fix=asked.get("fix", False),
        )
    )


def told(proposal: mending.Proposal) -> dict[str, Any]:
    """Describe what would change.

    Raises:
        Refused: it cannot be done.
    """
    if proposal.refused:
        raise proposal.refused
    return {
        "dry_run": True,
        "changes": proposal.told(),
        "diff": proposal.diff,
        "remarks": [str(remark) for remark in proposal.remarks],
    }


def applied(
    request: SignedInRequest,
    operation: str,
    release: Release,
    asked: Mapping[str, Any],
    options: Mapping[str, Any],
) -> Job:
    return mending.apply(
        operation,
        release,
        by=request.user,
        options=options,
        writes_fix=asked.get("fix", False),
        at_once=operation in AT_ONCE and release.size <= MOST_BYTES_AT_ONCE,
    )


AT_ONCE = {"nfofix", "dirfix"}
"""What is documented to be done when the answer comes."""


def mended(
    request: SignedInRequest, operation: str, release: Release, asked: Mapping[str, Any], said: str
) -> Response:
    """Do `operation` while the client waits, or tell what it would change."""
    options = without_fix(asked)
    if flag(request, "dry_run"):
        return Response(looked_at(request, operation, release, asked, options))
    try:
        job = applied(request, operation, release, asked, options)
    except NothingToChange as nothing:
        return Response({"message": str(nothing), "changes": []})
    if release.size <= MOST_BYTES_AT_ONCE:
        job = run_here(job)
    if not job.is_over:  # it is large, or a worker was faster: that one goes on
        return Response(started(job, "Mending started"), status=202)
    return Response({"message": said, "changes": changes_by(job, release), "job_id": job.pk})


def changes_by(job: Job, release: Release) -> list[str]:
    """Return what a job that is over has changed.

    Raises:
        ReleaseConflict: somebody cancelled it.
        Refused: it failed.
    """
    if job.status == Job.Status.CANCELLED:
        raise ReleaseConflict("The job was cancelled: nothing was changed.")
    if job.status == Job.Status.FAILED:
        raise Refused(job.error)
    revision = release.revisions.only("changes").get(number=job.result["revision"])
    return [str(change) for change in mending.restored(revision.changes)]
