"""A spec in words: what a rule asks for, how sure that is, and what its text leaves open."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rules.models import Rule
from rules.violation import CONFIDENCES, Confidence


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that a rule asks for."""

    field: str
    label: str
    value: str
    is_code: bool
    section: str
    confidence: str
    is_doubtful: bool


@dataclass(frozen=True, slots=True)
class Told:
    """How a field of a spec is told, and by which check it is asked for."""

    label: Any
    check: str = ""
    word: Callable[[Any], str] = str
    is_code: bool = False


def listed(value: Any) -> str:
    return ", ".join(map(str, value)) or _("none")


def sized(value: Any) -> str:
    sizes = value if isinstance(value, list | tuple) else [value]
    return _("%(sizes)s bytes") % {"sizes": "; ".join(str(intcomma(size)) for size in sizes)}


def answered(value: Any) -> str:
    return _("yes") if value else _("no")


def mapped(value: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {listed(held)}" for name, held in value.items()) or _("none")


def spanned(value: Any) -> str:
    return _("from %(least)s to %(most)s") % {"least": value[0], "most": value[-1]}


def crossed(value: Any) -> str:
    return " \N{MULTIPLICATION SIGN} ".join(map(str, value))


def dotted(value: Any) -> str:
    return ".".join(map(str, value))


def either(value: Any) -> str:
    """Word fields of which each is due, or one of several."""
    return ", ".join(_(" or ").join(one.split("|")) for one in value) or _("none")


def either_by(value: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {either(held)}" for name, held in value.items()) or _("none")


_l = gettext_lazy
FIELDS: dict[str, Told] = {
    "release_type": Told(_l("Type of release")),
    "formats": Told(_l("Formats of the payload"), "format", listed),
    "allows_extras": Told(_l("Other files beside the payload"), "payload-count", answered),
    "scheme": Told(_l("How it is packed"), "volume-nesting", str.upper),
    "volume_sizes": Told(_l("Sizes of volumes"), "volume-size", sized),
    "volume_step": Told(_l("Or any multiple of"), "volume-size", sized),
    "max_volumes": Told(_l("Volumes, at most"), "volume-count"),
    "min_volumes_when_larger": Told(
        _l("Volumes, at least, when they are larger"), "volume-minimum"
    ),
    "rar_versions": Told(_l("Versions of RAR"), "rar-version", listed),
    "allows_compression": Told(_l("Compression"), "rar-stored", answered),
    "allows_recovery": Told(_l("Recovery records"), "rar-recovery", answered),
    "sfv": Told(_l("An SFV in the directory"), "sfv-count", answered),
    "name_pattern": Told(_l("Directory name"), "name", is_code=True),
    "name_characters": Told(_l("Characters of the name"), "name-characters", is_code=True),
    "max_name_length": Told(_l("Characters of the name, at most"), "name-length"),
    "tags": Told(_l("Tags, once each"), "tag-repeated", listed),
    "never_with_readnfo": Told(_l("Never with READNFO"), "tag-conflict", listed),
    "fixes": Told(_l("What a fix holds"), "fix-contents", mapped),
    "refused_fixes": Told(_l("Fixes not taken"), "fix-refused", listed),
    "max_file_name_length": Told(_l("Characters of a file name, at most"), "file-name-length"),
    "short_name": Told(_l("Characters of the names of volumes"), "volume-short-name", dotted),
    "disk_digits": Told(_l("Digits that count the disks"), "zip-number"),
    "file_mode": Told(_l("Mode of files"), "file-mode", "{:04o}".format),
    "tagged_lower_case": Told(_l("File names in lower case, with the group"), "", answered),
    "loose_formats": Told(_l("Other files in the directory"), "file-loose", listed),
    "folders": Told(_l("Folders in the directory"), "folder", listed),
    "subtitles_in_video": Told(_l("Subtitles in the video alone"), "folder-subtitles", answered),
    "nfo_columns": Told(_l("Columns of the NFO, at most"), "nfo-width"),
    "nfo_encodings": Told(_l("Encodings of the NFO"), "nfo-encoding", listed),
    "nfo_mandatory": Told(_l("What the NFO tells"), "nfo-fields", either),
    "nfo_mandatory_for": Told(_l("What it tells besides"), "nfo-fields", either_by),
    "generic_nfos": Told(_l("Names that no NFO has"), "nfo-name", listed),
    "source_link_for": Told(_l("A link to the source is due for"), "source-link", listed),
    "diz_columns": Told(_l("Columns of the DIZ, at most"), "diz-size"),
    "diz_lines": Told(_l("Lines of the DIZ, at most"), "diz-size"),
    "sample_s": Told(_l("Seconds of the sample"), "sample-length", spanned),
    "proof_pixels": Told(_l("Pixels of a proof, at least"), "proof-size", crossed),
}
NOT_TOLD = {"checks", "is_house_profile"}
"""What a spec holds and the page tells in another way."""


def clauses(rule: Rule) -> list[Clause]:
    """Return what was read of a spec, field by field."""
    data = rule.spec_data
    cited = data.get("checks", {})
    return [
        clause(name, told, data[name], cited.get(told.check, {}))
        for name, told in FIELDS.items()
        if data.get(name) not in (None, [], {}, "", 0)
    ]


def clause(name: str, told: Told, value: Any, cited: Mapping[str, str]) -> Clause:
    known = cited.get("confidence", "")
    confidence = Confidence(known) if known in {*Confidence} else None
    section = cited.get("section", "")
    return Clause(
        field=name,
        label=str(told.label),
        value=told.word(value),
        is_code=told.is_code,
        section=_(section) if section else "",
        confidence=_(CONFIDENCES[confidence]) if confidence else "",
        is_doubtful=bool(confidence and confidence.is_doubtful),
    )


def open_questions(rule: Rule) -> list[dict[str, str]]:
    """Return what a spec needs and the text does not tell, each with its reason."""
    return [
        {
            "label": str(FIELDS[one["field"]].label) if one["field"] in FIELDS else one["field"],
            "reason": _(one["template"]) % in_words(one.get("values", {})),
        }
        for one in rule.unread
    ]


def in_words(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values`, what the sentence is about in the reader's language."""
    subject = {"subject": _(values["subject"])} if values.get("subject") else {}
    return dict(values) | subject
