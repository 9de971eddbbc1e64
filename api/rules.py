"""The rules library for programs."""

import re
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import require
from api.errors import NotFound
from api.pagination import PaginationSerializer, described, number, page_of
from api.schema import ERRORS, SignedInRequest
from releases.actions import WrongField
from releases.downloads import kept
from releases.models import ReleaseType
from releases.unified import unified
from rulebook import actions
from rules.models import (
    NAME_LENGTH,
    UNKNOWN_YEAR,
    Branch,
    Rule,
    RuleQuerySet,
    RuleVersion,
    separate,
)
from rules.paging import FoundOnce

SORTS = ("name", "scene", "section", "year", "created_at", "updated_at")
FILTERS = ("scene", "section", "year", "type", "origin")
YEAR = re.compile("[0-9]{1,4}")
FILTERING = [
    OpenApiParameter("scene", str, description="E.g. English; repeated or comma-separated."),
    OpenApiParameter("section", str, description="E.g. eBOOK; repeated or comma-separated."),
    OpenApiParameter("year", str, description="Repeated or comma-separated; `?`: it is not known."),
    OpenApiParameter("type", str, description="EBOOK, TV or DOCS; repeated or comma-separated."),
    OpenApiParameter(
        "origin", str, description="shipped, published or local; repeated or comma-separated."
    ),
    OpenApiParameter(
        "search",
        str,
        description="In name, section and text; words may be begun only, and `*` stands for "
        "anything. What begins with it or has it inside is looked for in name and section alone, "
        "like words of one or two letters.",
    ),
]
LISTING = [
    *FILTERING,
    OpenApiParameter("sort", str, description=f"One of {', '.join(SORTS)}."),
    OpenApiParameter("order", str, description="asc or desc."),
    OpenApiParameter("page", int, description="From 1."),
    OpenApiParameter("per_page", int, description="At most 100; 20 unless told."),
]
LISTED = OpenApiExample(
    "One rule",
    {
        "rules": [
            {
                "id": 1,
                "name": "2022_EBOOK",
                "scene": "English",
                "section": "eBOOK",
                "year": 2022,
                "created_at": "2026-01-02T10:00:00Z",
            }
        ],
        "pagination": {"page": 1, "per_page": 20, "total": 1, "pages": 1},
    },
    response_only=True,
)


class RuleSerializer(serializers.Serializer[Rule]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    scene = serializers.CharField()
    section = serializers.CharField()
    year = serializers.IntegerField(allow_null=True, help_text="Null: it is not known.")
    created_at = serializers.DateTimeField()


class RulesSerializer(serializers.Serializer[Any]):
    rules = RuleSerializer(many=True)
    pagination = PaginationSerializer()


class RuleDetailSerializer(RuleSerializer):
    content = serializers.CharField(help_text="The text in force; empty: none is known.")
    updated_at = serializers.DateTimeField()
    type = serializers.CharField(source="release_type", help_text="Empty: none of ours.")
    origin = serializers.CharField(help_text="shipped, published or local.")
    version = serializers.IntegerField(help_text="Of its text; 0: none is known.")
    is_complete = serializers.BooleanField(help_text="Whether releases can be packed by it.")


class RulePreviewSerializer(serializers.Serializer[Any]):
    content = serializers.CharField()
    formatted = serializers.BooleanField(help_text="Always: with LF line ends, without tabs.")


@extend_schema_field(OpenApiTypes.STR)  # other choices have the same name
class EncodingField(serializers.ChoiceField):
    """Takes the name of an encoding that NFOs come in."""

    def __init__(self) -> None:
        known = ", ".join(actions.ENCODINGS)
        super().__init__(
            choices=actions.ENCODINGS,
            required=False,
            allow_blank=True,
            help_text=f"One of {known}; empty: detected.",
        )


class RuleUploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="An NFO, at most 1 MiB.")
    name = serializers.CharField(
        required=False, allow_blank=True, help_text="Empty: that of the file."
    )
    scene = serializers.CharField(required=False, allow_blank=True, help_text="Empty: detected.")
    section = serializers.CharField(required=False, allow_blank=True, help_text="Empty: detected.")
    year = serializers.IntegerField(
        required=False, allow_null=True, help_text="Left out: detected."
    )
    type = serializers.ChoiceField(
        required=False,
        choices=ReleaseType.choices,
        allow_blank=True,
        source="release_type",
        help_text="Empty: detected.",
    )
    encoding = EncodingField()


class RuleChangeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, max_length=NAME_LENGTH)
    content = serializers.CharField(required=False, trim_whitespace=False)
    scene = serializers.CharField(required=False)
    section = serializers.CharField(required=False)
    year = serializers.IntegerField(required=False, allow_null=True)
    type = serializers.ChoiceField(
        required=False, choices=ReleaseType.choices, allow_blank=True, source="release_type"
    )
    version = serializers.IntegerField(
        required=False, help_text="The version that was read: 409 where another is in force."
    )


class RuleAnswerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    message = serializers.CharField()


class RuleMessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


class YearBranchSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField(allow_null=True)
    count = serializers.IntegerField()


class SectionBranchSerializer(serializers.Serializer[Any]):
    section = serializers.CharField()
    count = serializers.IntegerField()
    years = YearBranchSerializer(many=True)


class SceneBranchSerializer(serializers.Serializer[Any]):
    scene = serializers.CharField()
    count = serializers.IntegerField()
    sections = SectionBranchSerializer(many=True)


class RuleTreeSerializer(serializers.Serializer[Any]):
    tree = SceneBranchSerializer(many=True)


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


class RuleVersionDetailSerializer(RuleVersionSerializer):
    content = serializers.CharField()


class RuleVersionsSerializer(serializers.Serializer[Any]):
    versions = RuleVersionSerializer(many=True)
    pagination = PaginationSerializer()


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


def rule_of(request: SignedInRequest, pk: int, *deferred: str) -> Rule:
    """Return the rule.

    Raises:
        NotFound: there is none.
        PermissionDenied: the caller may not read rules.
    """
    require(request.user, "rules", "read")
    found = Rule.objects.defer(*deferred).filter(pk=pk).first()
    if found is None:
        raise NotFound("Rule", pk)
    return found


def version_of(rule: Rule, wanted: int) -> RuleVersion:
    found = rule.versions.select_related("by").filter(number=wanted).first()
    if found is None:
        raise NotFound("Version", wanted)
    return found


def filtered(request: SignedInRequest) -> RuleQuerySet:
    """Narrow the rules as the query string says.

    Raises:
        ValidationError: a year is no number.
    """
    require(request.user, "rules", "read")
    asked = request.query_params
    for year in separate(asked.getlist("year")):
        if year != UNKNOWN_YEAR and not YEAR.fullmatch(year):
            raise ValidationError({"year": ["A year is a number like 2022."]})
    wanted = {name: asked.getlist(name) for name in FILTERS}
    return Rule.objects.filtered(**wanted).search(asked.get("search", ""))


def ordered(rules: RuleQuerySet, request: SignedInRequest) -> RuleQuerySet:
    """Order `rules` as the query string says; else the newest year comes first.

    Raises:
        ValidationError: that is no order.
    """
    sort, order = request.query_params.get("sort"), request.query_params.get("order", "asc")
    if order not in {"asc", "desc"}:
        raise ValidationError({"order": ["asc or desc."]})
    if sort is None:
        first = rules.recommended_first()
        return first if order == "asc" else first.reverse()
    if sort not in SORTS:
        raise ValidationError({"sort": [f"One of {', '.join(SORTS)}."]})
    return rules.order_by(f"{'-' if order == 'desc' else ''}{sort}", "pk")


def listed(request: SignedInRequest) -> Response:
    found = ordered(filtered(request), request).without_texts()
    once = partial(FoundOnce, rows=Rule.objects.without_texts())
    page = page_of(found, request, once if request.query_params.get("search") else Paginator)
    return Response(
        RulesSerializer({"rules": page.object_list, "pagination": described(page)}).data
    )


class RuleListView(APIView):
    @extend_schema(
        operation_id="rules_list",
        summary="List the rules of the library",
        parameters=LISTING,
        responses={200: RulesSerializer, **ERRORS(400, 401, 403)},
        examples=[LISTED],
    )
    def get(self, request: SignedInRequest) -> Response:
        return listed(request)


class LocalRuleListView(APIView):
    @extend_schema(
        operation_id="rules_local_list",
        summary="List the rules that are here",
        description="The same as `/rules`: what is only listed elsewhere stands in "
        "`/rules/scenerules`.",
        parameters=LISTING,
        responses={200: RulesSerializer, **ERRORS(400, 401, 403)},
        examples=[LISTED],
    )
    def get(self, request: SignedInRequest) -> Response:
        return listed(request)


class RuleTreeView(APIView):
    @extend_schema(
        summary="Count the rules by scene, section and year",
        parameters=FILTERING,
        responses={200: RuleTreeSerializer, **ERRORS(400, 401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        return Response({"tree": [scene_told(scene) for scene in filtered(request).tree()]})


def scene_told(scene: Branch) -> dict[str, Any]:
    sections = [section_told(section) for section in scene.branches]
    return {"scene": scene.name, "count": scene.count, "sections": sections}


def section_told(section: Branch) -> dict[str, Any]:
    years = [
        {"year": int(year.name) if year.name else None, "count": year.count}
        for year in section.branches
    ]
    return {"section": section.name, "count": section.count, "years": years}


class RuleDetailView(APIView):
    @extend_schema(
        summary="Read a rule", responses={200: RuleDetailSerializer, **ERRORS(401, 403, 404)}
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        return Response(RuleDetailSerializer(rule_of(request, pk)).data)

    @extend_schema(
        summary="Change a rule",
        description="What is left out stays. Another text is a new version, a local copy: what "
        "was published stays, and can be restored.",
        request=RuleChangeSerializer,
        responses={200: RuleAnswerSerializer, **ERRORS(400, 401, 403, 404, 409, 422)},
        examples=[
            OpenApiExample("Another section", {"section": "eBOOK", "year": 2024}, request_only=True)
        ],
    )
    def put(self, request: SignedInRequest, pk: int) -> Response:
        rule = rule_of(request, pk)
        asked = RuleChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        changes = dict(asked.validated_data)
        seen = changes.pop("version", None)
        edit = replace(actions.RuleEdit.of(rule), **changes)
        try:
            actions.edit_rule(rule, edit, by=request.user, seen_version=seen)
        except WrongField as error:
            if error.field != "release_type":
                raise
            raise ValidationError({"type": [str(error)]}) from error
        return Response({"id": pk, "message": "Rule updated"})

    @extend_schema(
        summary="Delete a rule",
        description="Refused while there are releases made by it. Drafts must choose another.",
        responses={200: RuleMessageSerializer, **ERRORS(401, 403, 404, 422)},
    )
    def delete(self, request: SignedInRequest, pk: int) -> Response:
        actions.delete_rule(rule_of(request, pk), by=request.user)
        return Response({"message": "Rule deleted"})


class RulePreviewView(APIView):
    @extend_schema(
        summary="Read the text of a rule as it is shown",
        responses={200: RulePreviewSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        return Response({"content": rule_of(request, pk).content, "formatted": True})


class RuleUploadView(APIView):
    parser_classes = [MultiPartParser]

    @extend_schema(
        summary="Add a rule from its text",
        description="What is left out is detected, by the name of the file and by its text.",
        request={"multipart/form-data": RuleUploadSerializer},
        responses={200: RuleAnswerSerializer, **ERRORS(400, 401, 403, 409, 422)},
        examples=[
            OpenApiExample(
                "Added", {"id": 2, "message": "Rule uploaded successfully"}, response_only=True
            )
        ],
    )
    def post(self, request: SignedInRequest) -> Response:
        require(request.user, "rules", "write")
        asked = RuleUploadSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        told = dict(asked.validated_data)
        file = told.pop("file")
        new = actions.NewRule(raw=actions.sent_bytes(file), source=file.name or "", **told)
        rule = actions.import_rule(new, by=request.user)
        return Response({"id": rule.pk, "message": "Rule uploaded successfully"})


class RuleVersionsView(APIView):
    @extend_schema(
        operation_id="rules_versions_list",
        summary="List the versions of a rule's text",
        parameters=[OpenApiParameter("page", int), OpenApiParameter("per_page", int)],
        responses={200: RuleVersionsSerializer, **ERRORS(400, 401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        rule = rule_of(request, pk, "content", "spec_data", "unread")
        versions = rule.versions.select_related("by").defer("raw", "content")
        page = page_of(versions, request)
        told = {"versions": page.object_list, "pagination": described(page)}
        return Response(RuleVersionsSerializer(told).data)


class RuleVersionView(APIView):
    @extend_schema(
        summary="Read a version of a rule's text",
        responses={200: RuleVersionDetailSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int, number: int) -> Response:
        version = version_of(rule_of(request, pk), number)
        return Response(RuleVersionDetailSerializer(version).data)


class RuleRestoreView(APIView):
    @extend_schema(
        summary="Put a version of a rule's text in force",
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
    @extend_schema(
        summary="Compare two versions of a rule's text",
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
    @extend_schema(
        summary="Download the text of a rule as it came",
        parameters=[OpenApiParameter("version", int, description="The one in force, unless told.")],
        responses={
            (HTTPStatus.OK, "application/octet-stream"): OpenApiTypes.BINARY,
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
