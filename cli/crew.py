"""Several processes at the items of a batch: a signal ends them all, and so does our death."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from django.db import connections
from django.utils.translation import gettext as _

from cli.exits import Exit, Stop
from cli.interruption import Interrupted

Thing = TypeVar("Thing")
Result = TypeVar("Result")
FORK = get_context("fork")  # all is loaded already, and the journal stays open


def in_turn(
    things: Sequence[Thing], do: Callable[[Thing], Result], hands: int
) -> Iterator[tuple[int, Result]]:
    """Yield the number of each thing and what `do` makes of it, as they come."""
    hands = min(hands, len(things))
    if hands <= 1:
        yield from ((number, do(thing)) for number, thing in enumerate(things))
        return
    connections.close_all()  # none may be used by two processes
    crew = Crew(things, do, hands)
    try:
        yield from crew.results()
    finally:
        crew.dismiss()


class Crew(Generic[Thing, Result]):
    def __init__(self, things: Sequence[Thing], do: Callable[[Thing], Result], hands: int) -> None:
        self.things, self.do = things, do
        self.lifeline = os.pipe()
        self.workers: dict[Connection, Any] = {}
        for _number in range(hands):
            ours, theirs = FORK.Pipe()
            process = FORK.Process(target=self.work, args=(theirs,))
            self.workers[ours] = process
            process.start()
            theirs.close()

    def results(self) -> Iterator[tuple[int, Result]]:
        left = iter(range(len(self.things)))
        busy = {hand for hand in self.workers if self.gave_next(hand, left)}
        while busy:
            ready = wait(list(busy))
            for hand in [one for one in busy if one in ready]:
                try:
                    yield hand.recv()
                except EOFError:
                    sentence = _("A process that packed was ended: run the batch again.")
                    raise Stop(Exit.FAILED, sentence) from None
                if not self.gave_next(hand, left):
                    busy.discard(hand)

    def gave_next(self, hand: Connection, left: Iterator[int]) -> bool:
        number = next(left, None)
        hand.send(number)
        return number is not None

    def dismiss(self) -> None:
        """End those that are at something still, and wait until all have cleaned up."""
        for hand, process in self.workers.items():
            hand.close()
            if process.is_alive():
                with suppress(ProcessLookupError):
                    process.terminate()
        for process in self.workers.values():
            process.join()
        for end in self.lifeline:
            os.close(end)

    def work(self, hand: Connection) -> None:
        """Do what we are given, until there is nothing more. Runs in a process of its own."""
        os.close(self.lifeline[1])
        for ours in self.workers:  # else we would hear no end of what we are given
            ours.close()
        threading.Thread(target=self.follow, daemon=True).start()
        with suppress(Interrupted, EOFError, BrokenPipeError):
            while (number := hand.recv()) is not None:
                hand.send((number, self.do(self.things[number])))
            return
        with suppress(Interrupted):  # who dismisses us sends one, and who follows it another
            for one in (signal.SIGINT, signal.SIGTERM):
                signal.signal(one, signal.SIG_IGN)
        with suppress(Interrupted):  # of one that came before
            connections.close_all()
        os._exit(1)

    def follow(self) -> None:
        """Clean up and end when who gave us the work is no more."""
        os.read(self.lifeline[0], 1)  # comes back when nobody holds the other end
        os.kill(os.getpid(), signal.SIGTERM)
