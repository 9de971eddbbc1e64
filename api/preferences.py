"""What one prefers, for programs, and what all prefer who say nothing else."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError as Unfit
from django.db import transaction
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions.system import hold_system
from accounts.models import User
from accounts.permissions import require
from accounts.preferences import (
    KNOWN,
    forget,
    forget_all,
    own,
    prefer_all,
    prefer_for_all,
    preference,
    preferences,
    preferred_by_all,
)
from api.etags import require_match, tagged
from api.schema import ERRORS, SignedInRequest, example

WISHED = {"api_priority_order": ["GoogleBooks", "OpenLibrary"], "view_mode": "table"}
ONE = {"key": "view_mode", "value": "cards"}
KEY = OpenApiParameter("key", str, OpenApiParameter.PATH, enum=list(KNOWN))
UPDATED = {"message": "Preferences updated"}


@example({"preferences": WISHED})
class PreferencesSerializer(serializers.Serializer[Any]):
    preferences = serializers.DictField(help_text=f"By key: {', '.join(KNOWN)}.")


@example(UPDATED)
class PreferencesUpdatedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


@example(ONE)
class PreferenceSerializer(serializers.Serializer[Any]):
    key = serializers.ChoiceField(list(KNOWN))
    value = serializers.JSONField()


@example({"value": "cards"})
class PreferenceValueSerializer(serializers.Serializer[Any]):
    value = serializers.JSONField()


def held(user: User) -> User:
    """Return `user`, whose preferences nobody else changes until the transaction ends."""
    User.objects.select_for_update().only("pk").get(pk=user.pk)
    return user


def told(user: User) -> dict[str, Any]:
    return {"preferences": preferences(user)}


def told_one(user: User, key: str) -> dict[str, Any]:
    return {"key": key, "value": preference(user, key)}


def kept(user: User, wished: Any) -> None:
    """Keep all that `user` wishes, or nothing of it.

    Raises:
        ValidationError: by key, what cannot be kept.
    """
    try:
        prefer_all(user, an_object(wished))
    except Unfit as error:
        raise ValidationError(error.message_dict) from error


def an_object(wished: Any) -> Mapping[str, Any]:
    if not isinstance(wished, Mapping):
        raise ValidationError({"non_field_errors": ["An object of preferences is expected."]})
    return wished


def known(key: str) -> str:
    if key not in KNOWN:
        raise NotFound(f"Preference with id {key} not found")
    return key


class PreferencesView(APIView):
    scope = "account"

    @extend_schema(
        summary="What one prefers",
        description="One's own word, else that for all, else what is built in.",
        parameters=[OpenApiParameter("key", str, description="Only this preference.")],
        responses={200: PreferencesSerializer, **ERRORS(400, 401, 403)},
    )
    def get(self, request: SignedInRequest) -> HttpResponseBase:
        key = request.query_params.get("key")
        if key is not None and key not in KNOWN:
            raise ValidationError({"key": [f"Choose one of: {', '.join(KNOWN)}."]})
        if key:  # without a tag: a change asks for that of all
            return Response({"preferences": preferences(request.user, key)})
        return tagged(request, told(request.user))

    @extend_schema(
        summary="Change what one prefers",
        description="Keeps all that is sent, or nothing of it; the other preferences stay.",
        request=OpenApiTypes.OBJECT,
        responses={200: PreferencesUpdatedSerializer, **ERRORS(400, 401, 403, 412)},
        examples=[OpenApiExample("Order and view", WISHED, request_only=True)],
    )
    @transaction.atomic
    def put(self, request: SignedInRequest) -> Response:
        require_match(request, told(held(request.user)))
        kept(request.user, request.data)
        return Response(UPDATED)

    @extend_schema(
        summary="Say one preference",
        description="Keeps the value under the key, whatever stood there; answers both.",
        request=PreferenceSerializer,
        responses={200: PreferenceSerializer, **ERRORS(400, 401, 403)},
    )
    def post(self, request: SignedInRequest) -> Response:
        asked = PreferenceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        key, value = asked.validated_data["key"], asked.validated_data["value"]
        kept(request.user, {key: value})
        return Response(told_one(request.user, key))

    @extend_schema(
        summary="Forget what one prefers",
        description="What holds for all, or is built in, counts again.",
        responses={204: None, **ERRORS(401, 403, 412)},
    )
    @transaction.atomic
    def delete(self, request: SignedInRequest) -> Response:
        require_match(request, told(held(request.user)))
        forget_all(request.user)
        return Response(status=204)


class PreferenceView(APIView):
    scope = "account"

    @extend_schema(
        summary="What one prefers for one key",
        description="One's own word, else that for all, else what is built in.",
        parameters=[KEY],
        responses={200: PreferenceSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, key: str) -> HttpResponseBase:
        return tagged(request, told_one(request.user, known(key)))

    @extend_schema(
        summary="Change what one prefers for one key",
        description="Answers what counts then.",
        parameters=[KEY],
        request=PreferenceValueSerializer,
        responses={200: PreferenceSerializer, **ERRORS(400, 401, 403, 404, 412)},
    )
    @transaction.atomic
    def put(self, request: SignedInRequest, key: str) -> Response:
        require_match(request, told_one(held(request.user), known(key)))
        asked = PreferenceValueSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        kept(request.user, {key: asked.validated_data["value"]})
        return Response(told_one(request.user, key))

    @extend_schema(
        summary="Forget what one prefers for one key",
        description="What holds for all, or is built in, counts again.",
        parameters=[KEY],
        responses={204: None, **ERRORS(401, 403, 404, 412)},
    )
    @transaction.atomic
    def delete(self, request: SignedInRequest, key: str) -> Response:
        require_match(request, told_one(held(request.user), known(key)))
        forget(request.user, key)
        return Response(status=204)


class GlobalPreferencesView(APIView):
    scope = "config"

    @extend_schema(
        summary="What all prefer who say nothing",
        description="The word of the administrators, else what is built in.",
        responses={200: PreferencesSerializer, **ERRORS(401, 403)},
    )
    def get(self, request: SignedInRequest) -> HttpResponseBase:
        require(request.user, "config", "read")
        return tagged(request, {"preferences": preferred_by_all()})

    @extend_schema(
        summary="Change what all prefer who say nothing",
        description="Takes several preferences by key, or one as `{key, value}`. Null takes back "
        "what was said: what is built in counts again.",
        request=OpenApiTypes.OBJECT,
        responses={200: PreferencesUpdatedSerializer, **ERRORS(400, 401, 403, 412)},
        examples=[
            OpenApiExample("Several", WISHED, request_only=True),
            OpenApiExample("One", ONE, request_only=True),
        ],
    )
    @transaction.atomic
    def post(self, request: SignedInRequest) -> Response:
        require(request.user, "config", "write")
        hold_system()
        require_match(request, {"preferences": preferred_by_all()})
        wished = an_object(request.data)
        if set(wished) == {"key", "value"}:
            wished = {str(wished["key"]): wished["value"]}
        try:
            prefer_for_all(wished, by=request.user)
        except Unfit as error:
            raise ValidationError(error.message_dict) from error
        return Response(UPDATED)


class PreferencesExportView(APIView):
    scope = "account"

    @extend_schema(
        summary="Take one's preferences along",
        description="One's own words alone, for another instance or to go back to.",
        request=None,
        responses={200: PreferencesSerializer, **ERRORS(401, 403)},
    )
    def post(self, request: SignedInRequest) -> Response:
        return Response({"preferences": own(request.user)})


class PreferencesImportView(APIView):
    scope = "account"

    @extend_schema(
        summary="Bring one's preferences along",
        description="Keeps all of what an export answered, or nothing of it; those that it does "
        "not name stay.",
        request=PreferencesSerializer,
        responses={200: PreferencesUpdatedSerializer, **ERRORS(400, 401, 403)},
    )
    def post(self, request: SignedInRequest) -> Response:
        kept(request.user, an_object(request.data).get("preferences"))
        return Response(UPDATED)
