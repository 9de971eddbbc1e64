"""Commands as a person runs them: at a terminal of their own."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
HEIGHT = 24
SILENCE_S = 60
"""Longer than any command works without a word."""


class Terminal:
    """Runs a command at a terminal `width` columns wide."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], width: int = 100
    ) -> None:
        self.end, child_end = pty.openpty()
        fcntl.ioctl(child_end, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, width, 0, 0))
        self.process = subprocess.Popen(
            command,
            stdin=child_end,
            stdout=child_end,
            stderr=child_end,
            env={"TERM": "xterm", **environment},
            preexec_fn=take_terminal,  # noqa: PLW1509  # no threads here
        )
        os.close(child_end)

    def press(self, keys: bytes) -> None:
        os.write(self.end, keys)

    def read(self) -> bytes:
        """Wait for what is written next, and return it."""
        ready, _, _ = select.select([self.end], [], [], SILENCE_S)
        if not ready:
            self.process.kill()
            raise AssertionError("it waits for an answer, or hangs")
        return os.read(self.end, 1 << 16)

    def rest(self) -> tuple[int, str]:
        """Wait for the end; return the exit code and all that was written."""
        written = bytearray()
        with suppress(OSError):  # how the end of a terminal is told
            while piece := self.read():
                written += piece
        os.close(self.end)
        return self.process.wait(30), written.decode()


def take_terminal() -> None:
    """Begin a session whose Ctrl-C comes from this terminal."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def plain(text: str) -> str:
    """Return what is left of `text` without colours and movements."""
    return ESCAPES.sub("", text).replace("\r", "\n")
