"""Keeps a few processes running as one: starts them, restarts what dies, stops them together."""

import ctypes
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import FrameType

PR_SET_PDEATHSIG = 1
TICK_S = 0.25
RECOVER_EVERY_S = 2.0
SHORT_LIFE_S = 2.0

Command = Sequence[str]
logger = logging.getLogger(__name__)


def supervise(
    commands: Mapping[str, Command], *, every: Callable[[], None], grace_s: float
) -> None:
    """Run `commands` until SIGTERM or Ctrl-C, calling `every` every two seconds meanwhile.

    They get SIGTERM then, and `grace_s` seconds to end. Should this process be killed, the kernel
    ends them.
    """
    stopping = caught_signals()
    running = {name: Child(name, command) for name, command in commands.items()}
    due = time.monotonic()
    while not stopping:
        time.sleep(TICK_S)
        for child in running.values():
            child.restart_if_dead()
        if time.monotonic() >= due:
            every()
            due = time.monotonic() + RECOVER_EVERY_S
    stop(list(running.values()), grace_s)


def caught_signals() -> list[int]:
    """Return a list that grows when we are asked to stop."""
    caught: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        caught.append(number)

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)
    return caught


class Child:
    """A process in a session of its own, so that Ctrl-C reaches only the supervisor."""

    def __init__(self, name: str, command: Command) -> None:
        self.name, self.command = name, command
        self.start()

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509  # no threads here
        )

    def restart_if_dead(self) -> None:
        if self.process.poll() is None:
            return
        code = self.process.returncode
        logger.warning("%s ended with code %s; starting it again", self.name, code)
        self.kill()
        if time.monotonic() - self.started_at < SHORT_LIFE_S:
            time.sleep(SHORT_LIFE_S)
        self.start()

    def terminate(self) -> None:
        """Ask the main process alone: django-q2 deadlocks when its whole group is asked."""
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def end_with_parent() -> None:
    """Ask the kernel for SIGTERM when the supervisor dies, however it dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stop(children: list[Child], grace_s: float) -> None:
    for child in children:
        child.terminate()
    deadline = time.monotonic() + grace_s
    for child in children:
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            sentence = "%s did not end within %g s; its jobs go on after a restart"
            logger.warning(sentence, child.name, grace_s)
        child.kill()
