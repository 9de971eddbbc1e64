"""Where releases are delivered to, for programs. No answer holds a secret."""

from typing import Any

from django.db import transaction
from django.http.response import HttpResponseBase
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_serializer,
)
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from api.apis import OWNER, USER_NUMBER, owner_of
from api.errors import NotFound
from api.etags import require_match, tagged
from api.flags import flag
from api.schema import ERRORS, SignedInRequest, example
from api.strict import StrictSerializer
from delivery import actions
from delivery.endpoint import BrokenOff, ConnectionRefused, HostKeyUnknown, NotPermitted
from delivery.models import Destination
from network.addresses import Unreachable
from network.deadline import Late
from releases.actions import told
from vault.sealing import Undecryptable

CAUSES: dict[type[Exception], str] = {
    Late: "TimeoutError",
    ConnectionRefused: "ConnectionRefusedError",
    BrokenOff: "ConnectionError",
    NotPermitted: "PermissionError",
}
"""What programs tell failures apart by, where the error's own name is not a usual one."""
USABLE = OpenApiParameter("usable", bool, description="Those that one may deliver to.")
FOUND = "No secret is told: `has_password` and `has_private_key` say whether one is kept."
SECRET = "Kept encrypted, and told to nobody."  # noqa: S105 - it is about one
KEY = "ssh-ed25519 SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDgcpRVpKWQBIcbHRg"
ROW = {
    "id": 1,
    "name": "Production FTP",
    "host": "ftp.example.com",
    "port": 21,
    "user": "ftpuser",
    "type": "FTP",
    "user_id": None,
    "created_at": "2025-11-01T10:00:00Z",
}
DETAIL = ROW | {
    "folder": "incoming",
    "options": {"passive": True, "timeout": 60, "connections": 2},
    "host_key": "",
    "has_password": True,
    "has_private_key": False,
    "modified_at": "2025-11-01T10:00:00Z",
}
NEW = {
    "name": "Production FTP",
    "host": "ftp.example.com",
    "port": 21,
    "user": "ftpuser",
    "password": "ftppassword",
    "type": "FTP",
    "options": {"passive": True, "timeout": 60, "connections": 2},
    "user_id": None,
}
OTHER_HOST = {
    "host": "new.ftp.example.com",
    "password": "newpassword",
    "options": {"passive": False},
}


@example(ROW)
class DestinationSerializer(serializers.Serializer[Destination]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    host = serializers.CharField(help_text="Empty: a folder of the server.")
    port = serializers.IntegerField(allow_null=True)
    user = serializers.CharField(source="username", help_text="Who logs in there.")
    type = serializers.CharField()
    user_id = serializers.IntegerField(allow_null=True, help_text="Null: it is for all.")
    created_at = serializers.DateTimeField()


@example(DETAIL)
class DestinationDetailSerializer(DestinationSerializer):
    folder = serializers.CharField(help_text="Empty: where the login leads.")
    options = serializers.DictField()
    host_key = serializers.CharField(help_text="Of SFTP: the key of the server that is accepted.")
    has_password = serializers.BooleanField(source="password")
    has_private_key = serializers.BooleanField(source="private_key")
    modified_at = serializers.DateTimeField()


@example({"destinations": [ROW]})
class DestinationsSerializer(serializers.Serializer[Any]):
    destinations = DestinationSerializer(many=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample("Another host", OTHER_HOST),
        OpenApiExample("Accept the key of the server", {"host_key": KEY}),
    ]
)
class DestinationChangeSerializer(StrictSerializer):
    name = serializers.CharField(required=False)
    type = serializers.CharField(
        required=False, help_text=f"One of {', '.join(Destination.Type.values)}."
    )
    host = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="A change of host, port, user or type asks for password and key again.",
    )
    port = serializers.IntegerField(
        required=False, allow_null=True, help_text="The usual one of the type unless given."
    )
    user = serializers.CharField(required=False, allow_blank=True, source="username")
    password = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text=SECRET
    )
    private_key = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text=f"Of SFTP. {SECRET}"
    )
    passphrase = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text="Of the private key."
    )
    folder = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Where files are laid; for LOCAL inside DELIVERY_ROOTS.",
    )
    options = serializers.DictField(
        required=False,
        help_text="`passive` (in active mode nothing is delivered), `timeout` in seconds,"
        " `connections` (1 to 8), `bandwidth` (KiB/s, 0: no limit), `attempts` (1 to 20), `order`"
        " (SFV, NFO or NAME). What is left out stays; null makes one as usual.",
    )
    host_key = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Of SFTP: `host_key` of a test, which accepts it; empty: none is accepted.",
    )


@example(NEW)
class NewDestinationSerializer(DestinationChangeSerializer):
    name = serializers.CharField()
    type = serializers.CharField(help_text=f"One of {', '.join(Destination.Type.values)}.")
    user_id = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Null: it is for all."
    )


@example({"id": 1, "message": "Destination created"})
class DestinationAnswerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    message = serializers.CharField()


@example({"message": "Destination deleted"})
class DestinationMessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "It works",
            {"success": True, "message": "Connection successful", "response_time": 1250},
        ),
        OpenApiExample(
            "A key to accept",
            {
                "success": False,
                "message": f"The key of sftp.example.com is not known yet: {KEY}. Compare it with"
                " what the operator of the server tells, then accept it.",
                "error": "HostKeyUnknown",
                "host_key": KEY,
            },
        ),
    ]
)
class DestinationTestedSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()
    response_time = serializers.IntegerField(required=False, help_text="Milliseconds.")
    error = serializers.CharField(required=False, help_text="E.g. TimeoutError, LoginRefused.")
    host_key = serializers.CharField(
        required=False, help_text="What the server shows, where none is accepted yet."
    )


def destination_of(request: SignedInRequest, pk: int) -> Destination:
    found = Destination.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise NotFound("Destination", pk)
    return found


def held(request: SignedInRequest, pk: int) -> Destination:
    """Return what nobody else changes before the transaction ends.

    Raises:
        NotFound: there is none that the caller may see.
        Overtaken: it is not what the caller has read.
    """
    destination = destination_of(request, pk)
    Destination.objects.select_for_update().get(pk=pk)
    destination.refresh_from_db()
    require_match(request, DestinationDetailSerializer(destination).data)
    return destination


class DestinationListView(APIView):
    scope = "config"

    @extend_schema(
        summary="List where releases are delivered to",
        description="Those for all and those of others need the right to the configuration; with"
        " `usable` it is those that one may deliver to: one's own, and those for all.",
        parameters=[OWNER, USABLE],
        responses={200: DestinationsSerializer, **ERRORS(400, 401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        if flag(request, "usable"):
            usable = Destination.objects.usable_by(request.user)
            return Response(DestinationsSerializer({"destinations": usable}).data)
        asked = request.query_params.get("user_id")
        if asked is not None and not USER_NUMBER.fullmatch(asked):
            raise ValidationError({"user_id": ["The number of a user is expected."]})
        owner = owner_of(request, int(asked) if asked else None, "read")
        seen = Destination.objects.visible_to(request.user)
        listed = seen.filter(user=owner) if owner else seen
        return Response(DestinationsSerializer({"destinations": listed}).data)

    @extend_schema(
        summary="Keep a destination",
        description="Secrets are encrypted. A name stands once for each user, and once for all.",
        request=NewDestinationSerializer,
        responses={201: DestinationAnswerSerializer, **ERRORS(400, 401, 403, 409)},
    )
    def post(self, request: SignedInRequest) -> Response:
        asked = NewDestinationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        owner = owner_of(request, fields.pop("user_id"), "write")
        made = actions.create_destination(actions.Given(**fields), owner=owner, by=request.user)
        return Response({"id": made.pk, "message": "Destination created"}, status=201)


class DestinationDetailView(APIView):
    scope = "config"

    @extend_schema(
        summary="Read a destination",
        description=FOUND,
        responses={200: DestinationDetailSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> HttpResponseBase:
        return tagged(request, DestinationDetailSerializer(destination_of(request, pk)).data)

    @extend_schema(
        summary="Change a destination",
        description="What is left out stays. A kept secret is never sent to another host, port,"
        " user or type than those it was given for: it must be given again.",
        request=DestinationChangeSerializer,
        responses={200: DestinationAnswerSerializer, **ERRORS(400, 401, 403, 404, 409, 412)},
    )
    @transaction.atomic
    def put(self, request: SignedInRequest, pk: int) -> Response:
        destination = held(request, pk)
        asked = DestinationChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = actions.Given(**asked.validated_data)
        actions.update_destination(destination, given, by=request.user)
        return Response({"id": pk, "message": "Destination updated"})

    @extend_schema(
        summary="Forget a destination",
        description="Its secrets cannot be had back.",
        responses={200: DestinationMessageSerializer, **ERRORS(401, 403, 404, 412)},
    )
    @transaction.atomic
    def delete(self, request: SignedInRequest, pk: int) -> Response:
        actions.delete_destination(held(request, pk), by=request.user)
        return Response({"message": "Destination deleted"})


class DestinationTestView(APIView):
    scope = "config"

    @extend_schema(
        summary="Try whether a destination can be delivered to",
        description="Logs in, writes a small hidden file and removes it, within ten seconds."
        " Answers 200 either way: `success` tells, and `error` why not.",
        request=None,
        responses={200: DestinationTestedSerializer, **ERRORS(401, 403, 404)},
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        destination = destination_of(request, pk)
        try:
            milliseconds = actions.test_destination(destination, by=request.user)
        except (Unreachable, Undecryptable) as error:
            return Response(failed(error))
        message = "Connection successful"
        return Response({"success": True, "message": message, "response_time": milliseconds})


def failed(error: Unreachable | Undecryptable) -> dict[str, Any]:
    cause = CAUSES.get(type(error), type(error).__name__)
    shown = {"host_key": error.values["host_key"]} if isinstance(error, HostKeyUnknown) else {}
    return {"success": False, "message": told(error), "error": cause, **shown}
