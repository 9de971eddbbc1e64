"""How a person is told of the end of jobs, for programs. No answer holds an address."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.scopes import ACCOUNT
from api.errors import NotFound
from api.schema import ERRORS, SignedInRequest, example
from api.strict import StrictSerializer
from notifications import actions
from notifications.models import EVENTS, Channel, Message

SHOWN = 100
CHANNEL = {
    "id": 1,
    "name": "Team",
    "type": "WEBHOOK",
    "events": ["job_failed"],
    "active": True,
    "has_secret": True,
    "created_at": "2026-01-02T10:00:00Z",
}
NEW = {
    "name": "Team",
    "type": "WEBHOOK",
    "address": "https://hooks.example.org/packer",
    "secret": "a-secret-of-both",
    "events": ["job_failed"],
}
MESSAGE = {
    "id": "8f14e45f-ceea-467a-9575-1f4b0c8a1f4e",
    "event": "job_failed",
    "title": "Packing 124: Failed",
    "status": "waiting",
    "attempts": 2,
    "error": "hooks.example.org cannot be reached: try again later.",
    "queued_at": "2026-01-02T10:00:00Z",
    "due_at": "2026-01-02T10:00:40Z",
    "sent_at": None,
}


@example(CHANNEL)
class ChannelSerializer(serializers.Serializer[Channel]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    type = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    active = serializers.BooleanField(source="is_on")
    has_secret = serializers.BooleanField(source="secret")
    created_at = serializers.DateTimeField()


@example({"channels": [CHANNEL]})
class ChannelsSerializer(serializers.Serializer[Any]):
    channels = ChannelSerializer(many=True)


@example({"active": False}, "Switch off")
class ChannelChangeSerializer(StrictSerializer):
    name = serializers.CharField(required=False)
    type = serializers.CharField(
        required=False, help_text=f"One of {', '.join(Channel.Type.values)}."
    )
    address = serializers.CharField(
        required=False,
        help_text="Of mail, a URL, or an address of Apprise. Kept encrypted, and told to nobody.",
    )
    secret = serializers.CharField(
        required=False, allow_blank=True, help_text="Signs what a webhook is sent."
    )
    events = serializers.ListField(
        child=serializers.CharField(), required=False, help_text=f"Of {', '.join(EVENTS)}."
    )
    active = serializers.BooleanField(required=False, source="is_on")


@example(NEW)
class NewChannelSerializer(ChannelChangeSerializer):
    name = serializers.CharField()
    type = serializers.CharField(help_text=f"One of {', '.join(Channel.Type.values)}.")
    address = serializers.CharField(help_text="Kept encrypted, and told to nobody.")


@example(MESSAGE)
class ChannelMessageSerializer(serializers.Serializer[Message]):
    id = serializers.UUIDField(source="uuid", help_text="As X-Packer-Message of a webhook.")
    event = serializers.CharField()
    title = serializers.CharField()
    status = serializers.CharField(help_text="waiting, sent or failed.")
    attempts = serializers.IntegerField()
    error = serializers.CharField()
    queued_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(help_text="When it is tried next, while it waits.")
    sent_at = serializers.DateTimeField(allow_null=True)


@example({"messages": [MESSAGE]})
class ChannelMessagesSerializer(serializers.Serializer[Any]):
    messages = ChannelMessageSerializer(many=True)


def channel_of(request: SignedInRequest, pk: int) -> Channel:
    found = Channel.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise NotFound("Channel", pk)
    return found


def said(request: SignedInRequest, kind: type[ChannelChangeSerializer]) -> actions.Given:
    serializer = kind(data=request.data)
    serializer.is_valid(raise_exception=True)
    return actions.Given(**serializer.validated_data)


class ChannelListView(APIView):
    scope = ACCOUNT

    @extend_schema(
        summary="List one's channels",
        description="The ways by which one is told of the end of one's jobs.",
        responses={200: ChannelsSerializer, **ERRORS(401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        channels = Channel.objects.visible_to(request.user)
        return Response(ChannelsSerializer({"channels": channels}).data)

    @extend_schema(
        summary="Add a channel",
        description="Nothing is sent yet: see its test.",
        request=NewChannelSerializer,
        responses={201: ChannelSerializer, **ERRORS(400, 401, 403, 409)},
    )
    def post(self, request: SignedInRequest) -> Response:
        given = said(request, NewChannelSerializer)
        channel = actions.create_channel(given, by=request.user)
        return Response(ChannelSerializer(channel).data, status=201)


class ChannelView(APIView):
    scope = ACCOUNT

    @extend_schema(
        summary="Read a channel",
        description="Its address and its secret are told to nobody.",
        responses={200: ChannelSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        return Response(ChannelSerializer(channel_of(request, pk)).data)

    @extend_schema(
        summary="Change a channel",
        description="Another address or type forgets the secret, unless it is given again.",
        request=ChannelChangeSerializer,
        responses={200: ChannelSerializer, **ERRORS(400, 401, 403, 404, 409)},
    )
    def put(self, request: SignedInRequest, pk: int) -> Response:
        channel = channel_of(request, pk)
        given = said(request, ChannelChangeSerializer)
        actions.change_channel(channel, given, by=request.user)
        return Response(ChannelSerializer(channel).data)

    @extend_schema(
        summary="Remove a channel",
        description="What waits for it is not sent any more. 409 within a minute of a test.",
        responses={204: None, **ERRORS(401, 403, 404, 409)},
    )
    def delete(self, request: SignedInRequest, pk: int) -> Response:
        actions.remove_channel(channel_of(request, pk), by=request.user)
        return Response(status=204)


class ChannelTestView(APIView):
    scope = ACCOUNT

    @extend_schema(
        summary="Send a test by a channel",
        description="Queues a message; its messages tell what became of it. 409 within a minute of "
        "the last one.",
        request=None,
        responses={202: ChannelMessageSerializer, **ERRORS(401, 403, 404, 409)},
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        message = actions.test_channel(channel_of(request, pk), by=request.user)
        message.refresh_from_db()
        return Response(ChannelMessageSerializer(message).data, status=202)


class ChannelMessagesView(APIView):
    scope = ACCOUNT

    @extend_schema(
        summary="List the last messages of a channel",
        description=f"The newest first, at most {SHOWN}; kept for {actions.KEPT_DAYS} days.",
        responses={200: ChannelMessagesSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        messages = channel_of(request, pk).messages.all()[:SHOWN]
        return Response(ChannelMessagesSerializer({"messages": messages}).data)
