"""The fields of a spec that a text can tell: who reads each, and what it is called."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rules.parsing import limits, naming, packing, papers
from rules.parsing.words import Phrase
from rules.violation import gettext_noop

Read = Callable[[Phrase], Any]


def agreed(values: list[Any]) -> Any:
    """Return what all `values` are; None where they differ."""
    return values[0] if all(value == values[0] for value in values) else None


def together(values: list[list[Any]]) -> list[Any]:
    """Return all that the lists of `values` name, in their order."""
    return list(dict.fromkeys(one for value in values for one in value))


def by_key(values: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the tables of `values` as one; None where they differ on a key."""
    merged: dict[str, Any] = {}
    for value in values:
        if any(merged.get(key, held) != held for key, held in value.items()):
            return None
        merged |= value
    return merged


def outermost(schemes: list[str]) -> str:
    """Return what the archives lie in: where each lies in a ZIP, they are RAR all the same."""
    return "zip" if "zip" in schemes else schemes[0]


def earliest(values: list[Any]) -> Any:
    """Return the first: what comes later is not the title."""
    return values[0]


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    subject: str
    """What a sentence calls it."""
    read: Read | None
    merge: Callable[[list[Any]], Any] = agreed
    is_needed: bool = False
    """Whether nothing can be packed by a spec without it."""
    scheme: str = ""
    """The one that it is of, where it is not of all."""


_FIELDS = (
    Field(
        "release_type",
        gettext_noop("the type of release"),
        packing.release_type,
        earliest,
        is_needed=True,
    ),
    Field(
        "formats",
        gettext_noop("the formats of the payload"),
        packing.formats,
        together,
        is_needed=True,
    ),
    Field(
        "scheme",
        gettext_noop("how archives are nested"),
        packing.scheme,
        outermost,
        is_needed=True,
    ),
    Field(
        "volume_sizes",
        gettext_noop("the sizes of the volumes"),
        packing.volume_sizes,
        is_needed=True,
    ),
    Field("volume_step", gettext_noop("multiples of a size"), packing.volume_step),
    Field(
        "max_volumes",
        gettext_noop("how many volumes there may be"),
        limits.max_volumes,
        is_needed=True,
    ),
    Field(
        "min_volumes_when_larger",
        gettext_noop("how many volumes there are at least"),
        limits.min_volumes_when_larger,
        scheme="rar",
    ),
    Field("name_pattern", gettext_noop("how directory names are formed"), None, is_needed=True),
    Field(
        "max_name_length",
        gettext_noop("how long directory names may be"),
        limits.max_name_length,
    ),
    Field(
        "name_characters",
        gettext_noop("the characters of directory names"),
        naming.name_characters,
    ),
    Field("tags", gettext_noop("the tags of names"), papers.tags, together),
    Field(
        "never_with_readnfo",
        gettext_noop("the tags that do not stand with READNFO"),
        papers.never_with_readnfo,
        together,
    ),
    Field("fixes", gettext_noop("what fixes hold"), papers.fixes, by_key),
    Field(
        "refused_fixes", gettext_noop("the fixes that are refused"), papers.refused_fixes, together
    ),
    Field(
        "max_file_name_length",
        gettext_noop("how long file names may be"),
        limits.max_file_name_length,
    ),
    Field(
        "tagged_lower_case",
        gettext_noop("the case of file names, and the group in them"),
        naming.tagged_lower_case,
    ),
    Field("short_name", gettext_noop("short names of volumes"), packing.short_name, scheme="zip"),
    Field(
        "disk_digits",
        gettext_noop("the digits that count the disks"),
        packing.disk_digits,
        scheme="zip",
    ),
    Field("file_mode", gettext_noop("the mode of files"), packing.file_mode),
    Field(
        "allows_extras",
        gettext_noop("other files beside the payload"),
        packing.allows_extras,
    ),
    Field(
        "loose_formats",
        gettext_noop("what may lie in the directory"),
        papers.loose_formats,
        together,
    ),
    Field("folders", gettext_noop("the folders of a release"), papers.folders, together),
    Field("subtitles_in_video", gettext_noop("subtitles"), papers.subtitles_in_video, scheme="rar"),
    Field("rar_versions", gettext_noop("the versions of RAR"), packing.rar_versions),
    Field("allows_compression", gettext_noop("compression"), packing.allows_compression),
    Field("allows_recovery", gettext_noop("recovery records"), packing.allows_recovery),
    Field("nfo_columns", gettext_noop("the width of the NFO"), limits.nfo_columns),
    Field(
        "nfo_encodings",
        gettext_noop("the encoding of the NFO"),
        papers.nfo_encodings,
        together,
    ),
    Field("nfo_mandatory", gettext_noop("what the NFO tells"), papers.nfo_mandatory, together),
    Field(
        "nfo_mandatory_for",
        gettext_noop("what the NFO tells by category"),
        papers.nfo_mandatory_for,
        by_key,
        scheme="zip",
    ),
    Field(
        "generic_nfos",
        gettext_noop("names that an NFO may not have"),
        papers.generic_nfos,
        together,
    ),
    Field(
        "source_link_for",
        gettext_noop("links to the source"),
        papers.source_link_for,
        together,
        scheme="zip",
    ),
    Field("diz_columns", gettext_noop("the width of the DIZ"), limits.diz_columns, scheme="zip"),
    Field("diz_lines", gettext_noop("the length of the DIZ"), limits.diz_lines, scheme="zip"),
    Field("sfv", gettext_noop("the SFV"), papers.sfv),
    Field("sample_s", gettext_noop("the length of the sample"), papers.sample_s, scheme="rar"),
    Field("proof_pixels", gettext_noop("the size of proofs"), papers.proof_pixels, scheme="rar"),
)
FIELDS = {one.name: one for one in _FIELDS}


def by_scheme(scheme: str | None) -> list[Field]:
    """Return the fields that a rule of `scheme` can have; all, where it is not known."""
    return [one for one in _FIELDS if not scheme or one.scheme in {"", scheme}]
