"""Where releases are brought to, for programs: asked for, told, and by themselves."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import ReleaseGroup
from accounts.permissions import holds
from api.destinations import destination_of
from api.errors import NotFound
from api.groups import visible_groups
from api.idempotency import IDEMPOTENCY_KEY, idempotent
from api.pagination import PAGE_EXAMPLE, PAGING, PaginationSerializer, described, page_of
from api.releases import OwnerSerializer, readable, visible
from api.schema import ERRORS, JobAnswerSerializer, SignedInRequest, example
from api.strict import StrictSerializer
from api.wizard import started
from delivery import actions
from delivery.models import Destination
from releases.actions.delivering import request_delivery
from releases.models import Delivery

STATUSES = (
    "pending, running, completed, outdated (an earlier package is there), failed or cancelled."
)
DELIVERED = "The end of the job tells; what arrived so far stays there, and the next try goes on."


@example({"destination_id": 1})
class DeliverSerializer(StrictSerializer):
    destination_id = serializers.IntegerField(help_text="One's own, or one for all.")


class DeliverySerializer(serializers.Serializer[Delivery]):
    id = serializers.IntegerField()
    destination = serializers.SerializerMethodField(
        help_text="Null: it is gone, or somebody else's."
    )
    place = serializers.SerializerMethodField(
        help_text="As it was; empty where it is somebody else's."
    )
    status = serializers.CharField(source="state", help_text=STATUSES)
    error = serializers.SerializerMethodField(help_text="Empty where the place is, too.")
    job_id = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField(help_text="Bytes of what was delivered last.")
    arrived = serializers.SerializerMethodField(
        help_text="How many files are known to stand there."
    )
    user = OwnerSerializer(source="by", allow_null=True)
    asked_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True)

    def get_destination(self, row: Delivery) -> dict[str, Any] | None:
        is_told = row.destination and self.is_seen(row)
        return {"id": row.destination_id, "name": str(row.destination)} if is_told else None

    def get_place(self, row: Delivery) -> str:
        return row.place if self.is_seen(row) else ""

    def get_error(self, row: Delivery) -> str:
        return row.job.error if row.job and self.is_seen(row) else ""

    def get_arrived(self, row: Delivery) -> int:
        return len(row.arrived)

    def is_seen(self, row: Delivery) -> bool:
        seer, destination = self.context["seer"], row.destination
        is_theirs = destination is not None and destination.user_id in {None, seer.pk}
        return is_theirs or row.by_id == seer.pk or self.context["sees_all"]


@example(
    {
        "deliveries": [
            {
                "id": 1,
                "destination": {"id": 1, "name": "Production FTP"},
                "place": "ftpuser@ftp.example.com:21/incoming",
                "status": "completed",
                "error": "",
                "job_id": 131,
                "size": 5_242_880,
                "arrived": 4,
                "user": {"id": 1, "username": "operator"},
                "asked_at": "2025-11-01T10:05:00Z",
                "delivered_at": "2025-11-01T10:05:09Z",
            }
        ],
        "pagination": PAGE_EXAMPLE,
    }
)
class DeliveriesSerializer(serializers.Serializer[Any]):
    deliveries = DeliverySerializer(many=True)
    pagination = PaginationSerializer()


class DestinationGroupSerializer(serializers.Serializer[ReleaseGroup]):
    id = serializers.IntegerField()
    name = serializers.CharField(source="tag")


@example({"groups": [{"id": 1, "name": "TESTGROUP"}]})
class DestinationGroupsSerializer(serializers.Serializer[Any]):
    groups = DestinationGroupSerializer(many=True)


@example({"group_id": 1})
class AutoDeliverySerializer(StrictSerializer):
    group_id = serializers.IntegerField(help_text="Of `/api/groups`.")


class ReleaseDeliverView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Deliver a release",
        description="Brings its files to a destination, by a job; `config/destinations/{id}/test`"
        " tries one before. 409 where it is not packed, a job is at work on it, or it is on its"
        f" way there. {DELIVERED}",
        parameters=[IDEMPOTENCY_KEY],
        request=DeliverSerializer,
        responses={202: JobAnswerSerializer, **ERRORS(400, 401, 403, 404, 409, 422)},
    )
    @idempotent()
    def post(self, request: SignedInRequest, pk: int) -> Response:
        release = visible(request, pk)
        asked = DeliverSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        key = asked.validated_data["destination_id"]
        user = request.user
        known = Destination.objects.visible_to(user) | Destination.objects.usable_by(user)
        destination = known.filter(pk=key).first()
        if destination is None:
            raise ValidationError({"destination_id": [f"Destination with id {key} not found"]})
        job = request_delivery(release, destination, by=user)
        return Response(started(job, "Delivery started"), status=202)


class ReleaseDeliveriesView(APIView):
    scope = "releases"

    @extend_schema(
        operation_id="releases_deliveries_list",
        summary="List the deliveries of a release",
        description="One for each destination, the one that was asked for last first.",
        parameters=PAGING,
        responses={200: DeliveriesSerializer, **ERRORS(400, 401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        release = readable(request, pk)
        rows = release.deliveries.select_related("destination", "job", "by", "release")
        page = page_of(rows, request)
        listed = {"deliveries": page.object_list, "pagination": described(page)}
        seer = {"seer": request.user, "sees_all": holds(request.user, "config", "read")}
        return Response(DeliveriesSerializer(listed, context=seer).data)


class DestinationGroupListView(APIView):
    scope = "config"

    @extend_schema(
        operation_id="config_destinations_groups_list",
        summary="List the groups that are delivered by themselves",
        description="What is packed or repacked under one of these goes to the destination by"
        " itself, as who packed it: to one of a person only what that person packs.",
        responses={200: DestinationGroupsSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        return Response(groups_of(destination_of(request, pk)))

    @extend_schema(
        summary="Deliver a group by itself",
        description="From now on; twice is once. To a destination for all it takes WRITE on"
        " `config`.",
        request=AutoDeliverySerializer,
        responses={200: DestinationGroupsSerializer, **ERRORS(400, 401, 403, 404)},
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        destination = destination_of(request, pk)
        asked = AutoDeliverySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        key = asked.validated_data["group_id"]
        group = visible_groups(request.user).filter(pk=key).first()
        if group is None:
            raise ValidationError({"group_id": [f"Group with id {key} not found"]})
        actions.add_auto_delivery(destination, group, by=request.user)
        return Response(groups_of(destination))


class DestinationGroupView(APIView):
    scope = "config"

    @extend_schema(
        summary="Deliver a group by itself no more",
        description="What was delivered stays where it is.",
        responses={200: DestinationGroupsSerializer, **ERRORS(401, 403, 404)},
    )
    def delete(self, request: SignedInRequest, pk: int, group: int) -> Response:
        destination = destination_of(request, pk)
        found = ReleaseGroup.objects.filter(auto_deliveries__destination=destination, pk=group)
        if not (row := found.first()):
            raise NotFound("Group", group)
        actions.remove_auto_delivery(destination, row, by=request.user)
        return Response(groups_of(destination))


def groups_of(destination: Destination) -> dict[str, Any]:
    found = ReleaseGroup.objects.filter(auto_deliveries__destination=destination).order_by("tag")
    return dict(DestinationGroupsSerializer({"groups": found}).data)
