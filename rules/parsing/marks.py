"""Which checks a text asks for: by the fields that it tells, and by words that need no number."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from rules.checks import CHECKS
from rules.parsing.limits import DIRECTORY, DIZ, NFO
from rules.parsing.papers import CORRECTS, MUST, SFV_ELSEWHERE
from rules.parsing.words import Phrase
from rules.violation import Confidence

BY_FIELD = {
    "name_pattern": ("name",),
    "name_characters": ("name-characters",),
    "max_name_length": ("name-length",),
    "tags": ("tag-repeated",),
    "never_with_readnfo": ("tag-conflict",),
    "refused_fixes": ("fix-refused",),
    "fixes": ("fix-contents",),
    "formats": ("format",),
    "max_file_name_length": ("file-name-length",),
    "volume_sizes": ("volume-size", "volume-equal"),
    "max_volumes": ("volume-count",),
    "scheme": ("volume-none", "volume-nesting", "volume-base"),
    "short_name": ("volume-short-name",),
    "disk_digits": ("zip-number",),
    "rar_versions": ("rar-version",),
    "nfo_columns": ("nfo-width",),
    "nfo_encodings": ("nfo-encoding",),
    "nfo_mandatory": ("nfo-fields",),
    "nfo_mandatory_for": ("nfo-fields",),
    "generic_nfos": ("nfo-name",),
    "source_link_for": ("source-link",),
    "loose_formats": ("file-loose",),
    "folders": ("folder",),
    "sample_s": ("sample-count", "sample-format", "sample-length"),
    "proof_pixels": ("proof-format", "proof-size"),
    "file_mode": ("file-mode",),
}
BY_VALUE: dict[tuple[str, object], tuple[str, ...]] = {
    ("tagged_lower_case", True): ("file-name-case", "file-name-group"),
    ("allows_extras", False): ("payload-count",),
    ("allows_compression", False): ("rar-stored",),
    ("allows_recovery", False): ("rar-recovery",),
    ("subtitles_in_video", True): ("folder-subtitles",),
    ("sfv", True): ("sfv-count",),
    ("sfv", False): ("sfv-none",),
}
MARKS: dict[str, tuple[bool, tuple[str, ...]]] = {
    "name-punctuation": (True, (DIRECTORY, r"\b(?:doubled?|consecutive|repeated|doubles?)\b")),
    "volume-naming": (False, (r"\.r00\b",)),
    "archive-encrypted": (True, (r"\bpasswords?\b|\bencrypt\w*|\bmots? de passe\b|\bchiffre",)),
    "zip-stored": (False, (r"\bzips?\b", r"\bstor(?:e|ed|ing)\b|\bstockes?\b")),
    "zip-contents": (False, (r"\bzips?\b", NFO, DIZ, r"\b(?:each|every|chaque)\b")),
    "nfo-count": (False, (NFO, rf"{MUST}|\b(?:one|un seul) \.?(?:nfo|fichier nfo)\b")),
    "nfo-corrects": (False, (NFO, CORRECTS, r"\bnam(?:e|es|ing)\b|\bmention|\breason\b|\bnomme")),
    "diz-count": (False, (DIZ, rf"{MUST}|\b(?:one|un seul) ")),
    "diz-ascii": (False, (DIZ, r"\bascii\b")),
    "sfv-entries": (False, (r"\bsfv\b", r"\bonly\b|\buniquement\b", r"\brars?\b|\bvolumes?\b")),
    "proof-metadata": (True, (r"\bexif\b|\bmetadata\b",)),
    "file-empty": (True, (r"\b(?:0|zero)[- ]?bytes?\b|\bempty files?\b|\bfichiers? vides?\b",)),
}
"""By check: whether the words must be negated, and patterns that are all there."""


def citations(
    values: Mapping[str, Any], found: Mapping[str, Mapping[str, Any]], phrases: Iterable[Phrase]
) -> dict[str, dict[str, str]]:
    """Return where the text asks for what each check asks, in the order of the report."""
    sections: dict[str, str] = {}
    for name, place in found.items():
        value = values.get(name)
        valued = BY_VALUE.get((name, value), ()) if isinstance(value, bool) else ()
        for check in (*BY_FIELD.get(name, ()), *valued):
            sections.setdefault(check, str(place["section"]))
    if values.get("volume_step") and "min_volumes_when_larger" in found:
        place = found["min_volumes_when_larger"]
        sections.setdefault("volume-minimum", str(place["section"]))
    for phrase in phrases:
        for check in _marked(phrase):
            statement = phrase.statement
            sections.setdefault(check, statement.section or statement.heading)
    return {check: _citation(check, sections[check]) for check in CHECKS if check in sections}


def _marked(phrase: Phrase) -> list[str]:
    return [
        check
        for check, (is_negated, patterns) in MARKS.items()
        if phrase.is_negated == is_negated
        and all(re.search(pattern, phrase.text) for pattern in patterns)
        and not (check == "nfo-count" and phrase.says(SFV_ELSEWHERE))
    ]


def _citation(check: str, section: str) -> dict[str, str]:
    return {
        "section": section,
        "severity": CHECKS[check].severity.value,
        "confidence": Confidence.READ.value,
    }
