"""What a test of a destination found out, as pages show it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from delivery.checking import Refused
from delivery.endpoint import HostKeyUnknown
from delivery.telling import told
from network.addresses import Unreachable
from vault.sealing import Undecryptable


@dataclass(frozen=True, slots=True)
class Outcome:
    worked: bool
    sentence: str
    host_key: str = ""
    """What the server showed, where it may be accepted."""
    pk: int | None = None
    """Of the destination, where it is kept."""


def outcome_of(test: Callable[[], int], pk: int | None = None) -> Outcome:
    """Return what `test` found out, which answers the milliseconds that it took."""
    try:
        milliseconds = test()
    except Refused as refusal:
        return Outcome(worked=False, sentence=str(refusal), pk=pk)
    except (Unreachable, Undecryptable) as error:
        shown = error.values["host_key"] if isinstance(error, HostKeyUnknown) else ""
        return Outcome(worked=False, sentence=told(error), host_key=shown, pk=pk)
    sentence = _("It works: a file was written and removed again, in %(milliseconds)d ms.")
    return Outcome(worked=True, sentence=sentence % {"milliseconds": milliseconds}, pk=pk)
