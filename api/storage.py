"""Where the texts of NFO templates lie, for programs."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import require
from api.schema import ERRORS, JobAnswerSerializer, SignedInRequest, example
from api.wizard import started
from jobs.models import Job
from jobs.queue import run_here
from releases import actions
from releases.models import NfoTemplate, TemplateStorage

PLACES = TemplateStorage.Place.values


@example({"storage": "db", "disk_path": None, "templates_count": 10})
class StorageSerializer(serializers.Serializer[Any]):
    storage = serializers.ChoiceField(choices=PLACES)
    disk_path = serializers.CharField(allow_null=True, help_text="Null in the database.")
    templates_count = serializers.IntegerField()


@example({"storage": "disk"}, "Files")
class NewStorageSerializer(serializers.Serializer[Any]):
    storage = serializers.ChoiceField(choices=PLACES)
    disk_path = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=500,
        help_text="A folder that the settings allow; without it the server's own.",
    )


@example({"message": "Template storage updated"})
class StorageMessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


@example({"from": "db", "to": "disk"}, "To files")
class MigrateSerializer(serializers.Serializer[Any]):
    to = serializers.ChoiceField(choices=PLACES)
    disk_path = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=500
    )

    def get_fields(self) -> dict[str, Any]:
        """Add a field whose name Python keeps for itself."""
        asked = serializers.ChoiceField(choices=PLACES, required=False, help_text="Where they lie.")
        return {"from": asked} | super().get_fields()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a move from where the texts do not lie."""
        current = TemplateStorage.current().storage
        if attrs.get("from", current) != current:
            sentence = _("The texts lie in %(place)s: nothing was moved.") % {"place": current}
            raise serializers.ValidationError({"from": [sentence]})
        return attrs


class StorageView(APIView):
    scope = "config"

    @extend_schema(
        summary="Tell where the texts of NFO templates lie",
        description="In the database, or as files in a folder; and how many there are.",
        responses={200: StorageSerializer, **ERRORS(401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        require(request.user, "config", "read")
        current = TemplateStorage.current()
        return Response(
            {
                "storage": current.storage,
                "disk_path": str(current.folder) if current.is_disk else None,
                "templates_count": NfoTemplate.objects.count(),
            }
        )

    @extend_schema(
        summary="Choose where the texts of NFO templates lie",
        description="Moves them before it answers; `/config/templates/migrate` does it behind.",
        request=NewStorageSerializer,
        responses={200: StorageMessageSerializer, **ERRORS(400, 401, 403, 422)},
    )
    def put(self, request: SignedInRequest) -> Response:
        asked = NewStorageSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        place, folder = asked.validated_data["storage"], asked.validated_data.get("disk_path")
        job = actions.request_migration(place, folder or "", by=request.user, at_once=True)
        if run_here(job).status != Job.Status.COMPLETED:
            raise actions.Refused(job.error)
        return Response({"message": "Template storage updated"})


class MigrateView(APIView):
    scope = "config"

    @extend_schema(
        summary="Move the texts of NFO templates",
        description="As a job. Without `disk_path` they go to the server's own folder.",
        request=MigrateSerializer,
        responses={202: JobAnswerSerializer, **ERRORS(400, 401, 403, 422)},
    )
    def post(self, request: SignedInRequest) -> Response:
        asked = MigrateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        place, folder = asked.validated_data["to"], asked.validated_data.get("disk_path")
        job = actions.request_migration(place, folder or "", by=request.user)
        return Response(started(job, "Migration started"), status=202)
