"""How a release is to be packed, as programs say it."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from api.strict import StrictSerializer
from releases.models import MILLION, Release

RULES_CHOICE = "BOTH"
MOST_MILLIONS = 100_000
STORED = {"", "none", "store", "stored"}
"""What says of a compression that there is none."""


class ConfigSerializer(StrictSerializer):
    format = serializers.ChoiceField(
        choices=[*Release.Format.values, RULES_CHOICE],
        required=False,
        help_text="BOTH leaves it to the rule.",
    )
    compression = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=20,
        help_text="Accepted; volumes are stored, as the rules ask.",
    )
    volumes = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_MILLIONS,
        help_text="Volume size in millions of bytes.",
    )
    rar_version = serializers.ChoiceField(choices=[4, 5], required=False)
    generate_nfo = serializers.BooleanField(required=False, help_text="Always: the rule asks.")
    generate_diz = serializers.BooleanField(required=False, help_text="Always: the rule asks.")
    generate_sfv = serializers.BooleanField(
        required=False, help_text="SFV and SHA-256 list beside the release."
    )

    def validate(self, options: dict[str, Any]) -> dict[str, Any]:
        for name in ("generate_nfo", "generate_diz"):
            if options.get(name) is False:
                raise ValidationError({name: ["The rule asks for it: it cannot be left out."]})
        return options


def columns_of(release: Release, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of `release` that `config` asks for."""
    names = ("format", "rar_version", "generate_sfv")
    asked = {name: config[name] for name in names if name in config}
    if asked.get("format") == RULES_CHOICE:
        asked["format"] = release.rule.spec.scheme.upper()
    volumes = config.get("volumes")
    if volumes and volumes != release.edited("volume_bytes") // MILLION:
        asked["volume_bytes"] = volumes * MILLION
    return asked


def asks_for_compression(config: Mapping[str, Any]) -> bool:
    return config.get("compression", "").strip().lower() not in STORED
