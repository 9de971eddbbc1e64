"""A spec in words: what a rule asks for, how sure that is, and what its text leaves open."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from releases.labels import LABELS
from rules import shipped
from rules.models import Rule
from rules.violation import CONFIDENCES, Confidence

NFO_FIELDS = LABELS | {"released_on": gettext_lazy("Release date")}


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
    line: int
    """Of the text, where it was read from one; else 0."""
    quote: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a text leaves open."""

    label: str
    reason: str
    is_needed: bool
    """Whether no release can be packed before it is answered."""


@dataclass(frozen=True, slots=True)
class Told:
    """How a field of a spec is told, and by which check it is asked for."""

    label: str
    check: str = ""
    word: Callable[[Any], str] = str
    is_code: bool = False


def apart(pieces: Iterable[str]) -> str:
    return _("; ").join(pieces)


def named(name: str, value: str) -> str:
    return f"{_('%(label)s:') % {'label': name}} {value}"


def called(field: str) -> str:
    return str(NFO_FIELDS.get(field, field))


def listed(value: Any) -> str:
    return ", ".join(map(str, value)) or _("none")


def sized(value: Any) -> str:
    sizes = value if isinstance(value, list | tuple) else [value]
    return _("%(sizes)s bytes") % {"sizes": apart(str(intcomma(size)) for size in sizes)}


def answered(value: Any) -> str:
    return _("yes") if value else _("no")


def mapped(value: Mapping[str, Any]) -> str:
    return apart(named(name, listed(held)) for name, held in value.items()) or _("none")


def spanned(value: Any) -> str:
    return _("from %(least)s to %(most)s") % {"least": value[0], "most": value[-1]}


def crossed(value: Any) -> str:
    return " \N{MULTIPLICATION SIGN} ".join(map(str, value))


def dotted(value: Any) -> str:
    return ".".join(map(str, value))


def either(value: Any) -> str:
    """Word fields of which each is due, or one of several."""
    due = (_(" or ").join(map(called, one.split("|"))) for one in value)
    return ", ".join(due) or _("none")


def either_by(value: Mapping[str, Any]) -> str:
    return apart(named(name, either(held)) for name, held in value.items()) or _("none")


FIELDS: dict[str, Told] = {
    "release_type": Told(gettext_noop("Type of release")),
    "formats": Told(gettext_noop("Formats of the payload"), "format", listed),
    "allows_extras": Told(
        gettext_noop("Other files beside the payload"), "payload-count", answered
    ),
    "scheme": Told(gettext_noop("How it is packed"), "volume-nesting", str.upper),
    "volume_sizes": Told(gettext_noop("Sizes of volumes"), "volume-size", sized),
    "volume_step": Told(gettext_noop("Or any multiple of"), "volume-size", sized),
    "max_volumes": Told(gettext_noop("Volumes, at most"), "volume-count"),
    "min_volumes_when_larger": Told(
        gettext_noop("Volumes, at least, when they are larger"), "volume-minimum"
    ),
    "rar_versions": Told(gettext_noop("Versions of RAR"), "rar-version", listed),
    "allows_compression": Told(gettext_noop("Compression"), "rar-stored", answered),
    "allows_recovery": Told(gettext_noop("Recovery records"), "rar-recovery", answered),
    "sfv": Told(gettext_noop("An SFV in the directory"), "sfv-count", answered),
    "name_pattern": Told(gettext_noop("Directory name"), "name", is_code=True),
    "name_characters": Told(
        gettext_noop("Characters of the name"), "name-characters", is_code=True
    ),
    "max_name_length": Told(gettext_noop("Characters of the name, at most"), "name-length"),
    "tags": Told(gettext_noop("Tags, once each"), "tag-repeated", listed),
    "never_with_readnfo": Told(gettext_noop("Never with READNFO"), "tag-conflict", listed),
    "fixes": Told(gettext_noop("What a fix holds"), "fix-contents", mapped),
    "refused_fixes": Told(gettext_noop("Fixes not taken"), "fix-refused", listed),
    "max_file_name_length": Told(
        gettext_noop("Characters of a file name, at most"), "file-name-length"
    ),
    "short_name": Told(
        gettext_noop("Characters of the names of volumes"), "volume-short-name", dotted
    ),
    "disk_digits": Told(gettext_noop("Digits that count the disks"), "zip-number"),
    "file_mode": Told(gettext_noop("Mode of files"), "file-mode", "{:04o}".format),
    "tagged_lower_case": Told(
        gettext_noop("File names in lower case, with the group"), "", answered
    ),
    "loose_formats": Told(gettext_noop("Other files in the directory"), "file-loose", listed),
    "folders": Told(gettext_noop("Folders in the directory"), "folder", listed),
    "subtitles_in_video": Told(
        gettext_noop("Subtitles in the video alone"), "folder-subtitles", answered
    ),
    "nfo_columns": Told(gettext_noop("Columns of the NFO, at most"), "nfo-width"),
    "nfo_encodings": Told(gettext_noop("Encodings of the NFO"), "nfo-encoding", listed),
    "nfo_mandatory": Told(gettext_noop("What the NFO tells"), "nfo-fields", either),
    "nfo_mandatory_for": Told(gettext_noop("What it tells besides"), "nfo-fields", either_by),
    "generic_nfos": Told(gettext_noop("Names that no NFO has"), "nfo-name", listed),
    "source_link_for": Told(gettext_noop("A link to the source is due for"), "source-link", listed),
    "diz_columns": Told(gettext_noop("Columns of the DIZ, at most"), "diz-size"),
    "diz_lines": Told(gettext_noop("Lines of the DIZ, at most"), "diz-size"),
    "sample_s": Told(gettext_noop("Seconds of the sample"), "sample-length", spanned),
    "proof_pixels": Told(gettext_noop("Pixels of a proof, at least"), "proof-size", crossed),
}
NOT_TOLD = {"checks", "is_house_profile"}
"""What a spec holds and the page tells in another way."""


def clauses(rule: Rule) -> list[Clause]:
    """Return what was read of a spec, field by field."""
    data = rule.spec_data
    cited, found = citations(rule), places(rule)
    return [
        clause(name, told, data[name], cited.get(told.check, {}) | found.get(name, {}))
        for name, told in FIELDS.items()
        if data.get(name) not in (None, [], {}, "", 0)
    ]


def citations(rule: Rule) -> dict[str, dict[str, Any]]:
    """Return by check whence it is; of our own profile, nothing was read in a published text."""
    cited: dict[str, dict[str, Any]] = rule.spec_data.get("checks", {})
    if not rule.is_house_profile:
        return cited
    unsaid = {"confidence": ""}
    return {
        check: one | unsaid if one["confidence"] == Confidence.PRIMARY else one
        for check, one in cited.items()
    }


def clause(name: str, told: Told, value: Any, cited: Mapping[str, Any]) -> Clause:
    known = cited.get("confidence", "")
    confidence = Confidence(known) if known in {*Confidence} else None
    section = cited.get("section", "")
    return Clause(
        field=name,
        label=_(told.label),
        value=told.word(value),
        is_code=told.is_code,
        section=_(section) if section else "",
        confidence=_(CONFIDENCES[confidence]) if confidence else "",
        is_doubtful=bool(confidence and confidence.is_doubtful),
        line=cited.get("line", 0),
        quote=cited.get("quote", ""),
    )


def open_questions(rule: Rule) -> list[Question]:
    """Return what the text does not tell, or not clearly: first what a spec needs."""
    told = [
        Question(
            label=_(FIELDS[one["field"]].label if one["field"] in FIELDS else one["field"]),
            reason=_(one["template"]) % worded(one.get("values", {})),
            is_needed=one.get("is_needed", True),
        )
        for one in rule.unread
    ]
    return sorted(told, key=lambda question: not question.is_needed)


def worded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a sentence, those that are words of ours in the reader's language."""
    return {
        name: _(value) if value and isinstance(value, str) else value
        for name, value in values.items()
    }


def places(rule: Rule) -> dict[str, dict[str, Any]]:
    """Return by field the line of the text in force that it was read from."""
    if rule.name in shipped.NAMES or not rule.content:
        return {}
    from rules.parsing import parse  # noqa: PLC0415  # patterns that few pages need

    return parse(rule.content, release_type=rule.release_type).found
