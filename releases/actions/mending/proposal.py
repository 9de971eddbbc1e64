"""What an operation would change, before it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from releases.actions.refusal import Refused
from releases.labels import label
from releases.telling import told


@dataclass(frozen=True)
class Change:
    """A sentence in English and its values; as a text it is in the reader's language."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return told(Change(self.template, called(self.values)))


@dataclass(frozen=True)
class Proposal:
    operation: str
    changes: tuple[Change, ...] = ()
    diff: str = ""
    """Unified; its lines end in LF."""
    refused: Refused | None = None
    """Why it cannot be done; None where it can."""
    remarks: tuple[Change, ...] = ()
    """What it leaves as it is, and who reads should know."""
    token: str = ""
    """Of the state it was made for: `apply` refuses where that is another one."""

    @property
    def refusal(self) -> str:
        """Why it cannot be done, in the reader's language; nothing where it can."""
        return str(self.refused or "")

    @property
    def is_empty(self) -> bool:
        return not self.changes

    def told(self) -> list[str]:
        return [str(change) for change in self.changes]


def called(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` with the field of the metadata as the reader calls it."""
    return {name: label(value) if name == "field" else value for name, value in values.items()}


def kept(changes: Iterable[Change]) -> list[list[Any]]:
    """Return `changes` as a revision keeps them."""
    return [[change.template, dict(change.values)] for change in changes]


def restored(kept: Iterable[list[Any]]) -> list[Change]:
    """Return the changes that a revision keeps."""
    return [Change(template, values) for template, values in kept]
