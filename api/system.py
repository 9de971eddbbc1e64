"""What administrators set for the whole site, for programs."""

from typing import Any

from django.core.exceptions import ValidationError as Unfit
from django.db import transaction
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions.system import change_system, hold_system
from accounts.permissions import require
from accounts.system import FORMATS, LEVELS, described, effective, said
from api.etags import require_match, tagged
from api.schema import ERRORS, SignedInRequest, example

SYSTEM = {
    "paths": {
        "uploads": "/srv/packer/uploads",
        "releases": "/srv/packer/releases",
        "cache": "/srv/packer/covers",
        "logs": "",
    },
    "limits": {"max_file_size": 21474836480, "api_timeout": 10, "ftp_timeout": 60},
    "logs": {
        "level": "INFO",
        "rotation_size": 10485760,
        "rotation_count": 10,
        "format": "JSON",
    },
    "retention": {
        "drafts_days": 180,
        "upload_expiry": 604800,
        "sources_days": 90,
        "jobs_days": 365,
        "trash_days": 30,
        "revisions_kept": 5,
        "logins_days": 7,
        "answers_days": 1,
        "queue_days": 30,
    },
}
CHANGES = {"limits": {"max_file_size": 10737418240}, "logs": {"level": "DEBUG"}}


class SystemPathsSerializer(serializers.Serializer[Any]):
    uploads = serializers.CharField(
        required=False, allow_null=True, help_text="Of the files that were sent."
    )
    releases = serializers.CharField(required=False, allow_null=True)
    cache = serializers.CharField(
        required=False, allow_null=True, help_text="Of the pictures of covers."
    )
    logs = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="Empty: the log goes to stderr alone.",
    )


class SystemLimitsSerializer(serializers.Serializer[Any]):
    max_file_size = serializers.IntegerField(required=False, allow_null=True, help_text="Bytes.")
    api_timeout = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="Seconds for all providers of metadata together, 1 to 120.",
    )
    ftp_timeout = serializers.IntegerField(
        required=False, allow_null=True, help_text="Seconds, 1 to 3600."
    )


class SystemLogsSerializer(serializers.Serializer[Any]):
    level = serializers.ChoiceField(LEVELS, required=False, allow_null=True)
    rotation_size = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="Bytes from which on the file of the log is put aside.",
    )
    rotation_count = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="How many that were put aside are kept, 1 to 100.",
    )
    format = serializers.ChoiceField(FORMATS, required=False, allow_null=True)


def kept(help_text: str) -> serializers.IntegerField:
    return serializers.IntegerField(required=False, allow_null=True, help_text=help_text)


class SystemRetentionSerializer(serializers.Serializer[Any]):
    """How long things are kept; 0: for ever."""

    drafts_days = kept("Drafts that nobody touches.")
    upload_expiry = kept("Files that stopped arriving, in seconds.")
    sources_days = kept("Sent files of no draft, release or job.")
    jobs_days = kept("Jobs that are over.")
    trash_days = kept("Releases in the trash.")
    revisions_kept = kept("How many revisions of a release keep their files; 0: all.")
    logins_days = kept("Logins and sessions that are over.")
    answers_days = kept("Answers to requests that may come again.")
    queue_days = kept("What the queue notes of its tasks.")


@example(SYSTEM)
class SystemSerializer(serializers.Serializer[Any]):
    paths = SystemPathsSerializer(required=False)
    limits = SystemLimitsSerializer(required=False)
    logs = SystemLogsSerializer(required=False)
    retention = SystemRetentionSerializer(required=False)


@example({"message": "System settings updated"})
class SystemUpdatedSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


class SystemView(APIView):
    scope = "config"

    @extend_schema(
        summary="What is set for the whole site",
        description="What counts now: the word of the administrators, else that of the "
        "environment the site was started in.",
        responses={200: SystemSerializer, 304: None, **ERRORS(401, 403)},
    )
    def get(self, request: SignedInRequest) -> HttpResponseBase:
        require(request.user, "config", "read")
        return tagged(request, described(effective(said())))

    @extend_schema(
        summary="Set something for the whole site",
        description="Changes what is sent, all of it or nothing; null has the environment count "
        "again. It takes effect within seconds, without a restart. A place where something lies "
        "cannot be changed: 409 tells how much.",
        request=SystemSerializer,
        responses={200: SystemUpdatedSerializer, **ERRORS(400, 401, 403, 409, 412)},
        examples=[OpenApiExample("Limit and level", CHANGES, request_only=True)],
    )
    @transaction.atomic
    def put(self, request: SignedInRequest) -> Response:
        require(request.user, "config", "write")
        require_match(request, described(hold_system()))
        try:
            change_system(request.data, by=request.user)
        except Unfit as error:
            raise ValidationError(error.message_dict) from error
        return Response({"message": "System settings updated"})
