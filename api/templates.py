"""NFO templates for programs: the library, its versions, its defaults."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import require
from api.errors import NotFound
from api.pagination import PaginationSerializer, described, page_of
from api.schema import ERRORS, SignedInRequest
from releases import actions
from releases.models import DefaultTemplate, NfoTemplate, ReleaseType, TemplateVersion
from releases.templating import MAX_TEMPLATE_CHARACTERS
from rules.models import Rule

IMPORT_BYTES = 1 << 20
FOR_ME, FOR_ALL = "me", "everybody"


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


class NewTemplateSerializer(TemplateChangeSerializer):
    name = serializers.CharField(max_length=200)
    content = serializers.CharField(trim_whitespace=False, max_length=MAX_TEMPLATE_CHARACTERS)


class SeenTemplateSerializer(TemplateChangeSerializer):
    version = serializers.IntegerField(
        required=False, help_text="The version that was read: 409 where there is a newer one."
    )


class TemplateAnswerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    message = serializers.CharField()


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


def answered(template: NfoTemplate, message: str, status: int = 200) -> Response:
    body = {"id": template.pk, "version": template.version, "message": message}
    return Response(body, status=status)


class TemplateListView(APIView):
    @extend_schema(
        operation_id="templates_list",
        summary="List NFO templates",
        parameters=[
            OpenApiParameter("type", str, description="EBOOK, TV or DOCS; those for all as well."),
            OpenApiParameter("search", str, description="Part of the name."),
            OpenApiParameter("page", int),
            OpenApiParameter("per_page", int),
        ],
        responses={200: TemplatesSerializer, **ERRORS(400, 401)},
    )
    def get(self, request: SignedInRequest) -> Response:
        listed = visible(request)
        if kind := request.query_params.get("type"):
            listed = listed.filter(type__in=["", kind])
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
        examples=[
            OpenApiExample(
                "Two lines",
                {
                    "name": "Two lines",
                    "type": "EBOOK",
                    "content": "{{ title }}\nby {{ author }}\n",
                    "encoding": "cp437",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: SignedInRequest) -> Response:
        asked = NewTemplateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        new = actions.NewTemplate(**asked.validated_data)
        return answered(actions.create_template(new, by=request.user), "Template created", 201)


class TemplateDetailView(APIView):
    @extend_schema(
        summary="Read an NFO template",
        responses={200: TemplateSerializer, **ERRORS(401, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        template = template_of(request, pk)
        return Response(TemplateSerializer(template, context=with_defaults(request)).data)

    @extend_schema(
        summary="Change an NFO template",
        description="What is left out stays. Another text or encoding is a new version.",
        request=SeenTemplateSerializer,
        responses={200: TemplateAnswerSerializer, **ERRORS(400, 401, 403, 404, 409, 422)},
        examples=[OpenApiExample("Encoding", {"encoding": "utf-8"}, request_only=True)],
    )
    def put(self, request: SignedInRequest, pk: int) -> Response:
        template = template_of(request, pk)
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
        responses={200: TemplateMessageSerializer, **ERRORS(401, 403, 404, 422)},
    )
    def delete(self, request: SignedInRequest, pk: int) -> Response:
        actions.delete_template(template_of(request, pk), by=request.user)
        return Response({"message": "Template deleted"})


class TemplateDuplicateView(APIView):
    @extend_schema(
        summary="Copy an NFO template",
        request=None,
        responses={201: TemplateAnswerSerializer, **ERRORS(401, 403, 404)},
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        copied = actions.duplicate_template(template_of(request, pk), by=request.user)
        return answered(copied, "Template created", 201)


class DefaultSerializer(serializers.Serializer[Any]):
    scope = serializers.ChoiceField(choices=[FOR_ME, FOR_ALL], default=FOR_ME)
    type = serializers.ChoiceField(
        required=False,
        choices=ReleaseType.choices,
        help_text="For which releases, where the template is for all.",
    )


class TemplateDefaultView(APIView):
    @extend_schema(
        summary="Make an NFO template the default of its type",
        request=DefaultSerializer,
        responses={200: TemplateMessageSerializer, **ERRORS(400, 401, 403, 404, 422)},
        examples=[OpenApiExample("One's own", {"scope": "me"}, request_only=True)],
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        template = template_of(request, pk)
        asked = DefaultSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        kind = asked.validated_data.get("type", template.type)
        if asked.validated_data["scope"] == FOR_ALL:
            actions.make_system_default(template, by=request.user)
        elif not kind:
            raise ValidationError({"type": ["Say for which type of release."]})
        else:
            actions.make_own_default(template, kind, by=request.user)
        return Response({"message": "Default template updated"})


class VersionSerializer(serializers.Serializer[TemplateVersion]):
    version = serializers.IntegerField(source="number")
    content = serializers.CharField()
    encoding = serializers.CharField()
    by = serializers.CharField(source="by.username", default=None, allow_null=True)
    at = serializers.DateTimeField()


class VersionsSerializer(serializers.Serializer[Any]):
    versions = VersionSerializer(many=True)
    pagination = PaginationSerializer()


class TemplateVersionsView(APIView):
    @extend_schema(
        summary="List what an NFO template was",
        parameters=[OpenApiParameter("page", int), OpenApiParameter("per_page", int)],
        responses={200: VersionsSerializer, **ERRORS(400, 401, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        page = page_of(template_of(request, pk).versions.select_related("by"), request)
        listed = {"versions": page.object_list, "pagination": described(page)}
        return Response(VersionsSerializer(listed).data)


class TemplateRestoreView(APIView):
    @extend_schema(
        summary="Make an NFO template again what it was",
        description="That is a new version.",
        request=None,
        responses={200: TemplateAnswerSerializer, **ERRORS(401, 403, 404, 409, 422)},
    )
    def post(self, request: SignedInRequest, pk: int, number: int) -> Response:
        version = template_of(request, pk).versions.filter(number=number).first()
        if version is None:
            raise NotFound("Version", number)
        return answered(actions.restore_version(version, by=request.user), "Template restored")


class ImportSerializer(serializers.Serializer[Any]):
    file = serializers.FileField()


class ImportedSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    content = serializers.CharField()
    encoding = serializers.CharField()
    notes = serializers.ListField(child=serializers.CharField())


class TemplateImportView(APIView):
    parser_classes = [MultiPartParser]

    @extend_schema(
        summary="Read a file as an NFO template",
        description="CP437, ANSI art, SAUCE, UTF-8 and UTF-16; conditions of the earlier "
        "language are translated. Nothing is kept: send what it answers to `/templates`.",
        request={"multipart/form-data": ImportSerializer},
        responses={200: ImportedSerializer, **ERRORS(400, 401, 403, 422)},
    )
    def post(self, request: SignedInRequest) -> Response:
        require(request.user, "releases", "write")
        file = request.FILES.get("file")
        if file is None:
            raise ValidationError({"file": ["A file is expected, as multipart/form-data."]})
        read = actions.read_template(file.read(IMPORT_BYTES + 1), file.name or "")
        new = read.new
        told = {"name": new.name, "content": new.content, "encoding": new.encoding}
        return Response(told | {"notes": read.notes})
