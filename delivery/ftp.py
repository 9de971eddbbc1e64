"""Deliveries by FTP, in the clear or under TLS. No Django here."""

import ftplib
import hashlib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from socket import socket
from typing import Any

from delivery.endpoint import (
    BrokenOff,
    CertificateRefused,
    Endpoint,
    Full,
    LoginRefused,
    NotPermitted,
    Unsuited,
)
from delivery.wire import Wire
from network.addresses import NotAllowed, Unreachable
from network.deadline import Deadline
from network.trust import trust

FIRST_FREE_PORT = 1024
MOST_LINES = 1000
"""Of all answers of a server together."""
FAREWELL_S = 2.0
"""How long to wait for a server to say that an encrypted connection is over; many never do."""

_FORBIDS = {"550", "553", "532", "450", "530"}
_NO_ROOM = {"452", "552"}
_GOES_AWAY = "421"


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


class Folder:
    """The folder of the server that a client has entered."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def write(self, name: str, content: bytes) -> None:
        with self._client.transfercmd(f"STOR {name}") as connection:
            connection.sendall(content)
            if isinstance(connection, ssl.SSLSocket):
                connection.settimeout(min(FAREWELL_S, self._client.wire.wait_s()))
                with suppress(OSError):
                    connection.unwrap()
        self._client.voidresp()

    def size(self, name: str) -> int:
        return self._client.size(name) or 0

    def remove(self, name: str) -> None:
        self._client.delete(name)


@contextmanager
def opened(endpoint: Endpoint, deadline: Deadline) -> Iterator[Folder]:
    """Connect, log in, and enter the folder.

    Raises:
        NotAllowed: the server may not be called, does not prove its name, or refuses the login.
        Unreachable: it does not answer, or breaks off.
    """
    if not endpoint.passive:
        raise NotAllowed(
            "In active mode %(host)s would call this server, which is not allowed: set passive"
            " mode.",
            host=endpoint.host,
        )
    with (
        Wire(endpoint, deadline) as wire,
        wire.telling(lambda error: _told(error, wire)),
        closing(Client(wire, trust())) as client,
    ):
        _dial(client)
        _log_in(client)
        yield Folder(client)
        with suppress(OSError, EOFError, ftplib.Error):
            client.sendcmd("QUIT")


def _dial(client: Client) -> None:
    try:
        client.dial()
    except ssl.SSLCertVerificationError as error:
        raise CertificateRefused(
            "The certificate of %(host)s is not accepted (%(reason)s). Its SHA-256 fingerprint"
            " is %(fingerprint)s: nothing was sent to it.",
            host=client.host,
            reason=error.verify_message.rstrip("."),
            fingerprint=_fingerprint(client.wire),
        ) from None


def _fingerprint(wire: Wire) -> str:
    """Return the sum of the certificate that the server shows. Nobody logs in for it."""
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE  # it was refused: this only tells which one it is
    with closing(Client(wire, blind)) as client, suppress(OSError, EOFError, ftplib.Error):
        client.dial()
        shown = client.sock.getpeercert(binary_form=True)
        return hashlib.sha256(shown).digest().hex(":").upper()
    return "?"


def _log_in(client: Client) -> None:
    there = client.wire.endpoint
    try:
        client.login(there.username, there.password, secure=False)
    except ftplib.error_perm:
        raise LoginRefused(
            "%(host)s refuses the login: check user and password.", host=there.host
        ) from None
    client.protect()
    client.voidcmd("TYPE I")
    if there.folder:
        try:
            client.cwd(there.folder)
        except ftplib.error_perm:
            raise NotPermitted(
                "The folder %(folder)s is not there, or may not be entered.", folder=there.folder
            ) from None


def _told(error: Exception, wire: Wire) -> Unreachable:
    host = wire.endpoint.host
    is_cut = isinstance(error, TimeoutError | ssl.SSLEOFError | ssl.SSLZeroReturnError)
    if isinstance(error, ssl.SSLError) and not is_cut:
        return Unsuited("%(host)s does not encrypt as expected: check type and port.", host=host)
    if not isinstance(error, ftplib.Error):
        return wire.told(error)
    code = str(error)[:3]
    if code in _NO_ROOM:
        return Full("%(host)s has no space left for the file.", host=host)
    if code in _FORBIDS:
        return NotPermitted(
            "%(host)s does not let this user write here: choose another folder.", host=host
        )
    if code == _GOES_AWAY:
        return BrokenOff("%(host)s is busy or closes: try again later.", host=host)
    return Unsuited(
        "%(host)s answers in a way that is not expected of an FTP server: check type and port.",
        host=host,
    )
