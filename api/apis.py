"""The keys of metadata providers for programs. No answer holds a key."""

import re
from http import HTTPStatus
from http.client import responses
from typing import Any

from django.db import transaction
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
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
from api.etags import require_match, tagged
from api.schema import ERRORS, SignedInRequest, example
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

CONFIG = {
    "id": 1,
    "name": "OpenLibrary",
    "active": True,
    "user_id": None,
    "configured": True,
    "created_at": "2026-01-02T10:00:00Z",
}


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


@example(CONFIG | {"base_url": ""})
class ApiDetailSerializer(ApiSerializer):
    base_url = serializers.CharField(help_text="Empty: the provider's own address.")


@example({"apis": [CONFIG]})
class ApisSerializer(serializers.Serializer[Any]):
    apis = ApiSerializer(many=True)


@example({"active": False}, "Switch off")
class ApiChangeSerializer(serializers.Serializer[Any]):
    api_key = serializers.CharField(required=False, allow_blank=True)
    base_url = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="In place of the provider's own; a change asks for the key again.",
    )
    active = serializers.BooleanField(required=False)


@example(
    {"name": "GoogleBooks", "api_key": "AIzaSyC-example-key", "active": True, "user_id": None},
    "For all",
)
class NewApiSerializer(ApiChangeSerializer):
    name = ProviderField()
    user_id = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Null: it is for all."
    )


@example({"id": 3, "message": "API config updated"})
class ApiAnswerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    message = serializers.CharField()


@example({"message": "API config deleted"})
class ApiMessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


@example({"success": True, "message": "API connection successful", "response_time": 245})
class ApiTestedSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
    response_time = serializers.IntegerField(required=False, help_text="Milliseconds.")
    error = serializers.CharField(required=False)


@example({"query": "test search"})
class ApiTestSerializer(serializers.Serializer[Any]):
    query = serializers.CharField(required=False, help_text="Accepted; each provider has its own.")


def api_of(request: SignedInRequest, pk: int) -> ApiConfig:
    found = ApiConfig.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise NotFound("API config", pk)
    return found


def held(request: SignedInRequest, pk: int) -> ApiConfig:
    """Return what nobody else changes before the transaction ends.

    Raises:
        NotFound: there is none that the caller may see.
        Overtaken: it is not what the caller has read.
    """
    config = api_of(request, pk)
    ApiConfig.objects.select_for_update().get(pk=pk)
    config.refresh_from_db()
    require_match(request, ApiDetailSerializer(config).data)
    return config


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
    scope = "config"

    @extend_schema(
        operation_id="config_apis_list",
        summary="List how providers of metadata are asked",
        description="Keys are never told: `configured` says whether all that is needed is kept.",
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
        description="Encrypted. There is one for each provider and user, and one for all.",
        request=NewApiSerializer,
        responses={201: ApiAnswerSerializer, **ERRORS(400, 401, 403, 409, 422)},
    )
    def post(self, request: SignedInRequest) -> Response:
        asked = NewApiSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        owner = owner_of(request, fields.pop("user_id"), "write")
        config = actions.create_api(actions.NewApi(owner=owner, **fields), by=request.user)
        return Response({"id": config.pk, "message": "API config created"}, status=201)


class ApiDetailView(APIView):
    scope = "config"

    @extend_schema(
        summary="Read how a provider is asked",
        description="The key is never told: `configured` says whether all that is needed is kept.",
        responses={200: ApiDetailSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> HttpResponseBase:
        return tagged(request, ApiDetailSerializer(api_of(request, pk)).data)

    @extend_schema(
        summary="Change how a provider is asked",
        description="What is left out stays. The key goes to no address it was not given for.",
        request=ApiChangeSerializer,
        responses={200: ApiAnswerSerializer, **ERRORS(400, 401, 403, 404, 412, 422)},
    )
    @transaction.atomic
    def put(self, request: SignedInRequest, pk: int) -> Response:
        config = held(request, pk)
        asked = ApiChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actions.change_api(config, by=request.user, **asked.validated_data)
        return Response({"id": pk, "message": "API config updated"})

    @extend_schema(
        summary="Forget the key of a provider",
        description="It cannot be had back.",
        responses={200: ApiMessageSerializer, **ERRORS(401, 403, 404, 412)},
    )
    @transaction.atomic
    def delete(self, request: SignedInRequest, pk: int) -> Response:
        actions.remove_api(held(request, pk), by=request.user)
        return Response({"message": "API config deleted"})


class ApiTestView(APIView):
    scope = "config"

    @extend_schema(
        summary="Ask a provider with the kept key",
        description="Answers 200 either way: `success` tells, and `error` why not.",
        request=ApiTestSerializer,
        responses={200: ApiTestedSerializer, **ERRORS(400, 401, 403, 404)},
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
