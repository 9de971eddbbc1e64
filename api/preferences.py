"""What one prefers, for programs."""

from typing import Any

from django.core.exceptions import ValidationError as Unfit
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.preferences import KNOWN, prefer_all, preferences
from api.schema import ERRORS, SignedInRequest

WISHED = {"api_priority_order": ["GoogleBooks", "OpenLibrary"], "view_mode": "table"}


class PreferencesSerializer(serializers.Serializer[Any]):
    preferences = serializers.DictField(help_text=f"By key: {', '.join(KNOWN)}.")


class PreferencesUpdatedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


class PreferencesView(APIView):
    scope = "account"

    @extend_schema(
        summary="What one prefers",
        description="One's own word, else that for all, else what is built in.",
        parameters=[OpenApiParameter("key", str, description="Only this preference.")],
        responses={200: PreferencesSerializer, **ERRORS(400, 401)},
    )
    def get(self, request: SignedInRequest) -> Response:
        key = request.query_params.get("key")
        if key is not None and key not in KNOWN:
            raise ValidationError({"key": [f"Choose one of: {', '.join(KNOWN)}."]})
        return Response({"preferences": preferences(request.user, *([key] if key else []))})

    @extend_schema(
        summary="Change what one prefers",
        description="Keeps all that is sent, or nothing of it; the other preferences stay.",
        request=OpenApiTypes.OBJECT,
        responses={200: PreferencesUpdatedSerializer, **ERRORS(400, 401)},
        examples=[OpenApiExample("Order and view", WISHED, request_only=True)],
    )
    def put(self, request: SignedInRequest) -> Response:
        if not isinstance(request.data, dict):
            raise ValidationError({"non_field_errors": ["An object of preferences is expected."]})
        try:
            prefer_all(request.user, request.data)
        except Unfit as error:
            raise ValidationError(error.message_dict) from error
        return Response({"message": "Preferences updated"})
