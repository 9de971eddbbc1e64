"""Resumable uploads: tus 1.0 with creation, checksum, expiration and termination."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import http_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
    extend_schema,
)
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.system import system
from api import tus
from api.authentication import Bearer
from api.errors import NotFound, failure
from api.idempotency import IDEMPOTENCY_KEY, idempotent
from api.schema import ERRORS, SignedInRequest
from api.streamed import body_of
from drafts import queueing
from drafts.models import Draft
from releases.actions import uploads
from releases.models import Source, Upload
from releases.models.upload import UploadQuerySet
from releases.uploads import Cut

STATUSES: dict[type[Exception], int] = {
    Cut: 408,
    uploads.Elsewhere: 409,
    uploads.TooLarge: 413,
    uploads.Held: 423,
    uploads.Corrupt: 460,
    uploads.NoRoom: 507,
}
CREATION = """Makes room for a file; its bytes are sent by PATCH to the `Location` answered.

The protocol is tus 1.0 (https://tus.io) with creation, checksum, expiration and termination. In
`Upload-Metadata` the key `filename` is the name of the file; `draft` may be the UUID of a draft of
yours, whose rule the file must suit then; with `further` beside it the file becomes a draft of its
own, answered like that one. OPTIONS tells the limits.
"""
ADDITION = """Adds bytes at `Upload-Offset`, which is where those that arrived end: ask by HEAD.

A body that is cut short is kept as far as it came. Whole, the file is examined, and step 4 takes
the last part of its address as `file_path`. Statuses of note: 409 the bytes belong elsewhere, 423
another connection adds to it, 460 they lack their checksum, 422 the whole file is refused.
"""


def header(name: str, about: str, *, required: bool = True, kind: Any = str) -> OpenApiParameter:
    return OpenApiParameter(
        name, kind, OpenApiParameter.HEADER, required=required, description=about
    )


RESUMABLE = header("Tus-Resumable", f"`{tus.VERSION}`")


class TusView(APIView):
    """What all answers of the protocol share. Pages come with their session, programs with JWT."""

    scope = "releases"
    authentication_classes = [Bearer, SessionAuthentication]

    def get_permissions(self) -> Any:
        return [AllowAny()] if self.request.method == "OPTIONS" else super().get_permissions()

    def initial(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]  # behind the permission
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != tus.VERSION:
            raise tus.WrongVersion

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Tell what is understood here, and the largest file."""
        return Response(
            status=204,
            headers={
                "Tus-Version": tus.VERSION,
                "Tus-Extension": ",".join(tus.EXTENSIONS),
                "Tus-Checksum-Algorithm": ",".join(uploads.CHECKSUMS),
                "Tus-Max-Size": str(system().max_file_bytes),
            },
        )

    def handle_exception(self, error: Exception) -> Response:
        status = STATUSES.get(type(error))
        if status is None:
            return super().handle_exception(error)
        answer = failure(status, str(error))
        answer.exception = True
        return answer

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        final["Tus-Resumable"] = tus.VERSION
        final["Cache-Control"] = "no-store"
        if final.status_code == tus.WrongVersion.status_code:
            final["Tus-Version"] = tus.VERSION
        return final


class UploadsView(TusView):
    @extend_schema(
        summary="Begin a resumable upload",
        description=CREATION,
        parameters=[
            RESUMABLE,
            header("Upload-Length", "Bytes of the whole file.", kind=int),
            header("Upload-Metadata", "Keys with values in base64, e.g. `filename Ym9vay5lcHVi`."),
            IDEMPOTENCY_KEY,
        ],
        request=None,
        responses={
            201: OpenApiResponse(description="`Location` is where the bytes are sent."),
            **ERRORS(400, 401, 403, 404, 409, 412, 413, 422, 507),
        },
    )
    @idempotent("Upload-Length", "Upload-Metadata")
    def post(self, request: SignedInRequest) -> Response:
        size = tus.whole_number("Upload-Length", request.headers.get("Upload-Length"))
        told = tus.metadata(request.headers.get("Upload-Metadata", ""))
        upload = uploads.begin_upload(
            told.get("filename", ""), size, by=request.user, subject=subject(request, told)
        )
        place = reverse("api:resumable-upload", args=[upload.handle])
        return Response(status=201, headers={"Location": place} | progress(upload))


def subject(request: SignedInRequest, told: dict[str, str]) -> str:
    """Return what the file is for: the draft that the metadata names, if they name one.

    Raises:
        NotFound: it is not the caller's, or does not exist.
    """
    if "draft" not in told:
        return ""
    try:
        uuid = UUID(told["draft"])
    except ValueError as error:
        raise ValidationError({"Upload-Metadata": ["draft is no UUID."]}) from error
    draft = Draft.objects.visible_to(request.user).filter(uuid=uuid).first()
    if draft is None:
        raise NotFound("Draft", uuid)
    return draft.further_subject if "further" in told else draft.subject


def progress(upload: Upload) -> dict[str, str]:
    told = {"Upload-Offset": str(upload.received)}
    if expires_at := upload.expires_at:
        told["Upload-Expires"] = http_date(expires_at.timestamp())
    return told


class UploadView(TusView):
    rates = {"PATCH": "upload", "HEAD": "upload"}  # a large file comes in thousands of pieces

    @extend_schema(exclude=True)  # OpenAPI documents of DRF tell nothing of HEAD
    def head(self, request: SignedInRequest, handle: UUID) -> Response:
        """Tell how far an upload is; of a file that is whole, that it is."""
        found = upload_of(request, handle)
        if upload := found.first():
            now = uploads.look_after(upload)
            return Response(headers=described(upload.name, upload.size) | progress(now))
        source = Source.objects.filter(handle=handle, created_by=request.user).first()
        if source is None:
            raise NotFound("Upload", handle)
        whole = {"Upload-Offset": str(source.size)} | ended(source)
        return Response(headers=described(source.name, source.size) | whole)

    @extend_schema(
        summary="Send bytes of a resumable upload",
        description=ADDITION,
        parameters=[
            RESUMABLE,
            header("Upload-Offset", "Where these bytes begin in the file.", kind=int),
            header(
                "Upload-Checksum",
                f"Of these bytes: one of {', '.join(uploads.CHECKSUMS)}, and the digest in base64.",
                required=False,
            ),
        ],
        request={
            tus.CONTENT_TYPE: OpenApiRequest(
                OpenApiTypes.BINARY, examples=[OpenApiExample("Bytes", "(the bytes)")]
            )
        },
        responses={
            204: OpenApiResponse(description="`Upload-Offset` is where the next bytes belong."),
            **ERRORS(400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 423, 460, 507),
        },
    )
    def patch(self, request: SignedInRequest, handle: UUID) -> Response:
        if request.content_type != tus.CONTENT_TYPE:
            raise tus.WrongType
        offset = tus.whole_number("Upload-Offset", request.headers.get("Upload-Offset"))
        checksum = tus.checksum(request.headers.get("Upload-Checksum"))
        upload = upload_of(request, handle).first()
        if upload is None:
            raise NotFound("Upload", handle)
        drafts: list[Draft | None] = []
        source = uploads.append_to_upload(
            upload,
            body_of(request._request),
            offset=offset,
            by=request.user,
            checksum=checksum,
            kept=lambda source: drafts.append(queueing.take_file(upload.subject, source)),
        )
        if source is None:
            return Response(status=204, headers=progress(upload))
        whole = {"Upload-Offset": str(source.size)} | ended(source, *drafts)
        return Response(status=204, headers=whole)

    @extend_schema(
        summary="Give up a resumable upload",
        description="What arrived of it is removed. A file that is whole stays.",
        parameters=[RESUMABLE],
        responses={204: None, **ERRORS(401, 403, 404, 412)},
    )
    def delete(self, request: SignedInRequest, handle: UUID) -> Response:
        upload = upload_of(request, handle).first()
        if upload is None:
            raise NotFound("Upload", handle)
        uploads.abandon_upload(upload)
        return Response(status=204)


def upload_of(request: SignedInRequest, handle: UUID) -> UploadQuerySet:
    return Upload.objects.visible_to(request.user).alive().filter(handle=handle)


def described(name: str, size: int) -> dict[str, str]:
    return {"Upload-Length": str(size), "Upload-Metadata": tus.encoded(filename=name)}


def ended(source: Source, draft: Draft | None = None) -> dict[str, str]:
    """Tell what a whole file has become."""
    told = {"Upload-Source": str(source.handle), "Upload-Sha256": source.sha256}
    return told | ({"Upload-Draft": str(draft.uuid)} if draft else {})
