"""What every operation of the API document shares."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import User

Described = TypeVar("Described", bound=type[serializers.Serializer[Any]])


def example(value: Any, name: str = "Example") -> Callable[[Described], Described]:
    """Show `value` wherever the serializer is a whole body, unless the view shows another."""

    def exemplified(serializer: Described) -> Described:
        shown = OpenApiExample(name, value)
        return extend_schema_serializer(examples=[shown])(serializer)

    return exemplified


class SignedInRequest(Request):
    """What our views receive behind the permission of being signed in."""

    user: User


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.authentication.Bearer"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer"}


class ErrorSerializer(serializers.Serializer[Any]):
    error = serializers.CharField(help_text="E.g. ValidationError, Forbidden, NotFound.")
    message = serializers.CharField(help_text="A sentence for a person.")
    errors = serializers.DictField(  # type: ignore[assignment]  # a field of that name
        required=False, help_text="By field, step or check."
    )


@example({"job_id": 124, "status": "running", "message": "Packaging started"})
class JobAnswerSerializer(serializers.Serializer[Any]):
    """What starting a job answers."""

    job_id = serializers.IntegerField()
    status = serializers.CharField()
    message = serializers.CharField()


def ERRORS(*statuses: int) -> dict[int, type[ErrorSerializer]]:  # noqa: N802  # reads as a table
    return dict.fromkeys(statuses, ErrorSerializer)
