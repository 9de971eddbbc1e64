"""Every error in one shape: ``{"error": …, "message": …, "errors": {…}?}``."""

from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from drafts.actions import Packed, Unfinished
from enrichment.actions import Taken
from jobs.actions import Refused as JobRefused
from releases.actions import Duplicated, Refused, TemplateConflict, WrongField, told
from rulebook.actions import RuleConflict

NAMES = {
    400: "ValidationError",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    408: "RequestTimeout",
    409: "Conflict",
    412: "PreconditionFailed",
    413: "PayloadTooLarge",
    415: "UnsupportedMediaType",
    422: "UnprocessableEntity",
    423: "Locked",
    429: "RateLimited",
    460: "ChecksumMismatch",
    507: "InsufficientStorage",
}


class NotFound(exceptions.NotFound):
    """Names what was not found, e.g. ``Release with id 999 not found``."""

    def __init__(self, noun: str, key: object) -> None:
        super().__init__(f"{noun} with id {key} not found")


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer `error` in our shape; None lets Django answer 500."""
    if isinstance(error, Unfinished):
        steps = {str(step.number): found for step, found in error.unfinished.items()}
        return failure(422, str(error), steps)
    if isinstance(
        error, Duplicated | Packed | Taken | TemplateConflict | RuleConflict | JobRefused
    ):
        return duplicated(error) if isinstance(error, Duplicated) else failure(409, str(error))
    if isinstance(error, WrongField):
        return failure(400, str(error), {error.field: [str(error)]})
    if isinstance(error, Refused):
        violations = {violation.id: [told(violation)] for violation in error.violations}
        return failure(422, str(error), violations)
    if isinstance(error, RequestDataTooBig):
        return failure(413, "The body is too large: send less at once.")
    answered = exception_handler(error, context)
    return answered and as_ours(answered, error)


def duplicated(error: Duplicated) -> Response:
    """Tell each release that stands already: its number and name where the client may see it."""
    answer = failure(409, str(error), {"duplicates": [str(one) for one in error.duplicates]})
    answer.data["duplicates"] = [
        {
            "kind": one.kind,
            "verdict": one.verdict,
            "release": one.release and {"id": one.release.pk, "name": one.release.name},
            "message": one.sentence,
            "fix": one.fix,
        }
        for one in error.duplicates
    ]
    answer.data["may_confirm"] = error.may_confirm
    return answer


def as_ours(answered: Response, error: Exception) -> Response:
    """Return DRF's answer in our shape, with its headers."""
    fields: dict[str, Any] = {}
    if isinstance(error, exceptions.ValidationError) and isinstance(answered.data, dict):
        fields = flat(answered.data)
    ours = failure(answered.status_code, message(error, fields), fields)
    for name in ("WWW-Authenticate", "Retry-After", "Allow"):
        if name in answered:
            ours[name] = answered[name]
    return ours


def flat(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the errors of nested objects beside the others, by the name of their field."""
    nested = [inner for inner in fields.values() if isinstance(inner, dict)]
    plain = {name: found for name, found in fields.items() if not isinstance(found, dict)}
    return plain | {name: found for inner in nested for name, found in flat(inner).items()}


def message(error: Exception, fields: dict[str, Any]) -> str:
    if fields:
        name, first = next(iter(fields.items()))
        sentence = str(first[0] if isinstance(first, list) else first)
        return sentence if name == "non_field_errors" else f"{name}: {sentence}"
    if isinstance(error, PermissionDenied | Http404):
        return str(error) or type(error).__name__
    if isinstance(error, exceptions.AuthenticationFailed):
        return "Invalid or expired token"
    return str(getattr(error, "detail", error))


def failure(status: int, message: str, errors: dict[str, Any] | None = None) -> Response:
    body: dict[str, Any] = {"error": NAMES.get(status, "InternalServerError"), "message": message}
    return Response(body | ({"errors": errors} if errors else {}), status=status)


class NowhereView(APIView):
    """Answers addresses that the API does not have, in the shape of its other errors."""

    permission_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound(f"There is nothing at {request.path}")
