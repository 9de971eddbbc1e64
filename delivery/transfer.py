"""Brings the files of a release to a destination. No Django here."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty

from delivery.bringing import BY_SIZE, Brought, check_name, part_name
from delivery.courier import Courier
from delivery.endpoint import Endpoint
from delivery.errand import Again, Entered, Errand, Failed, Left, in_order
from delivery.openers import OPENERS
from delivery.parcel import Delivered, Heard, Manner, Parcel
from network.addresses import Unreachable
from network.deadline import Deadline

GLANCE_S = 0.1
"""How long the calling thread waits before it hears how far it is."""
ENDING_S = 3.0
"""How long connections may take to end."""
TIDYING_S = 5.0


def deliver(  # noqa: PLR0913 - who is told what is apart from what is done
    parcels: Sequence[Parcel],
    endpoint: Endpoint,
    manner: Manner,
    heard: Heard,
    *,
    arrived: Mapping[str, str],
    note: Callable[[Parcel], None],
    warn: Callable[[Unreachable], None],
    unwanted: tuple[type[Exception], ...] = (),
) -> Delivered:
    """Bring all files there, each under its final name once it is whole.

    `arrived` holds the CRC-32, by name, of what an earlier delivery left under final names. In the
    calling thread, `note` hears of each file that stands, `warn` of each failure that is followed
    by another try, and `heard` how far it is. What they raise ends the delivery. Where that is
    `unwanted`, what is half there is removed; else it stays, and the next delivery goes on from it.

    Raises:
        NotAllowed: something must be corrected first.
        Unreachable: it did not work, however often it was tried.
    """
    for parcel in parcels:
        check_name(parcel)
    firsts, rest = in_order(parcels, manner.order)
    errand = Errand(endpoint, manner, arrived, deque(firsts + rest))
    lead = Lead(errand, {one.name for one in firsts}, {one.name for one in parcels})
    total = sum(one.size for one in parcels)
    try:
        heard("connect", 0, 0)
        while lead.is_under_way():
            lead.step(note, warn)
            if lead.is_in:
                heard("send", sum(errand.done.values()), total)
            else:
                heard("connect", 0, 0)
    except GivenUp as failure:
        raise failure.error from None
    except unwanted:
        lead.end()
        _tidy(errand, parcels)
        raise
    finally:
        lead.end()
    return lead.delivered()


class GivenUp(Exception):
    """A courier gave up, for this reason."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


@dataclass
class Lead:
    """Sends couriers out, and hears what they have to say."""

    errand: Errand
    firsts: set[str]
    outstanding: set[str]
    is_in: bool = False
    brought: list[Brought] = field(default_factory=list)
    _couriers: list[Courier] = field(default_factory=list)
    _at_work: int = 0
    _is_spread: bool = False

    def is_under_way(self) -> bool:
        """Say whether files are missing, and see to it that somebody brings them."""
        if self.outstanding and not self._at_work:
            self._send_out(1)
        if not (self._is_spread or self.firsts & self.outstanding):
            self._is_spread = True
            self._send_out(min(self.errand.manner.connections, len(self.outstanding)) - 1)
        return bool(self.outstanding)

    def step(self, note: Callable[[Parcel], None], warn: Callable[[Unreachable], None]) -> None:
        """Hear one thing that a courier says, or nothing for a moment.

        Raises:
            GivenUp: a courier gave up.
        """
        with suppress(Empty):
            match self.errand.events.get(timeout=GLANCE_S):
                case Entered():
                    self.is_in = True
                case Brought() as brought:
                    self.outstanding.discard(brought.parcel.name)
                    self.brought.append(brought)
                    note(brought.parcel)
                case Again(fault):
                    warn(fault)
                case Failed(error):
                    raise GivenUp(error)
                case Left():
                    self._at_work -= 1

    def end(self) -> None:
        """Have all couriers leave; those that are through may say goodbye."""
        self.errand.over.set()
        if self.outstanding:
            self.errand.end()
        deadline = Deadline(ENDING_S)
        for courier in self._couriers:
            courier.join(max(0.0, deadline.left_s()))
        self.errand.end()

    def delivered(self) -> Delivered:
        ways = {one.checked_by for one in self.brought} or {BY_SIZE}
        return Delivered(
            files=len(self.brought),
            sent_files=sum(one.sent_bytes is not None for one in self.brought),
            sent_bytes=sum(one.sent_bytes or 0 for one in self.brought),
            checked_by=", ".join(sorted(ways)),
        )

    def _send_out(self, number: int) -> None:
        for _ in range(number):
            courier = Courier(self.errand)
            self._couriers.append(courier)
            self._at_work += 1
            courier.start()


def _tidy(errand: Errand, parcels: Sequence[Parcel]) -> None:
    """Remove what is half there, if that can be done soon."""
    begun = [one for one in parcels if errand.pasts[one.name].has_begun]
    if not begun:
        return
    deadline = Deadline(min(TIDYING_S, errand.endpoint.timeout_s))
    with (
        suppress(Unreachable),
        OPENERS[errand.endpoint.type](errand.endpoint, deadline) as remote,
    ):
        for parcel in begun:
            with suppress(Exception):  # it may be there under its final name
                remote.remove(part_name(parcel))
