"""NFO templates for programs: the library, its versions, its defaults."""

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from api.errors import NotFound
from api.etags import require_match, tagged
from api.filters import refuse_unknown
from api.pagination import PAGE_EXAMPLE, PAGING, PaginationSerializer, described, page_of
from api.schema import ERRORS, SignedInRequest, example
from releases import actions
from releases.models import DefaultTemplate, NfoTemplate, ReleaseType
from releases.templating import MAX_TEMPLATE_CHARACTERS
from rules.models import Rule, separate

TEMPLATE = {
    "id": 1,
    "name": "ebook",
    "type": "EBOOK",
    "rule": None,
    "content": "{{ title }}\nby {{ author }}\n",
    "encoding": "cp437",
    "version": 1,
    "is_default": True,
    "is_system": True,
    "is_mine": False,
    "updated_at": "2026-01-02T10:00:00Z",
}
NEW = {
    "name": "Two lines",
    "type": "EBOOK",
    "content": "{{ title }}\nby {{ author }}\n",
    "encoding": "cp437",
}


@example(TEMPLATE)
class TemplateSerializer(serializers.Serializer[NfoTemplate]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    type = serializers.CharField(help_text="EBOOK, TV or DOCS; empty: for all.")
    rule = serializers.CharField(source="rule.name", default=None, allow_null=True)
    content = serializers.CharField()
    encoding = serializers.CharField()
    version = serializers.IntegerField()
    is_default = serializers.BooleanField(help_text="Everybody's default of its type.")
    is_system = serializers.BooleanField(help_text="Whether everybody sees it.")
    is_mine = serializers.SerializerMethodField(help_text="Whether it is the caller's default.")
    updated_at = serializers.DateTimeField()

    def get_is_mine(self, template: NfoTemplate) -> bool:
        return template.pk in self.context["own_defaults"]


@example({"templates": [TEMPLATE], "pagination": PAGE_EXAMPLE})
class TemplatesSerializer(serializers.Serializer[Any]):
    templates = TemplateSerializer(many=True)
    pagination = PaginationSerializer()


class TemplateChangeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, max_length=200)
    type = serializers.ChoiceField(required=False, choices=ReleaseType.choices, allow_blank=True)
    rule = serializers.SlugRelatedField[Rule](
        required=False, allow_null=True, slug_field="name", queryset=Rule.objects.all()
    )
    content = serializers.CharField(
        required=False, trim_whitespace=False, max_length=MAX_TEMPLATE_CHARACTERS
    )
    encoding = serializers.ChoiceField(required=False, choices=NfoTemplate.Encoding.choices)
    is_system = serializers.BooleanField(required=False)


@example(NEW, "Two lines")
class NewTemplateSerializer(TemplateChangeSerializer):
    name = serializers.CharField(max_length=200)
    content = serializers.CharField(trim_whitespace=False, max_length=MAX_TEMPLATE_CHARACTERS)


@example({"encoding": "utf-8", "version": 1}, "Encoding")
class SeenTemplateSerializer(TemplateChangeSerializer):
    version = serializers.IntegerField(
        required=False, help_text="The version that was read: 409 where there is a newer one."
    )


@example({"id": 5, "version": 1, "message": "Template created"})
class TemplateAnswerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    message = serializers.CharField()


@example({"message": "Template deleted"})
class TemplateMessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


def visible(request: SignedInRequest) -> QuerySet[NfoTemplate]:
    return NfoTemplate.objects.visible_to(request.user).select_related("rule")


def template_of(request: SignedInRequest, pk: int) -> NfoTemplate:
    """Return the template, with what was made of its file.

    Raises:
        NotFound: there is none that the caller may see.
    """
    found = visible(request).filter(pk=pk).first()
    if found is None:
        raise NotFound("Template", pk)
    return actions.catch_up(found)


def with_defaults(request: SignedInRequest) -> dict[str, Any]:
    own = DefaultTemplate.objects.filter(user=request.user)
    return {"own_defaults": {*own.values_list("template_id", flat=True)}}


def told(template: NfoTemplate, request: SignedInRequest) -> dict[str, Any]:
    return dict(TemplateSerializer(template, context=with_defaults(request)).data)


def held(request: SignedInRequest, pk: int) -> NfoTemplate:
    """Return the template, which nobody else changes before the transaction ends.

    Raises:
        NotFound: there is none that the caller may see.
        Overtaken: it is not what the caller has read.
    """
    template = template_of(request, pk)
    NfoTemplate.objects.select_for_update().get(pk=pk)
    template.refresh_from_db()
    require_match(request, told(template, request))
    return template


def answered(template: NfoTemplate, message: str, status: int = 200) -> Response:
    body = {"id": template.pk, "version": template.version, "message": message}
    return Response(body, status=status)


class TemplateListView(APIView):
    scope = "releases"

    @extend_schema(
        operation_id="templates_list",
        summary="List NFO templates",
        description="Those of everybody and the caller's own, with their texts.",
        parameters=[
            OpenApiParameter(
                "type",
                str,
                description="EBOOK, TV or DOCS, repeated or comma-separated; also those for all.",
            ),
            OpenApiParameter("search", str, description="Part of the name."),
            *PAGING,
        ],
        responses={200: TemplatesSerializer, **ERRORS(400, 401, 403)},
    )
    def get(self, request: SignedInRequest) -> Response:
        refuse_unknown(request, "type", ReleaseType.values)
        listed = visible(request)
        if kinds := separate(request.query_params.getlist("type")):
            listed = listed.filter(type__in=["", *map(str.upper, kinds)])
        if part := request.query_params.get("search"):
            listed = listed.filter(name__icontains=part)
        page = page_of(listed, request)
        listed_page = {"templates": page.object_list, "pagination": described(page)}
        return Response(TemplatesSerializer(listed_page, context=with_defaults(request)).data)

    @extend_schema(
        summary="Add an NFO template",
        description="It is the caller's own, unless `is_system` shows it to everybody.",
        request=NewTemplateSerializer,
        responses={201: TemplateAnswerSerializer, **ERRORS(400, 401, 403, 409)},
    )
    def post(self, request: SignedInRequest) -> Response:
        asked = NewTemplateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        new = actions.NewTemplate(**asked.validated_data)
        return answered(actions.create_template(new, by=request.user), "Template created", 201)


class TemplateDetailView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Read an NFO template",
        description="With its text in force; what its file says counts where templates are files.",
        responses={200: TemplateSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> HttpResponseBase:
        return tagged(request, told(template_of(request, pk), request))

    @extend_schema(
        summary="Change an NFO template",
        description="What is left out stays. Another text or encoding is a new version.",
        request=SeenTemplateSerializer,
        responses={200: TemplateAnswerSerializer, **ERRORS(400, 401, 403, 404, 409, 412, 422)},
    )
    @transaction.atomic
    def put(self, request: SignedInRequest, pk: int) -> Response:
        template = held(request, pk)
        asked = SeenTemplateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        changes = dict(asked.validated_data)
        seen = changes.pop("version", None)
        new = replace(actions.NewTemplate.of(template), **changes)
        changed = actions.change_template(template, new, by=request.user, seen_version=seen)
        return answered(changed, "Template updated")

    @extend_schema(
        summary="Delete an NFO template",
        description="Drafts fall back to another one; releases keep their text.",
        responses={200: TemplateMessageSerializer, **ERRORS(401, 403, 404, 412, 422)},
    )
    @transaction.atomic
    def delete(self, request: SignedInRequest, pk: int) -> Response:
        actions.delete_template(held(request, pk), by=request.user)
        return Response({"message": "Template deleted"})
