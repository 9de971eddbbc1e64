"""What a rule asks for, and what breaks it. No Django here.

A spec is data (rules/specs/*.toml): each number and pattern stands there with the section of the
rule it comes from. This module only knows how to ask.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self


class Severity(StrEnum):
    STRUCTURE = "structure"
    """Names, sizes, nesting, NFO, DIZ, SFV: a release that breaks one is not packed."""
    ELIGIBILITY = "eligibility"
    """Where the content came from: reported, never blocking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a release before it is packed."""

    name: str
    format: str
    """The real type of the payload, e.g. ``epub``."""
    volume_bytes: int
    volumes: int
    nfo: str
    """The NFO as rendered."""
    known: frozenset[str]
    """The metadata fields that have a value."""
    source: str = ""
    """RETAiL, HYBRiD or SCAN."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A clause that is broken: a value, not an exception."""

    id: str
    section: str
    severity: Severity
    template: str
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The English sentence; a door translates `template` instead."""
        return self.template % self.values


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    release_type: str
    formats: tuple[str, ...]
    scheme: str
    """How the section packs: ``zip`` or ``rar``, as in `releases.packing.SCHEMES`."""
    volume_sizes: tuple[int, ...]
    """The sizes allowed as such, in bytes, smallest first."""
    volume_step: int = 0
    """Every multiple of it is allowed too, while it gives enough volumes; 0: none."""
    max_volumes: int
    min_volumes_when_larger: int = 1
    """A multiple of the step above the smallest that fits must still give so many volumes."""
    max_name_length: int = 243
    name_pattern: str
    nfo_columns: int = 80
    nfo_mandatory: tuple[str, ...] = ()
    source_link_for: tuple[str, ...] = ()
    sfv: bool = False
    """Whether the release folder itself holds an SFV."""
    is_house_profile: bool = False
    """No published ruleset exists: the report must not claim conformity to one."""
    sections: dict[str, str] = field(default_factory=dict)
    """The section of the rule that each check cites, by check id."""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build a spec from the ``spec`` table of a spec file, or from a rule's row.

        Raises:
            TypeError: a field is missing or unknown.
        """
        lists = ("formats", "volume_sizes", "nfo_mandatory", "source_link_for")
        return cls(**data | {name: tuple(data[name]) for name in lists if name in data})

    def allows_volume_bytes(self, volume_bytes: int) -> bool:
        is_multiple = self.volume_step and volume_bytes % self.volume_step == 0
        return volume_bytes in self.volume_sizes or bool(is_multiple and volume_bytes > 0)

    def default_volume_bytes(self, count: Callable[[int], int]) -> int:
        """Return the smallest allowed size that gives no more than `max_volumes` volumes.

        `count` tells how many volumes a size gives. Where even the largest is too small, the
        largest is returned: `violations` then says what is wrong.
        """
        sizes = list(self.volume_sizes)
        if self.volume_step:
            needed = -(-count(self.volume_step) // self.max_volumes)
            sizes = [self.volume_step * k for k in range(1, needed + 2)]
        return next((size for size in sizes if count(size) <= self.max_volumes), sizes[-1])

    def violations(self, facts: Facts) -> Iterator[Violation]:
        """Yield every clause that `facts` break; none means conforming."""
        for check_id, check in CHECKS.items():
            for severity, template, values in check(self, facts):
                yield Violation(
                    check_id, self.sections.get(check_id, ""), severity, template, values
                )


Broken = Iterator[tuple[Severity, str, dict[str, Any]]]


def gettext_noop(template: str) -> str:
    """Mark a sentence for translation at the door."""
    return template


def check_format(spec: Spec, facts: Facts) -> Broken:
    if facts.format not in spec.formats:
        template = gettext_noop("A %(format)s file is not allowed here, only: %(formats)s.")
        yield (
            Severity.STRUCTURE,
            template,
            {"format": facts.format.upper(), "formats": ", ".join(spec.formats).upper()},
        )


def check_name(spec: Spec, facts: Facts) -> Broken:
    if not re.fullmatch(spec.name_pattern, facts.name):
        template = gettext_noop("The name %(name)s is not formed as the rule says.")
        yield Severity.STRUCTURE, template, {"name": facts.name}


def check_name_length(spec: Spec, facts: Facts) -> Broken:
    if len(facts.name) > spec.max_name_length:
        template = gettext_noop("The name has %(length)d characters, at most %(most)d are allowed.")
        yield (
            Severity.STRUCTURE,
            template,
            {"length": len(facts.name), "most": spec.max_name_length},
        )


def check_volume_size(spec: Spec, facts: Facts) -> Broken:
    if not spec.allows_volume_bytes(facts.volume_bytes):
        template = gettext_noop("Volumes of %(size)d bytes are not allowed, only: %(sizes)s.")
        sizes = ", ".join(f"{size:,}" for size in spec.volume_sizes)
        yield Severity.STRUCTURE, template, {"size": facts.volume_bytes, "sizes": sizes}


def check_volume_count(spec: Spec, facts: Facts) -> Broken:
    if facts.volumes > spec.max_volumes:
        template = gettext_noop(
            "%(count)d volumes are too many, at most %(most)d are allowed: choose larger volumes."
        )
        yield Severity.STRUCTURE, template, {"count": facts.volumes, "most": spec.max_volumes}


def check_volume_minimum(spec: Spec, facts: Facts) -> Broken:
    larger = spec.volume_step and facts.volume_bytes > spec.volume_step
    fits_smaller = (
        facts.volumes * facts.volume_bytes
        <= (facts.volume_bytes - spec.volume_step) * spec.max_volumes
    )
    if larger and fits_smaller and facts.volumes < spec.min_volumes_when_larger:
        template = gettext_noop(
            "%(count)d volumes are too few for this size, at least %(least)d: choose smaller ones."
        )
        values = {"count": facts.volumes, "least": spec.min_volumes_when_larger}
        yield Severity.STRUCTURE, template, values


def check_nfo_width(spec: Spec, facts: Facts) -> Broken:
    for number, line in enumerate(facts.nfo.splitlines(), 1):
        if len(line) > spec.nfo_columns:
            template = gettext_noop(
                "Line %(number)d of the NFO has %(length)d columns, at most %(most)d are allowed."
            )
            values = {"number": number, "length": len(line), "most": spec.nfo_columns}
            yield Severity.STRUCTURE, template, values


def check_nfo_fields(spec: Spec, facts: Facts) -> Broken:
    for names in spec.nfo_mandatory:
        if not facts.known.intersection(names.split("|")):
            template = gettext_noop("The NFO must tell the %(field)s.")
            yield Severity.STRUCTURE, template, {"field": names.replace("|", " / ")}


def check_source_link(spec: Spec, facts: Facts) -> Broken:
    if facts.source in spec.source_link_for and "url" not in facts.known:
        template = gettext_noop("The NFO of a %(source)s release should give the source link.")
        yield Severity.ELIGIBILITY, template, {"source": facts.source}


CHECKS: dict[str, Callable[[Spec, Facts], Broken]] = {
    "format": check_format,
    "name": check_name,
    "name-length": check_name_length,
    "volume-size": check_volume_size,
    "volume-count": check_volume_count,
    "volume-minimum": check_volume_minimum,
    "nfo-width": check_nfo_width,
    "nfo-fields": check_nfo_fields,
    "source-link": check_source_link,
}
