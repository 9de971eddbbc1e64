"""What a rule asks for, and what breaks it. No Django here.

A spec is data (rules/specs/*.toml): each number and pattern stands there with the section of the
rule it comes from. This module only knows how to ask.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from rules.checks import CHECKS
from rules.facts import Facts
from rules.violation import Citation, Confidence, Severity, Violation

__all__ = ["CHECKS", "Citation", "Confidence", "Facts", "Severity", "Spec", "Violation"]


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
    name_characters: str = "A-Za-z0-9._-"
    """As in the brackets of a regular expression."""
    name_pattern: str
    tags: tuple[str, ...] = ()
    """What may stand in the name once each."""
    never_with_readnfo: tuple[str, ...] = ()
    fixes: dict[str, list[str]] = field(default_factory=dict)
    """What the directory of a fix holds, by the tag of the fix."""
    refused_fixes: tuple[str, ...] = ()
    """In capitals."""
    max_file_name_length: int = 255
    short_name: tuple[int, ...] = (8, 3)
    """How many characters the names of volumes have before and after the dot, at most."""
    disk_digits: int = 2
    """How many digits end the name of a ZIP, and count the disks."""
    file_mode: int = 0o644
    tagged_lower_case: bool = False
    """Whether file names are in lower case and hold the group."""
    allows_extras: bool = False
    """Whether other files may lie in the archives with the payload."""
    loose_formats: tuple[str, ...] = ()
    """The extensions of what may lie in the directory, but for volumes and SFV."""
    folders: tuple[str, ...] = ()
    subtitles_in_video: bool = False
    """Whether they may lie nowhere else."""
    rar_versions: tuple[int, ...] = (4,)
    allows_compression: bool = False
    allows_recovery: bool = False
    """Whether volumes may have a recovery record."""
    nfo_columns: int = 80
    nfo_encodings: tuple[str, ...] = ("ascii", "cp437", "utf-8")
    nfo_mandatory: tuple[str, ...] = ()
    nfo_mandatory_for: dict[str, list[str]] = field(default_factory=dict)
    """What it tells besides by the category in the name, where the title has no number."""
    generic_nfos: tuple[str, ...] = ()
    """The names of NFOs that zipscripts delete."""
    source_link_for: tuple[str, ...] = ()
    diz_columns: int = 44
    diz_lines: int = 30
    sfv: bool = False
    """Whether the release folder itself holds an SFV."""
    sample_s: tuple[int, ...] = ()
    """How long the sample lasts, at least and at most, in seconds; nothing: no sample is due."""
    proof_pixels: tuple[int, ...] = ()
    """The least width and height of a proof."""
    is_house_profile: bool = False
    """No published ruleset exists: the report must not claim conformity to one."""
    checks: dict[str, Citation] = field(default_factory=dict)
    """Where the rule asks for what a check asks, by check id: nothing else is asked."""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build a spec from the ``spec`` table of a spec file, or from a rule's row.

        Raises:
            TypeError: a field is missing or unknown.
        """
        lists = {name: tuple(value) for name, value in data.items() if isinstance(value, list)}
        checks = {name: _citation(**cited) for name, cited in data.get("checks", {}).items()}
        return cls(**data | lists | {"checks": checks})

    @property
    def uncertain(self) -> tuple[str, ...]:
        """Return the checks that could not be compared with the published text."""
        return tuple(
            name for name, cited in self.checks.items() if cited.confidence == Confidence.UNVERIFIED
        )

    def name_parts(self, name: str) -> dict[str, str] | None:
        """Return the fields of a release name, or None where it is not formed as the rule says.

        A pattern that gives a choice numbers its groups: ``year_1`` and ``year_2`` are the year.
        """
        found = re.fullmatch(self.name_pattern, name)
        if found is None:
            return None
        told = found.groupdict(default="")
        return {re.sub(r"_\d+$", "", part): "" for part in told} | {
            re.sub(r"_\d+$", "", part): value for part, value in told.items() if value
        }

    def must_tell(self, name: str) -> list[str]:
        """Return the fields that the NFO of the release `name` tells; ``a|b``: one of them.

        What its category adds is a number, which the title may tell as well.
        """
        parts = self.name_parts(name) or {}
        is_numbered = any(char.isdecimal() for char in parts.get("title", ""))
        added = () if is_numbered else self.nfo_mandatory_for.get(parts.get("category", ""), ())
        return [*self.nfo_mandatory, *added]

    def tags_of(self, name: str) -> list[str]:
        """Return the tags in `name`, as often as they stand there."""
        extra = f".{(self.name_parts(name) or {}).get('extra', '')}."
        return [tag for tag in self.tags for _ in re.findall(rf"\.{re.escape(tag)}(?=\.)", extra)]

    def fix_contents(self, name: str) -> list[str]:
        """Return what the directory of a fix holds; nothing where `name` is of no fix."""
        words = name.upper().replace("-", ".").split(".")
        return next((held for tag, held in self.fixes.items() if tag.upper() in words), [])

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

    def volume_bytes_of(self, sizes: Sequence[int]) -> int:
        """Return the size that volumes of `sizes` are cut to; 0 where there are none.

        A single volume is the last one: it is cut to the smallest allowed size that holds it.
        """
        if len(sizes) != 1:
            return max(sizes[:-1], default=0)
        stepped = [-(-sizes[0] // self.volume_step) * self.volume_step] if self.volume_step else []
        fitting = [size for size in (*self.volume_sizes, *stepped) if size >= sizes[0]]
        return min(fitting, default=sizes[0])

    def violations(self, facts: Facts) -> Iterator[Violation]:
        """Yield every clause that `facts` break; none means conforming."""
        for check_id, check in CHECKS.items():
            if cited := self.checks.get(check_id):
                for breach in check.ask(self, facts):
                    yield Violation(
                        check_id,
                        cited.section,
                        cited.severity,
                        breach.template,
                        breach.values,
                        check.fix,
                        breach.file,
                        cited.confidence,
                    )


def _citation(section: str, severity: str, confidence: str) -> Citation:
    return Citation(section=section, severity=Severity(severity), confidence=Confidence(confidence))
