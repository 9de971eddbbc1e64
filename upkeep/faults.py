"""What may be wrong with an instance."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    MISSING = "missing"
    CHANGED = "changed"
    ORPHAN = "orphan"
    NOWHERE = "nowhere"
    UNCLAIMED = "unclaimed"
    """In the store of files, and of no row."""


@dataclass(frozen=True, slots=True)
class Fault:
    kind: Kind
    what: str
    """A path, a key of the store, or a row."""
    message: str
    subject: str = ""
    """Whose it is, e.g. ``release:7``."""
