"""The versions of a rule's text, for programs."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import require
from api.errors import NotFound
from api.pagination import PAGE_EXAMPLE, PAGING, PaginationSerializer, described, number, page_of
from api.rules import RuleAnswerSerializer, rule_of
from api.schema import ERRORS, SignedInRequest, example
from releases.downloads import kept
from releases.unified import unified
from rulebook import actions
from rules.models import Rule, RuleVersion

VERSION = {
    "version": 2,
    "origin": "edited",
    "encoding": "cp437",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "source": "",
    "url": "",
    "by": "operator",
    "at": "2026-01-02T10:00:00Z",
}


class RuleVersionSerializer(serializers.Serializer[RuleVersion]):
    version = serializers.IntegerField(source="number")
    origin = serializers.CharField(help_text="published, uploaded or edited.")
    encoding = serializers.CharField()
    sha256 = serializers.CharField(help_text="Of the bytes as they came.")
    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name
        help_text="The name of its file."
    )
    url = serializers.CharField(help_text="Where it was downloaded from.")
    by = serializers.CharField(source="by.username", default=None, allow_null=True)
    at = serializers.DateTimeField()


@example(VERSION | {"content": "The eBOOK rules of 2022\n"})
class RuleVersionDetailSerializer(RuleVersionSerializer):
    content = serializers.CharField()


@example({"versions": [VERSION], "pagination": PAGE_EXAMPLE})
class RuleVersionsSerializer(serializers.Serializer[Any]):
    versions = RuleVersionSerializer(many=True)
    pagination = PaginationSerializer()


@example(
    {"from": 1, "to": 2, "diff": "--- 2022_EBOOK 1\n+++ 2022_EBOOK 2\n@@ -1 +1 @@\n-old\n+new\n"}
)
class RuleDiffSerializer(serializers.Serializer[Any]):
    old = serializers.IntegerField(help_text="The version that is compared with.")
    new = serializers.IntegerField()
    diff = serializers.CharField(help_text="Unified, three lines of context; empty: the same.")

    def get_fields(self) -> dict[str, Any]:
        """Name them as the query does; `from` is a word of the language."""
        fields = super().get_fields()
        return {
            "from": fields["old"],
            "to": fields["new"],
            "diff": fields["diff"],
        }


def version_of(rule: Rule, wanted: int) -> RuleVersion:
    found = rule.versions.select_related("by").filter(number=wanted).first()
    if found is None:
        raise NotFound("Version", wanted)
    return found


class RuleVersionsView(APIView):
    scope = "rules"

    @extend_schema(
        operation_id="rules_versions_list",
        summary="List the versions of a rule's text",
        description="The newest first, each with where it came from; without the texts.",
        parameters=PAGING,
        responses={200: RuleVersionsSerializer, **ERRORS(400, 401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        rule = rule_of(request, pk, "content", "spec_data", "unread")
        versions = rule.versions.select_related("by").defer("raw", "content")
        page = page_of(versions, request)
        told = {"versions": page.object_list, "pagination": described(page)}
        return Response(RuleVersionsSerializer(told).data)


class RuleVersionView(APIView):
    scope = "rules"

    @extend_schema(
        summary="Read a version of a rule's text",
        description="With the text as it was read; `raw` gives the bytes as they came.",
        responses={200: RuleVersionDetailSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int, number: int) -> Response:
        version = version_of(rule_of(request, pk), number)
        return Response(RuleVersionDetailSerializer(version).data)


class RuleRestoreView(APIView):
    scope = "rules"

    @extend_schema(
        summary="Put a version of a rule's text in force",
        description="The others stay, and can be put in force again.",
        request=None,
        responses={200: RuleAnswerSerializer, **ERRORS(401, 403, 404)},
    )
    def post(self, request: SignedInRequest, pk: int, number: int) -> Response:
        rule = rule_of(request, pk)
        require(request.user, "rules", "mod", rule)
        version_of(rule, number)
        actions.restore_version(rule, number, by=request.user)
        return Response({"id": pk, "message": "Rule restored"})


class RuleDiffView(APIView):
    scope = "rules"

    @extend_schema(
        summary="Compare two versions of a rule's text",
        description="Unless told, the one in force with the one before it.",
        parameters=[
            OpenApiParameter("from", int, description="The version before `to`, unless told."),
            OpenApiParameter("to", int, description="The one in force, unless told."),
        ],
        responses={200: RuleDiffSerializer, **ERRORS(400, 401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        rule = rule_of(request, pk, "content")
        new = version_of(rule, number(request, "to", rule.version or 1))
        old = version_of(rule, number(request, "from", max(new.number - 1, 1)))
        names = tuple(f"{rule.name} {version.number}" for version in (old, new))
        told = unified(old.content, new.content, names=(names[0], names[1]))
        return Response({"from": old.number, "to": new.number, "diff": told})


class RuleRawView(APIView):
    scope = "rules"

    @extend_schema(
        summary="Download the text of a rule as it came",
        description="Byte for byte, in its own encoding.",
        parameters=[OpenApiParameter("version", int, description="The one in force, unless told.")],
        responses={
            (HTTPStatus.OK, "application/octet-stream"): OpenApiResponse(
                OpenApiTypes.BINARY,
                "The NFO.",
                [OpenApiExample("Text", "The eBOOK rules of 2022\r\n")],
            ),
            **ERRORS(400, 401, 403, 404),
        },
    )
    def get(self, request: SignedInRequest, pk: int) -> HttpResponse:
        rule = rule_of(request, pk, "content")
        version = version_of(rule, number(request, "version", rule.version or 1))
        return HttpResponse(
            bytes(version.raw),
            content_type="application/octet-stream",
            headers=kept(f"{rule.name}.nfo"),
        )
