"""Why something is not done: sentences for who runs the instance."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _

from releases.actions.refusal import told
from releases.bucket import StoreAway


class Unable(Exception):
    """Nothing was made, or what was begun is told; the message is for the user."""


class Unsound(Unable):
    """A backup is damaged, cut short, or none at all."""


@contextmanager
def reading_or_writing(place: Path) -> Iterator[None]:
    """Turn what the disk says into a sentence."""
    try:
        yield
    except OSError as error:
        sentence = _("%(path)s cannot be read or written (%(reason)s): mend that, then try again.")
        values = {"path": error.filename or place, "reason": error.strerror or error}
        raise Unable(sentence % values) from error


@contextmanager
def asking_the_store() -> Iterator[None]:
    """Turn what the store of files says into a sentence."""
    try:
        yield
    except StoreAway as away:
        raise Unable(told(away)) from away
