"""Deliveries by FTP, in the clear or under TLS. No Django here."""

import ftplib
import hashlib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from delivery.endpoint import (
    BrokenOff,
    Busy,
    CertificateRefused,
    Endpoint,
    Full,
    LoginRefused,
    NotPermitted,
    Unsuited,
)
from delivery.ftp_client import Client
from delivery.ftp_folder import Folder
from delivery.wire import Wire
from network.addresses import NotAllowed, Unreachable
from network.deadline import Deadline
from network.trust import trust

_FORBIDS = {"550", "553", "532", "530"}
_NO_ROOM = {"452", "552"}
_GOES_AWAY = "421"
_PASSES = "4"


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
    return _answered(str(error)[:3], host)


def _answered(code: str, host: str) -> Unreachable:
    if code in _NO_ROOM:
        return Full("%(host)s has no space left for the file.", host=host)
    if code in _FORBIDS:
        return NotPermitted(
            "%(host)s does not let this user write here: choose another folder.", host=host
        )
    if code == _GOES_AWAY:
        return BrokenOff("%(host)s is busy or closes: try again later.", host=host)
    if code.startswith(_PASSES):
        return Busy("%(host)s cannot do that now: try again later.", host=host)
    return Unsuited(
        "%(host)s answers in a way that is not expected of an FTP server: check type and port.",
        host=host,
    )
