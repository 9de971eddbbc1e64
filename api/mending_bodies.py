"""What is sent to the operations that mend a release, and what they answer."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, PolymorphicProxySerializer
from rest_framework import serializers

from api.packages import ConfigSerializer
from api.schema import example
from api.strict import StrictSerializer
from releases.actions.mending.options import MOST_NFO_CHARACTERS

DRY_RUN = OpenApiParameter(
    "dry_run", bool, description="Tell what would change, at once; nothing is changed."
)
LOOKED_AT = {
    "dry_run": True,
    "changes": ["The field Title, Example Book, becomes Updated Title."],
    "diff": "--- a/release\n+++ b/release\n@@ -6 +6 @@\n"
    "-metadata.title: Example Book\n+metadata.title: Updated Title\n",
    "remarks": [],
}
LOOK = OpenApiExample("Dry run", LOOKED_AT, response_only=True, status_codes=["200"])
FIX_HELP = "Also write the release that corrects this one, under a name of its own."


class FixSerializer(StrictSerializer):
    fix = serializers.BooleanField(default=False, help_text=FIX_HELP)


class RepackOptionsSerializer(ConfigSerializer):
    metadata = serializers.DictField(
        required=False, help_text="By field, only those that change; an empty one is taken out."
    )
    template_id = serializers.IntegerField(
        required=False, help_text="Of the template that the NFO is rendered from."
    )
    fix = serializers.BooleanField(default=False, help_text=FIX_HELP)


class NfoFixOptionsSerializer(FixSerializer):
    rerender = serializers.BooleanField(
        required=False, help_text="Render it anew from its template, instead of mending its text."
    )
    text = serializers.CharField(
        required=False,
        trim_whitespace=False,
        max_length=MOST_NFO_CHARACTERS,
        help_text="The NFO as it is to be.",
    )


class DirFixOptionsSerializer(FixSerializer):
    name = serializers.CharField(
        required=False, max_length=243, help_text="Without it, the name that the metadata make."
    )


class ReadNfoOptionsSerializer(FixSerializer):
    rerender = serializers.BooleanField(
        required=False, help_text="Render the NFO anew from what was read."
    )
    fields = serializers.ListField(  # type: ignore[assignment]  # an option of that name
        child=serializers.CharField(max_length=50),
        required=False,
        max_length=50,
        help_text="Take only these.",
    )


@example({"options": {"format": "RAR", "compression": "high"}})
class RepackSerializer(StrictSerializer):
    options = RepackOptionsSerializer(required=False)


@example({"options": {"rerender": True}})
class NfoFixSerializer(StrictSerializer):
    options = NfoFixOptionsSerializer(required=False)


@example({"options": {"fix": True}})
class DirFixSerializer(StrictSerializer):
    options = DirFixOptionsSerializer(required=False)


@example({"options": {"rerender": True}})
class ReadNfoSerializer(StrictSerializer):
    options = ReadNfoOptionsSerializer(required=False)


@example({"revision": 2})
class UndoSerializer(StrictSerializer):
    revision = serializers.IntegerField(
        required=False, min_value=1, help_text="Without it, the latest one that stands."
    )


class LookedAtSerializer(serializers.Serializer[Any]):
    """What would change."""

    dry_run = serializers.BooleanField(help_text="Always true.")
    changes = serializers.ListField(child=serializers.CharField(), help_text="Sentences.")
    diff = serializers.CharField(allow_blank=True, help_text="Unified.")
    remarks = serializers.ListField(
        child=serializers.CharField(), help_text="What stays as it is, and one should know."
    )


class MendedSerializer(serializers.Serializer[Any]):
    """What was changed."""

    message = serializers.CharField()
    changes = serializers.ListField(child=serializers.CharField(), help_text="Sentences.")
    job_id = serializers.IntegerField(
        required=False, help_text="Of the job that did it; none where nothing was to be changed."
    )


def either(name: str, done: type[serializers.Serializer[Any]]) -> PolymorphicProxySerializer:
    return PolymorphicProxySerializer(
        component_name=name,
        serializers=[done, LookedAtSerializer],
        resource_type_field_name=None,
    )


def shown(**answer: Any) -> list[OpenApiExample]:
    """Return the examples of the answers to what is done, and to what is looked at."""
    return [OpenApiExample("Done", answer, response_only=True, status_codes=["200"]), LOOK]
