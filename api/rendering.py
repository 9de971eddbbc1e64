"""What the text of a template gives, for programs."""

import json
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from api.schema import ERRORS, SignedInRequest, example
from api.templates import template_of
from releases import actions
from releases.models import NfoTemplate, ReleaseType
from releases.templating import MAX_TEMPLATE_CHARACTERS

MAX_METADATA_CHARACTERS = 100_000
"""What is known of a release takes far less; the names that texts make take time."""


@example({"metadata": {"title": "Example Book", "author": "John Doe"}, "release_type": "EBOOK"})
class RenderSerializer(serializers.Serializer[Any]):
    metadata = serializers.DictField(
        default=dict, help_text="What is known of the release; the rest is empty."
    )
    release_type = serializers.ChoiceField(required=False, choices=ReleaseType.choices)

    def validate_metadata(self, metadata: dict[str, Any]) -> dict[str, Any]:
        if len(json.dumps(metadata, ensure_ascii=False)) > MAX_METADATA_CHARACTERS:
            sentence = "At most %(most)d characters are taken, in all."
            raise serializers.ValidationError([sentence % {"most": MAX_METADATA_CHARACTERS}])
        return metadata


@example({"template_id": 1, "metadata": {"title": "Example Book", "author": "John Doe"}})
class StepRenderSerializer(RenderSerializer):
    template_id = serializers.IntegerField()
    template_text = serializers.CharField(
        required=False,
        trim_whitespace=False,
        max_length=MAX_TEMPLATE_CHARACTERS,
        help_text="In place of the template's own.",
    )


class MarkSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    column = serializers.IntegerField()
    where = serializers.CharField(help_text="template or nfo: in which text.")
    kind = serializers.CharField(help_text="unknown, missing, syntax, wide or encoding.")
    message = serializers.CharField()


PREVIEW = {
    "preview": "Title: Example Book\nAuthor: John Doe\n",
    "marks": [
        {
            "line": 3,
            "column": 9,
            "where": "template",
            "kind": "missing",
            "message": "publisher is not known.",
        }
    ],
}


@example(PREVIEW)
class PreviewSerializer(serializers.Serializer[Any]):
    preview = serializers.CharField(source="text")
    marks = MarkSerializer(many=True)


@example(PREVIEW | {"diz": "Example Book\nby John Doe\n[01/01]\n"})
class StepPreviewSerializer(PreviewSerializer):
    diz = serializers.CharField(help_text="The file_id.diz of a release of one disk.")


def facts_of(template: NfoTemplate, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `template` is told: what is given, and of the rest that it is empty."""
    kind = answers.get("release_type", template.type)
    return actions.given_facts(answers["metadata"], kind)


def previewed(template: NfoTemplate, text: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `text` gives with the encoding of `template`, and what is wrong with it."""
    return dict(PreviewSerializer(actions.shown(text, facts, template.encoding)).data)


class TemplateRenderView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Render an NFO template",
        description="What is wrong with it is told by marks, each with its line.",
        request=RenderSerializer,
        responses={200: PreviewSerializer, **ERRORS(400, 401, 403, 404)},
    )
    def post(self, request: SignedInRequest, pk: int) -> Response:
        template = template_of(request, pk)
        asked = RenderSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        facts = facts_of(template, asked.validated_data)
        return Response(previewed(template, template.content, facts))


class StepRenderView(APIView):
    scope = "releases"

    @extend_schema(
        summary="Preview the NFO of step 7",
        description="With `template_text` as edited there, and the file_id.diz. Nothing is kept.",
        request=StepRenderSerializer,
        responses={200: StepPreviewSerializer, **ERRORS(400, 401, 403, 404)},
    )
    def post(self, request: SignedInRequest) -> Response:
        asked = StepRenderSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        answers = asked.validated_data
        template = template_of(request, answers["template_id"])
        facts = facts_of(template, answers)
        shown = previewed(template, answers.get("template_text", template.content), facts)
        return Response(shown | {"diz": actions.given_diz(facts)})
