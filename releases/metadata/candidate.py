"""What a file says of itself, as a value that can cross a process and be stored."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self, get_origin, get_type_hints

from releases.metadata.problem import Problem

PROBLEM_LIMIT = 20
"""Problems told of one file: a bad archive can have thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    format: str
    """The real type, from the content: `sniff.sniff` names them all."""
    size: int
    """In bytes."""
    valid: bool
    problems: tuple[Problem, ...] = ()
    """What is wrong with the file."""
    drm: str = ""
    """The kind of protection, named; empty where there is none."""
    encrypted: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)
    """Known fields only: an absent key means that the file does not say."""
    sources: dict[str, str] = field(default_factory=dict)
    """For each key of `metadata`, where in the file it stood."""
    mediainfo: dict[str, Any] = field(default_factory=dict)
    structure: list[dict[str, Any]] = field(default_factory=list)
    """The first entries of the archive: `path` and `size` of each."""
    cover: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"problems": [one.as_json() for one in self.problems]}

    @classmethod
    def from_json(cls, document: object) -> Self:
        """Rebuild the analysis that `as_json` described.

        Raises:
            ValueError: `document` is not such a description.
        """
        if not isinstance(document, Mapping) or set(document) != {one.name for one in fields(cls)}:
            raise ValueError("not the fields of an analysis")
        for name, kind in get_type_hints(cls).items():
            wanted = list if name == "problems" else get_origin(kind) or kind
            if type(document[name]) is not wanted:
                raise ValueError(f"{name} is not of its type")
        problems = tuple(map(Problem.from_json, document["problems"]))
        return cls(**{**document, "problems": problems})
