"""Answers in the API's shape that none of its views gives: it failed before one was asked."""

from typing import Any

from django.http import HttpRequest, JsonResponse

from api.failures import FAILURES

PREFIX = "/api/"
UNFORESEEN = FAILURES[500]
TOO_MANY = "Too many requests: try again in %d seconds."


def is_for_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith(PREFIX)


def body_of(status: int, message: str) -> dict[str, Any]:
    """Return the body of every failure."""
    return {"error": FAILURES.get(status, UNFORESEEN).name, "message": message}


def plain_failure(status: int, message: str, **more: str) -> JsonResponse:
    return JsonResponse(body_of(status, message) | more, status=status)
