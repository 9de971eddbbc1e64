"""The programs that unpack what Python cannot: run for a limited time, into a pipe, never to disk.

Source: docs/formats/comics.md.
"""

import os
import selectors
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

COMMANDS = {"bsdtar": ("-xOf",), "unar": ("-q", "-nr", "-k", "skip", "-o", "-")}
"""By name, the quicker one first: what makes it print the content of all files, in order."""
READS_PIPES = "bsdtar"
TIME_LIMIT_S = 4
"""For all that is unpacked of one archive."""

_PIECE = 256 << 10


class Output:
    """What a program prints, taken in parts."""

    def __init__(self, pipe: int, deadline: float) -> None:
        self.pipe = pipe
        self.deadline = deadline

    def take(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes in pieces, or fewer where it ends.

        Raises:
            TimeoutError: the program took too long.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(self.pipe, selectors.EVENT_READ)
            while size > 0:
                left = self.deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise TimeoutError
                piece = os.read(self.pipe, min(size, _PIECE))
                if not piece:
                    return
                size -= len(piece)
                yield piece


def deadline() -> float:
    """Return when the time is out for an archive that is begun now."""
    return time.monotonic() + TIME_LIMIT_S


def programs() -> list[str]:
    """Those that are installed."""
    return [name for name in COMMANDS if shutil.which(name)]


@contextmanager
def unpacked(path: Path, program: str, deadline: float) -> Iterator[Output]:
    """Let `program` print the content of all files of the archive `path`, up to `deadline`.

    It is handed the file open, and not by name: unar would look for volumes beside it.
    """
    with path.open("rb") as file:
        command = [program, *COMMANDS[program], f"/dev/fd/{file.fileno()}"]
        with _started(command, [file.fileno()]) as process:
            assert process.stdout is not None  # noqa: S101 - it was asked for
            yield Output(process.stdout.fileno(), deadline)


def unpacked_from_pipe(archive: bytes, limit: int) -> bytes:
    """Return the content of the files of a small archive; nothing where no program can tell."""
    if not shutil.which(READS_PIPES):
        return b""
    command = [READS_PIPES, *COMMANDS[READS_PIPES], "-"]
    with _started(command) as process:
        try:
            content, _ = process.communicate(archive, TIME_LIMIT_S)
        except subprocess.TimeoutExpired:
            return b""
    return bytes(content[:limit])


@contextmanager
def _started(
    command: Sequence[str], files: Sequence[int] = ()
) -> Iterator["subprocess.Popen[bytes]"]:
    """A running program; it is ended, whatever it does, when nobody listens any more."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL if files else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=files,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()
