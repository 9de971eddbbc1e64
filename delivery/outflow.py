"""What of a file has left this machine. No Django here."""

import struct
from fcntl import ioctl
from socket import socket
from termios import TIOCOUTQ


class Outflow:
    """Sends, and tells whether the other side takes it: the system keeps megabytes by itself."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection
        self._given = self._taken = 0

    def give(self, piece: bytes) -> None:
        self._connection.sendall(piece)
        self._given += len(piece)

    def went_on(self) -> bool:
        """Say whether more was taken than when this was asked before."""
        taken = self._given - self._kept()
        if taken <= self._taken:
            return False
        self._taken = taken
        return True

    def _kept(self) -> int:
        """Return how many bytes are sent and not yet confirmed."""
        try:
            answer = ioctl(self._connection.fileno(), TIOCOUTQ, struct.pack("i", 0))
        except OSError:
            return 0  # a system that does not tell
        kept: int = struct.unpack("i", answer)[0]
        return kept
