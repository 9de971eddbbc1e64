"""What the exit code of a command says. See docs/commands.md."""

from enum import IntEnum

from django.utils.translation import gettext as _


class Exit(IntEnum):
    DONE = 0
    FAILED = 1
    INVALID = 2
    NOT_FOUND = 3
    NOT_PERMITTED = 4
    NOT_CONFORMING = 5
    DESTINATION_FAILED = 6
    INTERRUPTED = 130
    TERMINATED = 143


class Stop(Exception):
    """Ends a command with a sentence for the person who called it."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code


def database_away(error: Exception) -> Stop:
    return Stop(
        Exit.FAILED,
        _("The database does not answer (%(reason)s): try again later.") % {"reason": error},
    )
