"""What can be told of a connection over which SSH is spoken. No Django here."""

import socket
from typing import Any

BEGINNING = 32
_OF_SSH = (b"SSH-", b"Exceeded MaxStartups", b"Not allowed at this time")
"""How a server of SSH begins; the latter is what OpenSSH says to those it lets in later."""


class Line:
    """Remembers how the other side began, and whether it is gone: the library tells neither."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._beginning = b""
        self.is_cut = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def recv(self, most: int) -> bytes:
        try:
            piece = self._connection.recv(most)
        except TimeoutError:
            raise
        except OSError:
            self.is_cut = True
            raise
        self.is_cut = not piece
        if len(self._beginning) < BEGINNING:
            self._beginning += piece
        return piece

    def send(self, piece: bytes) -> int:
        try:
            return self._connection.send(piece)
        except TimeoutError:
            raise
        except OSError:
            self.is_cut = True
            raise

    def was_of_ssh(self) -> bool:
        """Say whether what came, be it nothing, may have been a server of SSH."""
        came = self._beginning
        return any(came.startswith(word) or word.startswith(came) for word in _OF_SSH)
