"""Ctrl-C and SIGTERM: they end a command once, and part nothing that belongs together."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from cli.exits import Exit

if TYPE_CHECKING:  # what it lies among takes time, and until it is read we hear nothing
    from releases.packing import Progress

CAUGHT = (signal.SIGINT, signal.SIGTERM)
ECHO_S = 0.05
"""How long a signal has to be heard before it is sent again."""


class Interrupted(KeyboardInterrupt):
    """A signal asks the command to clean up and end."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.code = Exit(128 + number)


class Listener:
    """Hears the signals of this process. The first one counts: cleaning up is not cut short."""

    def __init__(self) -> None:
        self._heard: int | None = None
        self._is_held = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self._heard is None:
            self._heard = number
            if not self._is_held:
                raise Interrupted(number)

    def check(self) -> None:
        if self._heard is not None:
            raise Interrupted(self._heard)

    @contextmanager
    def held(self, progress: Progress) -> Iterator[Progress]:
        """Let signals wait until the work in this block tells `progress`, or for the next check.

        So a release that is shown is recorded too: from then on there is no progress to tell.
        """

        def tell(stage: str, done: int, total: int) -> None:
            self.check()
            progress(stage, done, total)

        self._is_held = True
        try:
            yield tell
        finally:
            self._is_held = False

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Hear what this process is sent, but for what it was begun to ignore."""
        self._heard = None
        before = {number: signal.getsignal(number) for number in CAUGHT}
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, self)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def insisting(self) -> Iterator[None]:
        """Be sent each signal until it is heard, while this thread waits for a line.

        One that comes between a prompt and the wait for what is typed does not end that wait.
        """
        end, ours = os.pipe()
        os.set_blocking(ours, False)
        is_over = threading.Event()
        echo = threading.Thread(target=repeat, args=(end, threading.get_ident(), is_over))
        before = signal.set_wakeup_fd(ours, warn_on_full_buffer=False)
        echo.start()
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            is_over.set()
            os.close(ours)
            echo.join()
            os.close(end)


def repeat(end: int, waiting: int, is_over: threading.Event) -> None:
    """Send what `end` tells of to the thread that is `waiting`; each time it tells of it again."""
    while number := os.read(end, 1):
        if not is_over.wait(ECHO_S) and number[0] in CAUGHT:
            signal.pthread_kill(waiting, number[0])


LISTENER = Listener()
"""A process has one."""
