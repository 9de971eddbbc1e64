from collections.abc import Mapping

from releases.telling import told
from rules.spec import Violation

__all__ = ["NothingToChange", "Refused", "ReleaseConflict", "WrongFields", "told"]


class Refused(Exception):
    """What was asked cannot be done as things are; the message is for the user."""

    def __init__(self, message: str, violations: tuple[Violation, ...] = ()) -> None:
        super().__init__(message)
        self.violations = violations


class ReleaseConflict(Refused):
    """The state of the release is against it: in another one the same could be done."""


class NothingToChange(ReleaseConflict):
    """All is as it was asked for."""


class WrongFields(Refused):
    """Some answers cannot be taken; `fields` tells what is wrong with each."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields
