"""What tells one state of a resource from another, so that no edit is lost.

A client that read a resource sends its `ETag` back as `If-Match`; where the resource is another
one by then, the answer is 412 and nothing is changed. Without `If-Match` the last one wins.
"""

import hashlib
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response


class Overtaken(APIException):
    """Somebody else changed the resource since the client read it."""

    status_code = 412
    default_detail = "It was changed since it was read: read it again, then change that."


def etag(described: Any) -> str:
    """Return the tag of what a GET of the resource answers, as a header carries it."""
    sent = JSONRenderer().render(described)
    return f'"{hashlib.sha256(sent).hexdigest()[:32]}"'


def tagged(request: Request, described: Any) -> HttpResponseBase:
    """Answer `described` with its tag; 304 without a body where the client has it already."""
    answer = Response(described, headers={"ETag": etag(described)})
    known = get_conditional_response(request._request, etag=answer["ETag"])
    return answer if known is None or known.status_code != 304 else known  # noqa: PLR2004


def require_match(request: Request, described: Any) -> None:
    """Make sure that the client changes what it has read.

    Call it with the row locked, before the action. A weak tag is as good as ours: an answer that
    was compressed on its way carries one.

    Raises:
        Overtaken: `If-Match` names another state.
    """
    wanted = request.headers.get("If-Match")
    if not wanted or wanted.strip() == "*":
        return
    if etag(described) not in {tag.removeprefix("W/") for tag in parse_etags(wanted)}:
        raise Overtaken
