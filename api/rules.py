"""The rules library for programs."""

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
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
from api.etags import require_match, tagged
from api.schema import ERRORS, SignedInRequest, example
from releases.actions import WrongField
from releases.models import ReleaseType
from rulebook import actions
from rules.models import (
    NAME_LENGTH,
    Rule,
)


class RuleSerializer(serializers.Serializer[Rule]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    scene = serializers.CharField()
    section = serializers.CharField()
    year = serializers.IntegerField(allow_null=True, help_text="Null: it is not known.")
    created_at = serializers.DateTimeField()


DETAIL = {
    "id": 1,
    "name": "2022_EBOOK",
    "scene": "English",
    "section": "eBOOK",
    "year": 2022,
    "created_at": "2026-01-02T10:00:00Z",
    "content": "The eBOOK rules of 2022\n",
    "updated_at": "2026-01-02T10:00:00Z",
    "type": "EBOOK",
    "origin": "published",
    "version": 1,
    "is_complete": True,
}


@example(DETAIL)
class RuleDetailSerializer(RuleSerializer):
    content = serializers.CharField(help_text="The text in force; empty: none is known.")
    updated_at = serializers.DateTimeField()
    type = serializers.CharField(source="release_type", help_text="Empty: none of ours.")
    origin = serializers.CharField(help_text="shipped, published or local.")
    version = serializers.IntegerField(help_text="Of its text; 0: none is known.")
    is_complete = serializers.BooleanField(help_text="Whether releases can be packed by it.")


@example({"content": "The eBOOK rules of 2022\n", "formatted": True})
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


@example({"file": "2022_EBOOK.nfo", "scene": "English", "section": "eBOOK", "year": 2022})
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


@example({"section": "eBOOK", "year": 2024}, "Another section")
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


@example({"id": 1, "message": "Rule updated"})
class RuleAnswerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    message = serializers.CharField()


@example({"message": "Rule deleted"})
class RuleMessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


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


def held(request: SignedInRequest, pk: int) -> Rule:
    """Return the rule, which nobody else changes before the transaction ends.

    Raises:
        NotFound: there is none.
        Overtaken: it is not what the caller has read.
        PermissionDenied: the caller may not edit rules.
    """
    require(request.user, "rules", "mod", rule_of(request, pk))
    rule = Rule.objects.select_for_update().filter(pk=pk).first()
    if rule is None:
        raise NotFound("Rule", pk)
    require_match(request, RuleDetailSerializer(rule).data)
    return rule


class RuleDetailView(APIView):
    scope = "rules"

    @extend_schema(
        summary="Read a rule",
        description="With its text in force and whether releases can be packed by it.",
        responses={200: RuleDetailSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> HttpResponseBase:
        return tagged(request, RuleDetailSerializer(rule_of(request, pk)).data)

    @extend_schema(
        summary="Change a rule",
        description="What is left out stays. Another text is a new version, a local copy: what "
        "was published stays, and can be restored.",
        request=RuleChangeSerializer,
        responses={200: RuleAnswerSerializer, **ERRORS(400, 401, 403, 404, 409, 412, 422)},
    )
    @transaction.atomic
    def put(self, request: SignedInRequest, pk: int) -> Response:
        rule = held(request, pk)
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
        responses={200: RuleMessageSerializer, **ERRORS(401, 403, 404, 412, 422)},
    )
    @transaction.atomic
    def delete(self, request: SignedInRequest, pk: int) -> Response:
        actions.delete_rule(held(request, pk), by=request.user)
        return Response({"message": "Rule deleted"})


class RulePreviewView(APIView):
    scope = "rules"

    @extend_schema(
        summary="Read the text of a rule as it is shown",
        description="For a viewer of NFOs: what it came with beyond its text is left out.",
        responses={200: RulePreviewSerializer, **ERRORS(401, 403, 404)},
    )
    def get(self, request: SignedInRequest, pk: int) -> Response:
        return Response({"content": rule_of(request, pk).content, "formatted": True})


class RuleUploadView(APIView):
    scope = "rules"
    parser_classes = [MultiPartParser]

    @extend_schema(
        summary="Add a rule from its text",
        description="What is left out is detected, by the name of the file and by its text.",
        request={"multipart/form-data": RuleUploadSerializer},
        responses={200: RuleAnswerSerializer, **ERRORS(400, 401, 403, 409, 422)},
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
