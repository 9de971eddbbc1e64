"""The keys of metadata providers for programs. No answer holds a key."""

import re
from http import HTTPStatus
from http.client import responses
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.permissions import require
from api.errors import NotFound
from api.schema import ERRORS, SignedInRequest
from enrichment import actions
from enrichment.access import is_complete
from enrichment.models import ApiConfig
from releases.actions import told
from releases.metadata.providers import PROVIDERS, ProviderError
from releases.metadata.providers.provider import InvalidKey, Spent
from vault.sealing import Undecryptable

STATUSES: dict[type[Exception], int] = {
    InvalidKey: HTTPStatus.UNAUTHORIZED,
    Spent: HTTPStatus.TOO_MANY_REQUESTS,
}
"""What a provider that says so answered."""
USER_NUMBER = re.compile("[0-9]{1,18}")
OWNER = OpenApiParameter(
    "user_id", int, description="Only this user's: one's own need no right to the configuration."
)


@extend_schema_field(OpenApiTypes.STR)  # two choice fields of the same names would need a third
class ProviderField(serializers.ChoiceField):
    """Takes the name of a provider."""

    def __init__(self) -> None:
        super().__init__(choices=list(PROVIDERS), help_text=f"One of {', '.join(PROVIDERS)}.")


class ApiSerializer(serializers.Serializer[ApiConfig]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    active = serializers.BooleanField()
    user_id = serializers.IntegerField(allow_null=True, help_text="Null: it is for all.")
    configured = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    def get_configured(self, config: ApiConfig) -> bool:
        return is_complete(config)


class ApisSerializer(serializers.Serializer[Any]):
    apis = ApiSerializer(many=True)


class ApiChangeSerializer(serializers.Serializer[Any]):
    api_key = serializers.CharField(required=False, allow_blank=True)
    base_url = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="In place of the provider's own; a change asks for the key again.",
    )
    active = serializers.BooleanField(required=False)


class NewApiSerializer(ApiChangeSerializer):
    name = ProviderField()
    user_id = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Null: it is for all."
    )


class ApiAnswerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    message = serializers.CharField()


class MessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


class TestedSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
    response_time = serializers.IntegerField(required=False, help_text="Milliseconds.")
    error = serializers.CharField(required=False)


class ApiTestSerializer(serializers.Serializer[Any]):
    query = serializers.CharField(required=False, help_text="Accepted; each provider has its own.")


def api_of(request: SignedInRequest, pk: int) -> ApiConfig:
    found = ApiConfig.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise NotFound("API config", pk)
    return found


def owner_of(request: SignedInRequest, number: int | None, action: str) -> User | None:
    """Return the user meant, or nobody for all; what is not one's own asks for a right.

    Raises:
        PermissionDenied: it is not the caller's, who may not configure the site.
        ValidationError: there is no such user.
    """
    if number == request.user.pk:
        return request.user
    require(request.user, "config", action)
    if number is None:
        return None
    owner = User.objects.filter(pk=number).first()
    if owner is None:
        raise ValidationError({"user_id": [f"User with id {number} not found"]})
    return owner


class ApiListView(APIView):
    @extend_schema(
        summary="List how providers of metadata are asked",
        parameters=[OWNER],
        responses={200: ApisSerializer, **ERRORS(400, 401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        asked = request.query_params.get("user_id")
        if asked is not None and not USER_NUMBER.fullmatch(asked):
            raise ValidationError({"user_id": ["The number of a user is expected."]})
        owner = owner_of(request, int(asked) if asked else None, "read")
        apis = ApiConfig.objects.visible_to(request.user)
        listed = apis.filter(user=owner) if owner else apis
        return Response(ApisSerializer({"apis": listed}).data)

    @extend_schema(
        summary="Keep the key of a provider",
        request=NewApiSerializer,
        responses={201: ApiAnswerSerializer, **ERRORS(400, 401, 403, 409, 422)},
        examples=[
            OpenApiExample(
                "For all",
                {"name": "GoogleBooks", "api_key": "…", "active": True, "user_id": None},
                request_only=True,
            )
        ],
    )
    def post(self, request: SignedInRequest) -> Response:
        asked = NewApiSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        owner = owner_of(request, fields.pop("user_id"), "write")
        config = actions.create_api(actions.NewApi(owner=owner, **fields), by=request.user)
        return Response({"id": config.pk, "message": "API config created"}, status=201)


class ApiDetailView(APIView):
    @extend_schema(
        summary="Change how a provider is asked",
        request=ApiChangeSerializer,
        responses={200: ApiAnswerSerializer, **ERRORS(400, 401, 403, 404, 422)},
        examples=[OpenApiExample("Switch off", {"active": False}, request_only=True)],
    )
    def put(self, request: SignedInRequest, pk: int) -> Response:
        config = api_of(request, pk)
        asked = ApiChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actions.change_api(config, by=request.user, **asked.validated_data)
        return Response({"id": pk, "message": "API config updated"})

    @extend_schema(
        summary="Forget the key of a provider",
        responses={200: MessageSerializer, **ERRORS(401, 403, 404)},
    )
    def delete(self, request: SignedInRequest, pk: int) -> Response:
        actions.remove_api(api_of(request, pk), by=request.user)
        return Response({"message": "API config deleted"})


class ApiTestView(APIView):
    @extend_schema(
        summary="Ask a provider with the kept key",
        request=ApiTestSerializer,
        responses={200: TestedSerializer, **ERRORS(401, 403, 404)},
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        config = api_of(request, pk)
        try:
            milliseconds = actions.test_api(config, by=request.user)
        except (ProviderError, Undecryptable) as error:
            return Response({"success": False, "message": told(error), "error": cause(error)})
        message = "API connection successful"
        return Response({"success": True, "message": message, "response_time": milliseconds})


def cause(error: Exception) -> str:
    """Return what a program can tell failures apart by, e.g. ``401 Unauthorized``."""
    status = STATUSES.get(type(error)) or getattr(error, "values", {}).get("status")
    return f"{status:d} {responses.get(status, '')}".strip() if status else type(error).__name__
