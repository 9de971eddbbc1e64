"""Speaks FTP over connections to places that were judged. No Django here."""

import ftplib
import ssl
from socket import socket
from typing import Any

from delivery.endpoint import Unsuited
from delivery.wire import Wire

FIRST_FREE_PORT = 1024
MOST_LINES = 1000
"""Of one answer of a server."""


class Client(ftplib.FTP_TLS):
    """Speaks FTP over connections to a place that was judged, and encrypts as its type says."""

    def __init__(self, wire: Wire, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self.wire = wire
        self.host = wire.endpoint.host
        self.sock: Any = None
        self._lines = 0

    def dial(self) -> None:
        """Connect, and encrypt where that is the type: before anybody logs in.

        Raises:
            CertificateRefused: the server cannot prove its name.
            NotAllowed: the server does not encrypt, or may not be called.
            Unreachable: nobody answers there.
        """
        kind = self.wire.endpoint.type
        self.sock = self.wire.dial()
        self.af = self.sock.family
        if kind == "FTPS_IMPLICIT":
            self.sock = self.encrypted(self.sock)
        self._listen()
        self.welcome = self.getresp()
        if kind == "FTPS":
            self._ask_for("AUTH TLS")
            self.sock = self.encrypted(self.sock)
            self._listen()

    def protect(self) -> None:
        """Have files encrypted, too, where the type asks for it."""
        if self.wire.endpoint.type != "FTP":
            self._ask_for("PBSZ 0")
            self._ask_for("PROT P")
            self._prot_p = True

    def putline(self, line: str) -> None:
        self.sock.settimeout(self.wire.wait_s())
        super().putline(line)

    def getmultiline(self) -> str:
        self._lines = 0
        return super().getmultiline()

    def getline(self) -> str:
        self._lines += 1
        if self._lines > MOST_LINES:
            raise Unsuited("%(host)s says too much: check type and port.", host=self.host)
        return super().getline()

    def makepasv(self) -> tuple[str, int]:
        """Return where to send files: to the same machine, and to no service of the system."""
        host, port = super().makepasv()
        if port < FIRST_FREE_PORT:
            raise Unsuited(
                "%(host)s would have files sent to port %(port)d, which is a service of the"
                " system: they were not sent.",
                host=self.host,
                port=port,
            )
        return host, port

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket, int | None]:
        """Open a connection for a file, in the session of the first: many servers insist on it."""
        self.timeout = self.wire.wait_s()
        connection, size = super(ftplib.FTP_TLS, self).ntransfercmd(cmd, rest)
        if self._prot_p:
            return self.encrypted(connection, self.sock.session), size
        return self.wire.watched(connection), size

    def encrypted(self, connection: socket, session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
        connection.settimeout(self.wire.wait_s())
        secured = self.context.wrap_socket(connection, server_hostname=self.host, session=session)
        self.wire.watched(secured)
        return secured

    def _listen(self) -> None:
        """Read what comes from now on; what came before it was encrypted counts for nothing."""
        if self.file:
            self.file.close()
        self.file = self.sock.makefile("r", encoding=self.encoding, errors="replace")

    def _ask_for(self, encryption: str) -> None:
        try:
            self.voidcmd(encryption)
        except ftplib.Error:
            raise Unsuited(
                "%(host)s does not encrypt: choose another type of destination, or another server.",
                host=self.host,
            ) from None
