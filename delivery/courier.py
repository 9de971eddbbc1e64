"""Brings file after file in a thread of its own, and comes back after failures. No Django here."""

import random
from threading import Thread

from delivery.bringing import Bringing, Past
from delivery.endpoint import Full, Mangled, Remote
from delivery.errand import Again, Entered, Errand, Failed, Left
from delivery.openers import OPENERS
from delivery.parcel import Parcel
from delivery.source import Source
from network.addresses import NotAllowed, Unreachable

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
TRIES_OF_FULL = 3
"""Space comes back seldom."""


class Stopped(Unreachable):
    """The delivery is over."""


class Patience:
    """How often one file is tried again, and after how long.

    A connection that fails after it got further does not count; a file that arrives mangled, or
    finds no space, does, however much was sent.
    """

    def __init__(self, attempts: int) -> None:
        self._attempts = attempts
        self._failures = self._mangled = self._full = 0
        self._reached = 0

    def wait_s(self, fault: Unreachable, past: Past) -> float:
        """Return how long to wait before the next try.

        Raises:
            Unreachable: there is none: it is `fault`.
        """
        if isinstance(fault, NotAllowed):
            raise fault
        if past.reached > self._reached:
            self._reached, self._failures = past.reached, 0
        self._failures += 1
        self._mangled += isinstance(fault, Mangled)
        self._full += isinstance(fault, Full)
        if max(self._failures, self._mangled) >= self._attempts or self._full >= TRIES_OF_FULL:
            raise fault
        most = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (self._failures - 1))
        return random.uniform(0, most)  # noqa: S311 - so that not all come back at once


class Courier:
    """One connection after the other, and the files that are brought over them."""

    def __init__(self, errand: Errand) -> None:
        self._errand = errand
        self._parcel: Parcel | None = None
        self._patience = Patience(errand.manner.attempts)
        self._was_in = False
        self._thread = Thread(target=self._run, daemon=True, name="courier")

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # the calling thread raises it
            self._errand.events.put(Failed(error))
        finally:
            self._errand.events.put(Left())

    def _work(self) -> None:
        while parcel := self._next():
            try:
                self._connect()
            except Unreachable as fault:
                if self._errand.over.is_set():
                    return
                if not self._was_in and self._errand.inside:
                    self._errand.give_back(parcel)  # the server lets no more in
                    self._errand.events.put(Again(fault))
                    return
                self._wait(fault, parcel)

    def _wait(self, fault: Unreachable, parcel: Parcel) -> None:
        wait_s = self._patience.wait_s(fault, self._errand.pasts[parcel.name])
        self._errand.events.put(Again(fault))
        self._errand.over.wait(wait_s)

    def _connect(self) -> None:
        open_ = OPENERS[self._errand.endpoint.type]
        with open_(self._errand.endpoint, self._errand.deadline()) as remote:
            self._was_in = True
            self._errand.events.put(Entered())
            self._errand.enter(1)
            try:
                while parcel := self._next():
                    self._bring(parcel, remote)
                    self._parcel = None
            finally:
                self._errand.enter(-1)

    def _next(self) -> Parcel | None:
        """Return the file at hand, or take the next."""
        if self._errand.over.is_set():
            return None
        if self._parcel is None:
            self._parcel = self._errand.take()
            self._patience = Patience(self._errand.manner.attempts)
        return self._parcel

    def _bring(self, parcel: Parcel, remote: Remote) -> None:
        errand = self._errand

        def went(done: int) -> None:
            if errand.over.is_set():
                raise Stopped("")
            errand.done[parcel.name] = done
            remote.renew()

        source = Source(parcel, errand.throttle, went)
        brought = Bringing(parcel, remote, source, errand.pasts[parcel.name]).bring()
        errand.done[parcel.name] = parcel.size
        errand.events.put(brought)
