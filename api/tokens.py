"""The personal tokens of who asks."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions.tokens import make_token, revoke_token
from accounts.models import TOKEN_NAME_LENGTH, ApiToken
from accounts.scopes import SCOPES
from api.errors import NotFound
from api.schema import ERRORS, SignedInRequest, example

NEW = {"name": "Nightly build", "scopes": ["releases:write"], "expires_at": None}
KEPT = {
    "id": 7,
    "name": "Nightly build",
    "prefix": "rpk_3vX9aQ",
    "scopes": ["releases:read", "releases:write"],
    "active": True,
    "created_at": "2026-01-02T03:04:05Z",
    "expires_at": None,
    "last_used_at": None,
}
TEXT = "rpk_3vX9aQ…"


class NewTokenSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=TOKEN_NAME_LENGTH, help_text="To tell it from others.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=SCOPES),
        allow_empty=False,
        max_length=len(SCOPES),
        help_text="What it may do; what that implies is added.",
    )
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Null, or left out: it does not end by itself."
    )

    def validate_expires_at(self, moment: Any) -> Any:
        if moment is not None and moment <= timezone.now():
            raise ValidationError(["A time to come is expected."])
        return moment


class TokenSerializer(serializers.Serializer[ApiToken]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How its text begins.")
    scopes = serializers.ListField(child=serializers.CharField())
    active = serializers.BooleanField(
        source="is_alive", help_text="False once it expired, or the password is another one."
    )
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(
        allow_null=True, help_text="To within five minutes; null: never."
    )


@example({"tokens": [KEPT]})
class TokenListSerializer(serializers.Serializer[Any]):
    tokens = TokenSerializer(many=True)


@example(KEPT | {"token": TEXT})
class MadeTokenSerializer(TokenSerializer):
    token = serializers.CharField(help_text="Its text, told this once: keep it.")


@example({"message": "Token revoked"})
class TokenMessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


class TokenListView(APIView):
    scope = "account"

    @extend_schema(
        operation_id="tokens_list",
        summary="List one's API tokens",
        description="The newest first, those that are over as well. Their texts are not kept.",
        responses={200: TokenListSerializer, **ERRORS(401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        tokens = request.user.api_tokens.newest_first()
        return Response(TokenListSerializer({"tokens": tokens}).data)

    @extend_schema(
        summary="Make an API token",
        description="It does at most what its scopes say and what its maker may, whichever is "
        "less. Only a login makes tokens. A new password ends them all.",
        request=NewTokenSerializer,
        responses={201: MadeTokenSerializer, **ERRORS(400, 401, 403, 409)},
        examples=[OpenApiExample("For a program that packs", NEW, request_only=True)],
    )
    def post(self, request: SignedInRequest) -> Response:
        asked = NewTokenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        token, text = make_token(**asked.validated_data, by=request.user)
        body = TokenSerializer(token).data | {"token": text}
        return Response(body, status=201, headers={"Cache-Control": "no-store"})


class TokenView(APIView):
    scope = "account"

    @extend_schema(
        summary="Revoke an API token",
        description="It ends at once. Only a login revokes tokens.",
        responses={200: TokenMessageSerializer, **ERRORS(401, 403, 404)},
    )
    def delete(self, request: SignedInRequest, pk: int) -> Response:
        token = request.user.api_tokens.filter(pk=pk).first()
        if token is None:
            raise NotFound("Token", pk)
        revoke_token(token, by=request.user)
        return Response({"message": "Token revoked"})
