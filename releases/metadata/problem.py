"""What is wrong with a file: a sentence and its values, so that a door can translate it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Problem:
    template: str
    """An English sentence with named placeholders."""
    values: Mapping[str, Any]
    is_flaw: bool = False
    """Whether the file is whole all the same: it breaks a rule of its format, no more."""

    def __str__(self) -> str:
        return self.template % self.values

    def as_json(self) -> dict[str, Any]:
        return {"template": self.template, "values": dict(self.values), "is_flaw": self.is_flaw}

    @classmethod
    def from_json(cls, document: object) -> Self:
        """Rebuild the problem that `as_json` described.

        Raises:
            ValueError: `document` is not such a description.
        """
        match document:
            case {"template": str(template), "values": dict(values), "is_flaw": bool(is_flaw)}:
                return cls(template, values, is_flaw)
        raise ValueError("not the fields of a problem")


def problem(template: str, **values: Any) -> Problem:
    """Return what damages a file, or makes it unsafe."""
    return Problem(template, values)


def flaw(template: str, **values: Any) -> Problem:
    """Return what breaks a rule of the format, and leaves the file whole."""
    return Problem(template, values, is_flaw=True)


class Unreadable(Exception):
    """A file, or a part of it, cannot be read; `problem` says why."""

    def __init__(self, template: str, **values: Any) -> None:
        self.problem = problem(template, **values)
        super().__init__(template, values)

    def __str__(self) -> str:
        return str(self.problem)
