"""Requests that may come again, since the client did not hear the answer, and are done once.

The client chooses a key and sends it as `Idempotency-Key`. As long as answers are kept, the same
request with the same key gets the same answer, and nothing is done again. An answer that may change
by itself (a server error, too many requests, a conflict with what runs now) is not kept: the key is
free then.
"""

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.crypto import salted_hmac
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from api.models import KEY_LENGTH, IdempotentAnswer
from api.schema import SignedInRequest

HEADER = "Idempotency-Key"
KEY = re.compile(rf"[\x21-\x7e]{{1,{KEY_LENGTH}}}")
GIVEN_UP_AFTER = timedelta(minutes=10)
"""So long at work, whoever was asked has died: nothing that takes a key works longer."""
ASK_AGAIN_S = 2
NOT_FINAL = {408, 409, 423, 429}

IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description=(
        f"At most {KEY_LENGTH} visible characters of your choice. The same request with the same "
        "key is done once: for a day, unless told, it gets the same answer, with"
        " `Idempotency-Replayed: true`."
    ),
)

logger = logging.getLogger(__name__)

Handler = Callable[Concatenate[Any, SignedInRequest, ...], Response]


class Reused(APIException):
    status_code = 422
    default_detail = f"This {HEADER} was sent with another request: choose a new one."


class AtWork(APIException):
    """The request came before, and is not answered yet."""

    status_code = 409
    default_detail = "This request is at work already: ask again for its answer."
    wait = ASK_AGAIN_S


def idempotent(*headers: str) -> Callable[[Handler], Handler]:
    """Have a method of a view honour `Idempotency-Key`.

    It goes below `extend_schema`, whose `parameters` name `IDEMPOTENCY_KEY`, and whose errors are
    400, 409 and 422 at least::

        @extend_schema(parameters=[IDEMPOTENCY_KEY], …)
        @idempotent()
        def post(self, request: SignedInRequest, pk: int) -> Response: …

    A request is the same when method, address, query and body are; or, where `headers` are named,
    those in place of a body.
    """

    def decorated(handler: Handler) -> Handler:
        @wraps(handler)
        def answered(
            view: APIView, request: SignedInRequest, *args: Any, **kwargs: Any
        ) -> Response:
            key = request.headers.get(HEADER)
            if key is None:
                return handler(view, request, *args, **kwargs)
            row = claimed(request, checked(key), headers)
            if row.status is not None:
                return replayed(row)
            return kept(row, view, lambda: handler(view, request, *args, **kwargs))

        return answered

    return decorated


def checked(key: str) -> str:
    if not KEY.fullmatch(key):
        sentence = f"1 to {KEY_LENGTH} visible ASCII characters are expected."
        raise ValidationError({HEADER: [sentence]})
    return key


def claimed(request: SignedInRequest, key: str, headers: Sequence[str]) -> IdempotentAnswer:
    """Return the row of this request: at work for the caller, or with its answer.

    Raises:
        Reused: the key stands for another request.
        AtWork: somebody else is doing it.
    """
    asked = IdempotentAnswer(
        user=request.user,
        key=key,
        door=f"{request.method} {request.path}"[:255],
        fingerprint=fingerprint(request, headers),
    )
    IdempotentAnswer.objects.filter(user=request.user, key=key).over().delete()
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError:
        return found(asked)
    return asked


def found(asked: IdempotentAnswer) -> IdempotentAnswer:
    """Return the row that stands in the way of `asked`, taken over if its worker has died."""
    rows = IdempotentAnswer.objects.filter(user_id=asked.user_id, key=asked.key)
    row = rows.first()
    if row is None:  # it failed this very moment, and the key is free
        raise AtWork
    # A database may take two keys for one that differ in capitals.
    if (row.key, row.door, row.fingerprint) != (asked.key, asked.door, asked.fingerprint):
        raise Reused
    if row.status is not None:
        return row
    now = timezone.now()
    is_dead = row.asked_at < now - GIVEN_UP_AFTER
    if not is_dead or not rows.at_work_since(row.asked_at).update(asked_at=now):
        raise AtWork
    row.asked_at = now
    return row


def kept(row: IdempotentAnswer, view: APIView, answer: Callable[[], Response]) -> Response:
    """Answer, and keep the answer; an error of the client is one as well."""
    try:
        try:
            answered = answer()
        except Exception as error:
            answered = view.handle_exception(error)  # raises what is none
    except BaseException:
        free(row)
        raise
    if answered.status_code >= 500 or answered.status_code in NOT_FINAL:  # noqa: PLR2004
        free(row)
        return answered
    IdempotentAnswer.objects.filter(pk=row.pk).at_work_since(row.asked_at).update(
        status=answered.status_code,
        headers={name: value for name, value in answered.items() if name != "Content-Type"},
        body=JSONRenderer().render(answered.data).decode(),
    )
    return answered


def free(row: IdempotentAnswer) -> None:
    """Let the key be used again."""
    try:
        IdempotentAnswer.objects.filter(pk=row.pk).at_work_since(row.asked_at).delete()
    except Exception:
        logger.exception("The key of %s stays taken for a while", row.door)


def replayed(row: IdempotentAnswer) -> Response:
    headers = row.headers | {"Idempotency-Replayed": "true"}
    return Response(json.loads(row.body or "null"), status=row.status, headers=headers)


def fingerprint(request: SignedInRequest, headers: Sequence[str]) -> str:
    """Return the sum of what was sent; keyed, so that it tells nothing of it."""
    told = [request.META.get("QUERY_STRING", "")]
    if headers:
        told += [f"{name}: {request.headers.get(name, '')}" for name in headers]
    else:
        told += parts(request.data)
    sent = json.dumps(told)
    return salted_hmac("api.idempotency", sent, algorithm="sha256").hexdigest()


def parts(data: Any) -> Iterator[str]:
    """Yield what a body says; of a file its name and sum."""
    if not isinstance(data, QueryDict):
        yield json.dumps(data, sort_keys=True)
        return
    for name, values in sorted(data.lists()):
        for value in values:
            yield json.dumps([name, described(value)])


def described(value: "str | UploadedFile[Any]") -> list[str]:
    if isinstance(value, str):
        return [value]
    return [value.name or "", sum_of(value)]


def sum_of(file: "UploadedFile[Any]") -> str:
    """Return the SHA-256 of a file that was sent; our own upload handler has made it already."""
    known = getattr(file, "sha256", None)
    if known is not None:
        return cast("str", known)
    summed = hashlib.sha256()
    for piece in file.chunks():
        summed.update(piece)
    file.seek(0)
    return summed.hexdigest()
