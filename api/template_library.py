"""Copies of NFO templates, defaults, and templates from files, for programs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import require
from api.schema import ERRORS, SignedInRequest, example
from api.templates import (
    TemplateAnswerSerializer,
    TemplateMessageSerializer,
    answered,
    template_of,
)
from releases import actions
from releases.models import ReleaseType

IMPORT_BYTES = 1 << 20
FOR_ME, FOR_ALL = "me", "everybody"


class TemplateDuplicateView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Copy an NFO template",
        description="The copy is the caller's own, and may be changed.",
        request=None,
        responses={201: TemplateAnswerSerializer, **ERRORS(401, 403, 404)},
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        copied = actions.duplicate_template(template_of(request, pk), by=request.user)
        return answered(copied, "Template created", 201)


@example({"scope": "me", "type": "EBOOK"}, "One's own")
class DefaultSerializer(serializers.Serializer[Any]):
    scope = serializers.ChoiceField(choices=[FOR_ME, FOR_ALL], default=FOR_ME)
    type = serializers.ChoiceField(
        required=False,
        choices=ReleaseType.choices,
        help_text="For which releases, where the template is for all.",
    )


class TemplateDefaultView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Make an NFO template the default of its type",
        description="For the caller, or for everybody by who may configure the site.",
        request=DefaultSerializer,
        responses={200: TemplateMessageSerializer, **ERRORS(400, 401, 403, 404, 422)},
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


@example({"file": "template.nfo"})
class ImportSerializer(serializers.Serializer[Any]):
    file = serializers.FileField()


@example(
    {
        "name": "template",
        "content": "{{ title }}\n",
        "encoding": "cp437",
        "notes": ["A SAUCE record was left out."],
    }
)
class ImportedSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    content = serializers.CharField()
    encoding = serializers.CharField()
    notes = serializers.ListField(child=serializers.CharField())


class TemplateImportView(APIView):
    scope = "releases"
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
