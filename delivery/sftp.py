"""Deliveries by SFTP, to servers whose key was accepted. No Django here."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from typing import Any

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from delivery.endpoint import (
    Endpoint,
    Full,
    HostKeyChanged,
    HostKeyUnknown,
    LoginRefused,
    NotPermitted,
    Unsuited,
)
from delivery.sftp_folder import Client, Folder
from delivery.sftp_line import Line
from delivery.wire import Wire
from network.addresses import Unreachable
from network.deadline import Deadline

KINDS: Mapping[type[Any], type[paramiko.PKey]] = {
    Ed25519PrivateKey: paramiko.Ed25519Key,
    EllipticCurvePrivateKey: paramiko.ECDSAKey,
    RSAPrivateKey: paramiko.RSAKey,
}

FAST_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com")
"""These prove what they encrypt, so that nothing is summed besides."""
# Every failure is told to who asked; the library would tell it once more, with a traceback.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class UnreadableKey(Exception):
    """A text is no private key, or its passphrase is another one."""


@contextmanager
def opened(endpoint: Endpoint, deadline: Deadline) -> Iterator[Folder]:
    """Connect, hold the key of the server against the one accepted, log in, enter the folder.

    Raises:
        NotAllowed: the server may not be called, shows another key, or refuses the login.
        Unreachable: it does not answer, or breaks off.
    """
    with Wire(endpoint, deadline) as wire:
        line = Line(wire.dial())
        transport = paramiko.Transport(line)
        try:
            with wire.telling(lambda error: _told(error, wire, line, transport)):
                _greet(transport, wire)
                _log_in(transport, line, endpoint)
                yield _entered(transport, wire)
        finally:
            transport.close()


def private_key(text: str, passphrase: str) -> paramiko.PKey:
    """Return the key that `text` holds, as OpenSSH or OpenSSL writes it.

    Raises:
        UnreadableKey: it holds none, or the passphrase is wrong.
    """
    secret = passphrase.encode() or None
    load = load_ssh_private_key if "OPENSSH" in text else load_pem_private_key
    try:
        loaded = load(text.encode(), secret)  # once: what a passphrase opens takes long to open
        kind = next(kind for known, kind in KINDS.items() if isinstance(loaded, known))
        plain = loaded.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        return kind.from_private_key(StringIO(plain.decode()))
    except (paramiko.SSHException, ValueError, TypeError, StopIteration, UnsupportedAlgorithm):
        raise UnreadableKey from None


def described(key: paramiko.PKey) -> str:
    """Return type and sum of a key, as `ssh-keygen -l` tells the sum."""
    return f"{key.get_name()} {key.fingerprint}"


def _greet(transport: paramiko.Transport, wire: Wire) -> None:
    """Agree on encryption, and make sure that the server is who it was. No secret is sent yet."""
    pinned = wire.endpoint.host_key
    _hurry(transport)
    if pinned:
        _prefer(transport, pinned.partition(" ")[0])
    transport.banner_timeout = transport.handshake_timeout = wire.wait_s()
    transport.start_client(timeout=wire.wait_s())
    shown = described(transport.get_remote_server_key())
    if not pinned:
        raise HostKeyUnknown(
            "The key of %(host)s is not known yet: %(host_key)s. Compare it with what the operator"
            " of the server tells, then accept it.",
            host=wire.endpoint.host,
            host_key=shown,
        )
    if shown != pinned:
        raise HostKeyChanged(
            "%(host)s shows another key than the one accepted: %(shown)s in place of %(pinned)s."
            " Somebody may stand between, or the server was set up anew: nothing was sent to it.",
            host=wire.endpoint.host,
            shown=shown,
            pinned=pinned,
        )


def _hurry(transport: paramiko.Transport) -> None:
    options = transport.get_security_options()
    options.ciphers = sorted(options.ciphers, key=lambda name: name not in FAST_CIPHERS)


def _prefer(transport: paramiko.Transport, kind: str) -> None:
    """Ask for the kind of key that was accepted: a server may have several."""
    options = transport.get_security_options()
    known = list(options.key_types)
    named = {name for name in known if name == kind or (kind == "ssh-rsa" and "rsa" in name)}
    options.key_types = sorted(known, key=lambda name: name not in named)


def _log_in(transport: paramiko.Transport, line: Line, endpoint: Endpoint) -> None:
    transport.auth_timeout = endpoint.timeout_s
    try:
        if endpoint.private_key:
            key = private_key(endpoint.private_key, endpoint.passphrase)
            left = transport.auth_publickey(endpoint.username, key)
            if not left:
                return
        transport.auth_password(endpoint.username, endpoint.password)
    except (paramiko.AuthenticationException, UnreadableKey):
        if line.is_cut and not _was_refused(transport):
            raise EOFError from None  # the library tells it like a refusal
        raise LoginRefused(
            "%(host)s refuses the login: check the user, and the password or the key.",
            host=endpoint.host,
        ) from None


def _was_refused(transport: paramiko.Transport) -> bool:
    """Say whether the server answered no: at that the library forgets who asked."""
    return transport.auth_handler is not None and transport.auth_handler.get_username() is None


def _entered(transport: paramiko.Transport, wire: Wire) -> Folder:
    transport.channel_timeout = wire.wait_s()
    client = Client.from_transport(transport)
    if client is None:
        raise Unsuited("%(host)s offers no SFTP: choose another server.", host=wire.endpoint.host)
    channel = client.get_channel()
    if channel:
        channel.settimeout(wire.wait_s())
    return Folder(client, transport, wire)


def _told(error: Exception, wire: Wire, line: Line, transport: paramiko.Transport) -> Unreachable:
    host = wire.endpoint.host
    if isinstance(error, FileNotFoundError) and wire.endpoint.folder:
        return NotPermitted(
            "The folder %(folder)s is not there, or may not be entered.",
            folder=wire.endpoint.folder,
        )
    if isinstance(error, FileNotFoundError | PermissionError):
        return NotPermitted(
            "%(host)s does not let this user write here: choose another folder.", host=host
        )
    is_refusal = isinstance(error, OSError) and not isinstance(error, TimeoutError | EOFError)
    if is_refusal and transport.is_active() and not line.is_cut:
        return Full("%(host)s did not take the file: its disk may be full.", host=host)
    is_greeted = bool(transport.remote_version) or (line.is_cut and line.was_of_ssh())
    if not is_greeted and not wire.is_over():
        return Unsuited(
            "%(host)s does not greet as an SFTP server does: check type and port.", host=host
        )
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return Unsuited(
            "%(host)s and this program know no common way to encrypt: update the server.", host=host
        )
    return wire.told(error)
