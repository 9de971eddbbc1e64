"""What to do after a failure, where the reason does not say it."""

import errno
from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from releases.actions.delivering import Undelivered
from releases.labels import Label
from releases.metadata import AnalysisError
from releases.metadata.http import NotAllowed, Unreachable
from releases.packing.rar.files import Damaged
from vault.sealing import Undecryptable

NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
HINTS: tuple[tuple[tuple[type[Exception], ...], Label], ...] = (
    ((NotAllowed, Undecryptable), ""),  # the reason says what to correct: time does not help
    (
        (Undelivered,),
        gettext_lazy("What arrived stays there. Run it again later: it goes on from there."),
    ),
    (
        (Unreachable,),
        gettext_lazy(
            "Nothing is lost. Try again in a few minutes; if it lasts, look at the address."
        ),
    ),
    (
        (PermissionDenied,),
        gettext_lazy("Ask an administrator for this right, then run it again."),
    ),
    (
        (Damaged, AnalysisError),
        gettext_lazy(
            "Open the file with another program: if it is damaged there too, send a good copy."
        ),
    ),
)
"""By what led to a failure; the first that fits is told."""


def hint(error: BaseException) -> str:
    """Return what to do next in the language of who asked; nothing where the reason says it."""
    causes = list(chain(error))
    if any(is_about_space(cause) for cause in causes):
        return _("Free some space, or ask an administrator to, then run it again.")
    fitting = (said for kinds, said in HINTS if any(isinstance(one, kinds) for one in causes))
    return str(next(fitting, ""))


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and what led to it."""
    while error is not None:
        yield error
        error = error.__cause__


def is_about_space(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in NO_SPACE


def unforeseen(error: BaseException, reference: str) -> tuple[str, str]:
    """Return the reason and the hint for an error that nobody expected."""
    if is_about_space(error):
        return _("No space is left on the disk."), hint(error)
    reason = _("Something unforeseen happened; the log tells more under %s.") % reference
    next_step = _("Run it again. If it fails once more, tell an administrator the reference %s.")
    return reason, hint(error) or next_step % reference


def interrupted() -> tuple[str, str]:
    return (
        _("Interrupted. Run it again."),
        _("The program was stopped, or the work took a day: nothing half-made is left of it."),
    )


def died(times: int) -> tuple[str, str]:
    return (
        _("Its worker died %d times. Look at the log before trying again.") % times,
        _("It may need more memory than there is. Run it again when less is at work."),
    )
