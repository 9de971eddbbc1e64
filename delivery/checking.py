"""What may be kept of a destination. Each refusal names the field that it is about."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.system import system
from delivery import local
from delivery.models import NAME_LENGTH, TEXT_LENGTH, Destination
from delivery.parcel import ORDERS
from delivery.telling import told
from network.addresses import NotAllowed, host_name

SECRET_LENGTH = 1_000
KEY_LENGTH = 20_000
MOST_PORT = 65_535
MOST_CONNECTIONS = 8
MOST_ATTEMPTS = 20
MOST_BANDWIDTH = 100_000_000
"""KiB/s."""
HOST_KEY = re.compile(
    r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) SHA256:[A-Za-z0-9+/]{43}"
)


class Refused(Exception):
    """A destination cannot be kept like this; the message is for the user."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def check(destination: Destination) -> None:
    """Let a destination pass that could be one; whether it answers is found out by a test.

    Raises:
        Refused: a value cannot be kept.
    """
    check_text("name", destination.name, NAME_LENGTH, is_needed=True)
    if destination.type not in Destination.Type.values:
        known = ", ".join(Destination.Type.values)
        raise Refused("type", _("Choose one of: %(choices)s.") % {"choices": known})
    check_text("folder", destination.folder, TEXT_LENGTH)
    check_options(destination.options)
    if destination.is_remote:
        check_server(destination)
    else:
        check_place(destination)


def check_server(destination: Destination) -> None:
    is_sftp = destination.type == Destination.Type.SFTP
    if not 1 <= (destination.port or 0) <= MOST_PORT:
        sentence = _("A whole number from %(least)d to %(most)d is expected.")
        raise Refused("port", sentence % {"least": 1, "most": MOST_PORT})
    check_text("username", destination.username, TEXT_LENGTH, is_needed=is_sftp)
    if destination.host_key and not is_sftp:
        raise Refused("host_key", _("Only servers of SFTP have such a key."))
    if destination.host_key and not HOST_KEY.fullmatch(destination.host_key):
        example = "ssh-ed25519 SHA256:…"
        sentence = _("Write the key of the server as a test shows it, like %(example)s.")
        raise Refused("host_key", sentence % {"example": example})


def checked_host(written: str) -> str:
    """Return the host in the one way it is kept.

    Raises:
        Refused: it is not the name of a host.
    """
    try:
        return host_name(written)
    except NotAllowed as error:
        raise Refused("host", told(error)) from error


def check_place(destination: Destination) -> None:
    """Let a folder pass that lies where the operator allows it."""
    try:
        local.placed(destination.folder, tuple(map(Path, settings.DELIVERY_ROOTS)))
    except NotAllowed as error:
        raise Refused("folder", told(error)) from error


def check_secrets(password: str | None, private_key: str | None, passphrase: str | None) -> None:
    """Let secrets pass that can be sent, and a key that can be read."""
    for field, text in (("password", password), ("passphrase", passphrase)):
        if text and (len(text) > SECRET_LENGTH or re.search(r"[\r\n\0]", text)):
            sentence = _("At most %(most)d characters on one line are expected.")
            raise Refused(field, sentence % {"most": SECRET_LENGTH})
    if passphrase and not private_key:
        raise Refused("private_key", _("Give the private key with its passphrase."))
    if private_key:
        check_key(private_key, passphrase or "")


def check_key(private_key: str, passphrase: str) -> None:
    from delivery import sftp  # noqa: PLC0415  # the library takes long to load

    try:
        if len(private_key) > KEY_LENGTH:
            raise sftp.UnreadableKey
        sftp.private_key(private_key, passphrase)
    except sftp.UnreadableKey as error:
        sentence = _("This is not a private key, or its passphrase is another one.")
        raise Refused("private_key", sentence) from error


def check_text(field: str, text: str, most: int, *, is_needed: bool = False) -> None:
    if len(text) > most or not text.isprintable() or (is_needed and not text.strip()):
        least = int(is_needed)
        sentence = _("From %(least)d to %(most)d characters on one line are expected.")
        raise Refused(field, sentence % {"least": least, "most": most})


def check_options(options: Any) -> None:
    """Let options pass that are known and fit; the sentence names the first that is neither."""
    if not isinstance(options, Mapping):
        raise Refused("options", _("A table of options is expected."))
    expected = expectations()
    for name, value in options.items():
        if name not in expected:
            known = {"name": str(name)[:NAME_LENGTH], "known": ", ".join(expected)}
            raise Refused("options", _("There is no option %(name)s, only: %(known)s.") % known)
        is_fit, sentence = expected[name]
        if not is_fit(value):
            raise Refused("options", f"{name}: {sentence}")


def expectations() -> Mapping[str, tuple[Callable[[Any], bool], str]]:
    """Return of each option what fits, and the sentence for what does not."""
    choices = _("Choose one of: %(choices)s.") % {"choices": ", ".join(ORDERS)}
    return {
        "passive": (lambda value: isinstance(value, bool), _("True or false is expected.")),
        "timeout": within(1, system().ftp_timeout_s),
        "connections": within(1, MOST_CONNECTIONS),
        "bandwidth": within(0, MOST_BANDWIDTH),
        "attempts": within(1, MOST_ATTEMPTS),
        "order": (lambda value: isinstance(value, str) and value in ORDERS, choices),
    }


def within(least: int, most: int) -> tuple[Callable[[Any], bool], str]:
    sentence = _("A whole number from %(least)d to %(most)d is expected.")
    return (
        lambda value: type(value) is int and least <= value <= most,
        sentence % {"least": least, "most": most},
    )
