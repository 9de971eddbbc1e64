"""From what lies in a directory to the facts that a rule asks for."""

import re
from collections.abc import Iterable, Mapping, Sequence

from releases.packing.lint.observation import Observation
from rules.facts import Facts
from rules.shipped import ShippedRule
from rules.spec import Spec

SIGNS = {
    "released_on": re.compile(r"\b\d{4}-\d{2}-\d{2}\b"),
    "year": re.compile(r"\b(?:1[4-9]|20)\d{2}\b"),
    "language": re.compile(
        r"\b(?:english|anglais|englisch|eng?|lang(?:uage|ue)?|sprache|idioma|lingua|taal)\b",
        re.IGNORECASE,
    ),
    "source": re.compile(r"retail|hybrid|scan", re.IGNORECASE),
    "url": re.compile(r"https?://|\bwww\.", re.IGNORECASE),
}
"""How the text of an NFO shows that a field is told; of other fields nobody can tell."""

NAMED = frozenset({"year", "language", "source"})


def facts_of(observed: Observation, spec: Spec) -> Facts:
    directory = observed.directory
    parts = spec.name_parts(observed.name)
    text = directory.nfos[0].text if directory.nfos else None
    return Facts(
        name=observed.name,
        volume_bytes=spec.volume_bytes_of([volume.size for volume in directory.volumes]),
        volumes=len(directory.of_kind("volume")),
        nfo=text or "",
        known=_named(parts)
        | frozenset(name for name in _fields(observed, spec) if _is_told(name, text)),
        source=(parts or {}).get("source", ""),
        directory=directory,
    )


def _fields(observed: Observation, spec: Spec) -> set[str]:
    due = spec.must_tell(observed.name)
    return {"url", *(name for names in due for name in names.split("|"))}


def _named(parts: Mapping[str, str] | None) -> frozenset[str]:
    """Return the fields that the name tells; of one that cannot be read, all that it may."""
    if parts is None:
        return NAMED
    return frozenset(name for name in NAMED if parts.get(name))


def told_fields(
    names: Iterable[str], *, parts: Mapping[str, str] | None, text: str
) -> frozenset[str]:
    """Return those of the fields `names` that a name of these `parts`, or the NFO `text`, tells."""
    named = _named(parts)
    return frozenset(name for name in names if name in named or _is_told(name, text))


def _is_told(name: str, text: str | None) -> bool:
    """Say whether the NFO tells a field, as far as one can know."""
    return name not in SIGNS or text is None or SIGNS[name].search(text) is not None


def fitting_rule(observed: Observation, rules: Sequence[ShippedRule]) -> ShippedRule:
    """Return the newest of `rules` that fits name, files and scheme best, a published one first."""
    return max(rules, key=lambda rule: (*_fitness(observed, rule.spec), rule.year))


def _fitness(observed: Observation, spec: Spec) -> tuple[bool, ...]:
    directory = observed.directory
    is_zipped = any(file.extension == "zip" for file in directory.of_kind("volume"))
    return (
        spec.name_parts(observed.name) is not None,
        any(payload.format in spec.formats for payload in directory.payloads),
        is_zipped == (spec.scheme == "zip"),
        not spec.is_house_profile,
    )
