"""Every error in one shape: ``{"error": …, "message": …, "errors": {…}?}``."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from accounts.actions.refusal import Refused as AccountRefused
from accounts.actions.refusal import Taken as AccountTaken
from accounts.actions.refusal import WrongFields as WrongAccount
from accounts.actions.system import InUse
from accounts.actions.tokens import TooManyTokens
from api.failures import FAILURES
from api.plain import TOO_MANY, body_of
from delivery.actions import Taken as DestinationTaken
from delivery.checking import Refused as DestinationRefused
from drafts.actions import Packed, Unfinished
from enrichment.actions import Taken
from jobs.actions import Refused as JobRefused
from notifications.actions import Refused as ChannelRefused
from notifications.actions import Taken as ChannelTaken
from notifications.actions import TooSoon
from releases.actions import (
    Duplicated,
    Refused,
    ReleaseConflict,
    TemplateConflict,
    WrongField,
    WrongFields,
    told,
)
from releases.bucket import RETRY_AFTER_S, StoreAway
from rulebook.actions import RuleConflict

CONFLICTS = (
    AccountTaken,
    ChannelTaken,
    DestinationTaken,
    InUse,
    JobRefused,
    Packed,
    ReleaseConflict,
    RuleConflict,
    Taken,
    TemplateConflict,
    TooManyTokens,
    TooSoon,
)
"""What does not fit what is there already: their messages are for the user."""
MALFORMED = (BadRequest, MultiPartParserError, SuspiciousOperation, UnreadablePostError)


class NotFound(exceptions.NotFound):
    """Names what was not found, e.g. ``Release with id 999 not found``."""

    def __init__(self, noun: str, key: object) -> None:
        super().__init__(f"{noun} with id {key} not found")


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer `error` in our shape; None lets Django answer 500."""
    for kind, answer in ANSWERS:
        if isinstance(error, kind):
            return answer(error)
    answered = exception_handler(error, context)
    return answered and as_ours(answered, error)


def unfinished(error: Unfinished) -> Response:
    steps = {str(step.number): found for step, found in error.unfinished.items()}
    return failure(422, str(error), steps)


def conflicting(error: Exception) -> Response:
    return failure(409, str(error))


def refused(error: Refused | AccountRefused) -> Response:
    """Tell the fields that are wrong, or the clauses of the rule that would be broken."""
    if isinstance(error, WrongField):
        return failure(400, str(error), {error.field: [str(error)]})
    if isinstance(error, WrongFields):
        return failure(400, str(error), {name: [said] for name, said in error.fields.items()})
    if isinstance(error, AccountRefused):
        fields = error.fields if isinstance(error, WrongAccount) else {}
        return failure(400 if fields else 409, str(error), dict(fields))
    violations = {violation.id: [told(violation)] for violation in error.violations}
    return failure(422, str(error), violations)


def misfit(error: DestinationRefused | ChannelRefused) -> Response:
    name = "user" if error.field == "username" else error.field  # programs call it so
    return failure(400, f"{name}: {error}", {name: [str(error)]})


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
    """Return the errors of nested objects beside the others, by the name of their field.

    Those of a list stand at its name, whatever the places of what is wrong.
    """
    plain: dict[str, Any] = {}
    nested: dict[str, Any] = {}
    for name, found in fields.items():
        if not isinstance(found, dict):
            plain[name] = found
        elif all(isinstance(place, int) for place in found):
            plain[name] = [sentence for each in found.values() for sentence in sentences(each)]
        else:
            nested |= flat(found)
    return plain | nested


def sentences(found: Any) -> list[Any]:
    if isinstance(found, dict):
        return [sentence for each in flat(found).values() for sentence in sentences(each)]
    return found if isinstance(found, list) else [found]


def message(error: Exception, fields: dict[str, Any]) -> str:
    if fields:
        name, first = next(iter(fields.items()))
        sentence = str(first[0] if isinstance(first, list) else first)
        return sentence if name == "non_field_errors" else f"{name}: {sentence}"
    if isinstance(error, PermissionDenied | Http404):
        return str(error) or type(error).__name__
    if isinstance(error, exceptions.AuthenticationFailed):
        return FAILURES[401].message
    if isinstance(error, exceptions.Throttled):
        return TOO_MANY % getattr(error, "wait", 1)
    return str(getattr(error, "detail", error))


def failure(status: int, message: str, errors: dict[str, Any] | None = None) -> Response:
    more = {"errors": errors} if errors else {}
    told = body_of(status, message) | more
    return Response(told, status=status, content_type="application/json")  # in no form of a view


def unavailable(error: StoreAway) -> Response:
    answer = failure(503, told(error))
    answer["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def too_large(error: Exception) -> Response:
    return failure(413, FAILURES[413].message)


def malformed(error: Exception) -> Response:
    return failure(400, "The request cannot be read.")


ANSWERS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Any], Response]], ...]
ANSWERS = (
    (Unfinished, unfinished),
    (Duplicated, duplicated),
    (CONFLICTS, conflicting),
    ((Refused, AccountRefused), refused),
    (StoreAway, unavailable),
    ((DestinationRefused, ChannelRefused), misfit),
    (RequestDataTooBig, too_large),
    (MALFORMED, malformed),
)
"""The first that fits: a kind stands before the kinds it is one of."""


class NowhereView(APIView):
    """Answers addresses that the API does not have, in the shape of its other errors."""

    permission_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.perform_authentication(request)  # so that the limit is theirs
        self.check_throttles(request)
        raise exceptions.NotFound(f"There is nothing at {request.path}")
