"""The rules of the library as a list and as a tree, for programs."""

import re
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import require
from api.filters import refuse_unknown
from api.flags import flag
from api.pagination import PAGE_EXAMPLE, PAGING, PaginationSerializer, described, page_of
from api.rules import RuleSerializer
from api.schema import ERRORS, SignedInRequest, example
from releases.models import ReleaseType
from rules.models import UNKNOWN_YEAR, Branch, Rule, RuleQuerySet, separate
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
    OpenApiParameter("sort", str, enum=SORTS, description="Unless told, the newest year first."),
    OpenApiParameter("order", str, enum=("asc", "desc"), description="asc unless told."),
    OpenApiParameter("details", bool, description="With all that is known of each, but its text."),
    *PAGING,
]
RULE = {
    "id": 1,
    "name": "2022_EBOOK",
    "scene": "English",
    "section": "eBOOK",
    "year": 2022,
    "created_at": "2026-01-02T10:00:00Z",
}
BRANCH = {
    "scene": "English",
    "count": 1,
    "sections": [{"section": "eBOOK", "count": 1, "years": [{"year": 2022, "count": 1}]}],
}


class ListedRuleSerializer(RuleSerializer):
    """Tells what is asked for by `details` only then."""

    type = serializers.CharField(source="release_type", required=False)
    origin = serializers.CharField(required=False, help_text="shipped, published or local.")
    version = serializers.IntegerField(required=False, help_text="Of its text; 0: none is known.")
    is_complete = serializers.BooleanField(
        required=False, help_text="Whether releases can be packed by it."
    )
    vanished = serializers.BooleanField(
        source="has_vanished", required=False, help_text="Whether its site lists it no more."
    )

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        brief = self.context.get("details") is False
        return {name: fields[name] for name in RULE} if brief else fields


@example({"rules": [RULE], "pagination": PAGE_EXAMPLE})
class RulesSerializer(serializers.Serializer[Any]):
    rules = ListedRuleSerializer(many=True)
    pagination = PaginationSerializer()


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


@example({"tree": [BRANCH]})
class RuleTreeSerializer(serializers.Serializer[Any]):
    tree = SceneBranchSerializer(many=True)


def filtered(request: SignedInRequest) -> RuleQuerySet:
    """Narrow the rules as the query string says.

    Raises:
        ValidationError: a year is no number, or a type or an origin is none.
    """
    require(request.user, "rules", "read")
    asked = request.query_params
    for year in separate(asked.getlist("year")):
        if year != UNKNOWN_YEAR and not YEAR.fullmatch(year):
            raise ValidationError({"year": ["A year is a number like 2022."]})
    refuse_unknown(request, "type", ReleaseType.values)
    refuse_unknown(request, "origin", Rule.Origin.values)
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
    context = {"details": flag(request, "details")}
    shown = {"rules": page.object_list, "pagination": described(page)}
    return Response(RulesSerializer(shown, context=context).data)


class RuleListView(APIView):
    scope = "rules"

    @extend_schema(
        operation_id="rules_list",
        summary="List the rules of the library",
        description="All that is here, with what narrows and orders it. The texts are not told.",
        parameters=LISTING,
        responses={200: RulesSerializer, **ERRORS(400, 401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        return listed(request)


class LocalRuleListView(APIView):
    scope = "rules"

    @extend_schema(
        operation_id="rules_local_list",
        summary="List the rules that are here",
        description="The same as `/rules`: what is only listed elsewhere stands in "
        "`/rules/scenerules`.",
        parameters=LISTING,
        responses={200: RulesSerializer, **ERRORS(400, 401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        return listed(request)


class RuleTreeView(APIView):
    scope = "rules"

    @extend_schema(
        summary="Count the rules by scene, section and year",
        description="The same filters as those of the list, for a tree to choose from.",
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
