"""What is done again and again without being asked for, for programs."""

from typing import Any

from django.core.exceptions import ValidationError as Unfit
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import require
from api.errors import NotFound
from api.schema import ERRORS, SignedInRequest, example
from api.strict import StrictSerializer
from jobs import duties
from jobs.chores import Chore

ROW = {
    "name": "drafts",
    "label": "Drafts that nobody touches",
    "on": True,
    "every_s": 3600,
    "next_at": "2025-11-01T11:00:00Z",
    "began_at": "2025-11-01T10:00:00Z",
    "ended_at": "2025-11-01T10:00:00.412Z",
    "took_ms": 412,
    "outcome": "12 drafts removed",
    "count": 12,
    "total": 340,
    "runs": 2160,
    "failures": 0,
    "error": "",
    "failed_at": None,
}


@example(ROW)
class ChoreSerializer(serializers.Serializer[duties.Listed]):
    name = serializers.CharField(source="row.name")
    label = serializers.CharField(source="duty.label")  # type: ignore[assignment]  # a field of that name
    on = serializers.BooleanField(source="row.is_on")
    every_s = serializers.IntegerField(
        source="row.every_s", help_text="0: always done, and not to be changed."
    )
    next_at = serializers.DateTimeField(allow_null=True, help_text="Null: off, or always.")
    began_at = serializers.DateTimeField(source="row.began_at", allow_null=True)
    ended_at = serializers.DateTimeField(source="row.ended_at", allow_null=True)
    took_ms = serializers.IntegerField(source="row.took_ms")
    outcome = serializers.CharField(help_text="What it did the last time, as a sentence.")
    count = serializers.IntegerField(source="row.count", help_text="The last time.")
    total = serializers.IntegerField(source="row.total", help_text="Since ever.")
    runs = serializers.IntegerField(source="row.runs")
    failures = serializers.IntegerField(source="row.failures", help_text="In a row.")
    error = serializers.CharField(source="row.error", help_text="Of the last failure.")
    failed_at = serializers.DateTimeField(source="row.failed_at", allow_null=True)


@example({"chores": [ROW]})
class ChoresSerializer(serializers.Serializer[Any]):
    chores = ChoreSerializer(many=True)


@example({"on": True, "every_s": 7200})
class ChoreChangeSerializer(StrictSerializer):
    on = serializers.BooleanField(required=False)
    every_s = serializers.IntegerField(
        required=False, min_value=duties.LEAST_S, max_value=duties.MOST_S
    )


@example({"message": "Chore updated"})
class ChoreAnswerSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


class ChoreListView(APIView):
    scope = "config"

    @extend_schema(
        summary="List what is done again and again",
        description="When each is due, how it went the last time, and the last failure.",
        responses={200: ChoresSerializer, **ERRORS(401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        require(request.user, "config", "read")
        return Response(ChoresSerializer({"chores": duties.listed()}).data)


class ChoreView(APIView):
    scope = "config"

    @extend_schema(
        summary="Switch a chore on or off, or set its interval",
        description="What is left out stays. What is always done cannot be changed: 409.",
        request=ChoreChangeSerializer,
        responses={200: ChoreAnswerSerializer, **ERRORS(400, 401, 403, 404, 409)},
    )
    def put(self, request: SignedInRequest, name: str) -> Response:
        require(request.user, "config", "write")
        asked = ChoreChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wished = {"is_on": asked.validated_data.get("on")}
        wished |= {"every_s": asked.validated_data.get("every_s")}
        try:
            duties.change_chore(name, by=request.user, **wished)
        except Unfit as error:
            raise ValidationError(error.message_dict) from error
        except Chore.DoesNotExist as error:
            raise NotFound("Chore", name) from error
        return Response({"message": "Chore updated"})


class ChoreRunView(APIView):
    scope = "config"

    @extend_schema(
        summary="Have a chore done now",
        description="At the next look of any machine that keeps workers: within seconds.",
        request=None,
        responses={202: ChoreAnswerSerializer, **ERRORS(401, 403, 404, 409)},
    )
    def post(self, request: SignedInRequest, name: str) -> Response:
        try:
            duties.ask_for_chore(name, by=request.user)
        except Chore.DoesNotExist as error:
            raise NotFound("Chore", name) from error
        return Response({"message": "Chore asked for"}, status=202)
