"""Releases for programs: the list, one of them, what is changed of it without packing it."""

from typing import Any

from django.db import transaction
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import holds, require
from api.errors import NotFound
from api.etags import etag, require_match, tagged
from api.flags import flag
from api.packages import ConfigSerializer, columns_of
from api.schema import ERRORS, SignedInRequest, example
from api.strict import StrictSerializer
from releases import actions
from releases.models import MILLION, Release

RELATED = ("group", "created_by", "rule", "source", "nfo_template")
RELEASE = {
    "id": 1,
    "name": "John.Doe.Example.Book.2024.RETAiL.ePUB.eBook-TESTGROUP",
    "group": "TESTGROUP",
    "type": "EBOOK",
    "status": "completed",
    "metadata": {"title": "Example Book", "author": "John Doe", "isbn": "9780306406157"},
    "config": {"format": "ZIP", "volumes": 50, "generate_sfv": True, "rar_version": 4},
    "pending": False,
    "size": 5_242_880,
    "created_at": "2025-11-01T10:00:00Z",
    "user": {"id": 1, "username": "operator"},
}
DETAIL = RELEASE | {
    "file_path": "/releases/John.Doe.Example.Book.2024.RETAiL.ePUB.eBook-TESTGROUP",
    "rule": "2022_EBOOK",
    "rights": "own_work",
    "volumes": 1,
}
CHANGE = {
    "metadata": {"title": "Updated Title", "author": "Updated Author"},
    "config": {"format": "RAR"},
}
CHANGE_TELLS = """Takes what is given; what is left out stays, and an empty value is taken out.

A release that is packed says what stands on the disk: what is changed waits, `pending` is true,
and `GET` answers it as it is going to be. The next repack takes it where it is given no other
value. To take a change back, send the old value. A release that is not packed takes all at once.

A format that the rule forbids is taken, too: it is packing that is refused then, with the clause.
"""
DELETE_TELLS = """Puts it in the trash: it stays there for a while, and its page puts it back.

With `permanent=true` what lies in the trash already is removed for good.
"""


PERMANENT = OpenApiParameter(
    "permanent", bool, description="Remove for good what lies in the trash."
)


class OwnerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()


class ConfigAnswerSerializer(serializers.Serializer[Release]):
    """How it is packed, or will be."""

    format = serializers.SerializerMethodField(help_text="ZIP or RAR.")
    volumes = serializers.SerializerMethodField(help_text="Volume size in millions of bytes.")
    generate_sfv = serializers.SerializerMethodField()
    rar_version = serializers.SerializerMethodField(help_text="4 or 5.")

    def get_format(self, release: Release) -> str:
        return str(release.edited("format"))

    def get_volumes(self, release: Release) -> int:
        return int(release.edited("volume_bytes") // MILLION)

    def get_generate_sfv(self, release: Release) -> bool:
        return bool(release.edited("generate_sfv"))

    def get_rar_version(self, release: Release) -> int:
        return int(release.edited("rar_version"))


class ReleaseSerializer(serializers.Serializer[Release]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    group = serializers.CharField(source="group.tag")
    type = serializers.CharField()
    status = serializers.CharField()
    metadata = serializers.DictField(source="edited_metadata")
    config = ConfigAnswerSerializer(source="*")
    pending = serializers.SerializerMethodField(help_text="Whether edits wait for a repack.")
    size = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    user = OwnerSerializer(source="created_by")

    def get_pending(self, release: Release) -> bool:
        return bool(release.edits)


@example(DETAIL)
class ReleaseDetailSerializer(ReleaseSerializer):
    file_path = serializers.SerializerMethodField(
        help_text="Where it lies below the releases folder; never a path of the server."
    )
    rule = serializers.CharField(source="rule.name")
    rights = serializers.CharField()
    volumes = serializers.IntegerField(help_text="How many it has; 0 before it is packed.")

    def get_file_path(self, release: Release) -> str:
        return f"/releases/{release.name}"


@example(CHANGE)
class ReleaseChangeSerializer(StrictSerializer):
    metadata = serializers.DictField(
        required=False, help_text="By field, only those that change; texts, the year a number."
    )
    config = ConfigSerializer(required=False)


@example({"id": 1, "message": "Release updated"})
class ReleaseAnswerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    message = serializers.CharField()


@example({"message": "Release deleted"})
class ReleaseMessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


def visible(request: SignedInRequest, pk: int) -> Release:
    """Return the release.

    Raises:
        NotFound: there is none that the caller may see.
    """
    seen = Release.objects.visible_to(request.user).select_related(*RELATED)
    release = seen.filter(pk=pk).first()
    if release is None:
        raise NotFound("Release", pk)
    return release


def readable(request: SignedInRequest, pk: int) -> Release:
    """Return the release.

    Raises:
        NotFound: there is none that the caller may see.
        PermissionDenied: the caller may read none.
    """
    release = visible(request, pk)
    if not holds(request.user, "releases", "read", release):
        require(request.user, "releases", "read")
    return release


def deletable(request: SignedInRequest, pk: int) -> Release:
    """Return the release, be it in the trash; who may delete one need not be able to read it.

    Raises:
        NotFound: there is none that the caller may see or delete.
    """
    found = Release.objects.filter(pk=pk)
    release = found.select_related(*RELATED).first()
    if release is None or not (
        holds(request.user, "releases", "delete", release)
        or found.reachable_by(request.user).exists()
    ):
        raise NotFound("Release", pk)
    return release


def lock(pk: int) -> None:
    """Keep others from the row to the end of the transaction."""
    Release.objects.select_for_update().filter(pk=pk).values_list("pk").first()


class ReleaseDetailView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Read a release",
        description="Where edits wait for a repack, `metadata` and `config` are as they will be.",
        responses={200: ReleaseDetailSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> HttpResponseBase:
        return tagged(request, ReleaseDetailSerializer(readable(request, pk)).data)

    @extend_schema(
        summary="Change a release",
        description=CHANGE_TELLS,
        request=ReleaseChangeSerializer,
        responses={200: ReleaseAnswerSerializer, **ERRORS(400, 401, 403, 404, 409, 412, 422)},
    )
    def put(self, request: SignedInRequest, pk: int) -> Response:
        visible(request, pk)
        body = ReleaseChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        with transaction.atomic():
            lock(pk)
            release = visible(request, pk)
            require_match(request, ReleaseDetailSerializer(release).data)
            edited = actions.edit_release(
                release,
                by=request.user,
                metadata=given.get("metadata", {}),
                columns=columns_of(release, given.get("config", {})),
            )
        answer = {"id": edited.pk, "message": "Release updated"}
        return Response(answer, headers={"ETag": etag(ReleaseDetailSerializer(edited).data)})

    @extend_schema(
        summary="Delete a release",
        description=DELETE_TELLS,
        parameters=[PERMANENT],
        responses={200: ReleaseMessageSerializer, **ERRORS(400, 401, 403, 404, 409, 412, 422)},
    )
    def delete(self, request: SignedInRequest, pk: int) -> Response:
        if flag(request, "permanent"):
            release = deletable(request, pk)
            require_match(request, ReleaseDetailSerializer(release).data)
            actions.forget_release(release, by=request.user)
        else:
            actions.trash_release(standing(request, pk), by=request.user)
        return Response({"message": "Release deleted"})


def standing(request: SignedInRequest, pk: int) -> Release:
    """Return the release that is to be thrown away: its files are moved while no row is locked.

    Raises:
        NotFound: there is none that the caller may see or delete, or it lies in the trash.
        Overtaken: it is another one than the client read.
    """
    with transaction.atomic():
        lock(pk)
        release = deletable(request, pk)
        if release.trashed_at:
            raise NotFound("Release", pk)
        require_match(request, ReleaseDetailSerializer(release).data)
    return release
