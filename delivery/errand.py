"""What all connections of one delivery share. No Django here."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Event, Lock

from delivery.bringing import Brought, Past
from delivery.endpoint import Endpoint
from delivery.parcel import Manner, Parcel
from delivery.throttle import Throttle
from network.addresses import Unreachable
from network.deadline import Deadline


@dataclass(frozen=True, slots=True)
class Entered:
    """A connection is in the folder of the destination."""


@dataclass(frozen=True, slots=True)
class Again:
    """A file is tried again, for this reason."""

    fault: Unreachable


@dataclass(frozen=True, slots=True)
class Failed:
    """A file is given up, and the delivery with it."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class Left:
    """A courier is through."""


@dataclass
class Errand:
    """The files that wait, what was done of each, and what couriers have to say."""

    endpoint: Endpoint
    manner: Manner
    arrived: Mapping[str, str]
    waiting: deque[Parcel]
    events: SimpleQueue[Entered | Again | Failed | Left | Brought] = field(
        default_factory=SimpleQueue
    )
    over: Event = field(default_factory=Event)
    done: dict[str, int] = field(default_factory=dict)
    """Bytes by name."""
    pasts: dict[str, Past] = field(default_factory=dict)
    inside: int = 0
    """How many connections are in."""

    def __post_init__(self) -> None:
        self.throttle = Throttle(self.manner.bytes_per_s, self.over)
        self._lock = Lock()
        self._deadlines: list[Deadline] = []
        for parcel in self.waiting:
            is_arrived = self.arrived.get(parcel.name, "").lower() == parcel.crc32.lower()
            self.pasts[parcel.name] = Past(is_arrived)

    def take(self) -> Parcel | None:
        """Return the next file that nobody brings yet."""
        with self._lock:
            return self.waiting.popleft() if self.waiting else None

    def give_back(self, parcel: Parcel) -> None:
        with self._lock:
            self.waiting.appendleft(parcel)

    def deadline(self) -> Deadline:
        """Return a deadline for one connection, which ends with the delivery."""
        made = Deadline(self.endpoint.timeout_s)
        with self._lock:
            self._deadlines.append(made)
        if self.over.is_set():
            made.end()
        return made

    def enter(self, by: int) -> None:
        """Count a connection that is in, or is not any more."""
        with self._lock:
            self.inside += by

    def end(self) -> None:
        """Have all couriers stop, whatever they wait for."""
        self.over.set()
        with self._lock:
            for deadline in self._deadlines:
                deadline.end()


def in_order(parcels: Sequence[Parcel], order: str) -> tuple[list[Parcel], list[Parcel]]:
    """Return the files that go first, one after the other, and the rest."""
    firsts = {"SFV": [".sfv", ".nfo"], "NFO": [".nfo", ".sfv"]}.get(order, [])
    known = sorted(parcels, key=lambda parcel: parcel.name)
    ahead = [one for suffix in firsts for one in known if one.name.lower().endswith(suffix)]
    return ahead, [one for one in known if one not in ahead]
