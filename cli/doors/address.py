"""Where an instance is, by PACKER_URL, and what is shown there, by PACKER_TOKEN."""

import os
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

from cli.exits import Exit, Stop

SCHEMES = ("https", "http")
TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
INSECURE = "PACKER_INSECURE"


@dataclass(frozen=True, slots=True)
class Address:
    url: str
    """Without a slash at its end."""
    token: str = field(repr=False)
    is_here: bool
    """Whether it is this very machine: no proxy is asked for the way."""


def address_given() -> Address:
    """Return what the environment says.

    Raises:
        Stop: it is no address, holds a password, or would show the token to the whole way.
    """
    url = os.environ.get("PACKER_URL", "").strip()
    parts = parsed(url)
    is_here = is_loopback(parts.hostname or "")
    if parts.scheme == "http" and not is_here and os.environ.get(INSECURE) != "1":
        sentence = _(
            "PACKER_URL: %(url)s would show the token to everybody on the way. Use https, or set"
            " %(name)s=1 where the network is yours."
        )
        refuse(sentence % {"url": url, "name": INSECURE})
    site = url.rstrip("/").removesuffix("/api")  # as programs write it
    return Address(site.rstrip("/"), token_given(), is_here)


def parsed(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or not url.isascii() or not url.isprintable() or " " in url:
        refuse(_("PACKER_URL is no address: write it like https://packer.example.org."))
    if parts.username is not None or parts.query or parts.fragment:
        refuse(_("PACKER_URL holds more than an address: leave out name, password and query."))
    return parts


def token_given() -> str:
    token = os.environ.get("PACKER_TOKEN", "").strip()
    if not token:
        refuse(_("PACKER_TOKEN is missing: make a token on the page “API tokens” of the instance."))
    if not TOKEN.fullmatch(token):
        refuse(_("PACKER_TOKEN is no token: copy it whole, without quotes."))
    return token


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def refuse(sentence: str) -> NoReturn:
    raise Stop(Exit.INVALID, sentence)
