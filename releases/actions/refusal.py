from releases.telling import told
from rules.spec import Violation

__all__ = ["Refused", "told"]


class Refused(Exception):
    """What was asked cannot be done as things are; the message is for the user."""

    def __init__(self, message: str, violations: tuple[Violation, ...] = ()) -> None:
        super().__init__(message)
        self.violations = violations
