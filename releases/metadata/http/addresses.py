"""Which addresses of the network may be called: public ones, and those an operator allows."""

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from releases.metadata.fields import clean

PORTS = {"http": 80, "https": 443}
HOST_LIMIT = 253
"""Characters of a host name, by RFC 1035."""

_NO_URL = re.compile(r"[\x00-\x20\x7f-\xa0\\]")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_UNQUOTED = "!$%&'()*+,/:;=?@[]~"

UNROUTED = [
    ip_network(block)
    for block in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # relays of 6to4
        "::/96",  # IPv4-compatible
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64 of a site
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local
    )
]
"""What Python 3.11 takes for public, and is not, or leads to an address of another kind."""

Place = tuple[socket.AddressFamily, tuple[Any, ...]]
"""A family of addresses, and one as `socket.connect` takes it."""


class Unreachable(Exception):
    """An address may not be called, or does not answer; `str()` is a sentence for the user.

    It names the host alone: a path or a query may hold a key. The template and its values are
    kept, so that a door can translate it.
    """

    def __init__(self, template: str, **values: Any) -> None:
        super().__init__(template, values)
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return self.template % self.values


class NotAllowed(Unreachable):
    """An address is not to be called at all: something must be corrected first."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart once, so that what is judged is what is called."""

    scheme: str
    host: str
    """In ASCII and lower case; an IPv6 address without brackets."""
    port: int
    path: str = field(repr=False)
    """With its query."""

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def target(url: str, base: str = "") -> Target:
    """Take `url` apart, which may be written as seen from `base`.

    Raises:
        NotAllowed: it is none of HTTP, holds a user, or writes its host in an odd form.
    """
    parts = _split(url, base)
    if parts.scheme not in PORTS:
        raise NotAllowed(
            "An address begins with http:// or https://, not with “%(scheme)s”: correct it.",
            scheme=clean(parts.scheme, 20),
        )
    host = _host(parts)
    if "@" in parts.netloc:
        raise NotAllowed(
            "The address of %(host)s holds a user or a password: leave them out.", host=host
        )
    path = quote(parts.path or "/", safe=_UNQUOTED)
    query = f"?{quote(parts.query, safe=_UNQUOTED)}" if parts.query else ""
    return Target(parts.scheme, host, _port(parts), path + query)


def places(there: Target, *, allowed: frozenset[str], timeout_s: float) -> list[Place]:
    """Return where `there` may be called: every address of its host, each of them judged.

    What is `allowed`, as host:port, may be anywhere.

    Raises:
        NotAllowed: the port, or one of the addresses, is not for the public.
        Unreachable: nobody knows the host.
    """
    is_allowed = there.authority in {known.lower() for known in allowed}
    if not is_allowed and there.port not in PORTS.values():
        raise NotAllowed(
            "Port %(port)s of %(host)s may not be called: the operator can allow it in"
            " OUTBOUND_HOSTS.",
            host=there.host,
            port=there.port,
        )
    found = _looked_up(there, timeout_s)
    if not (is_allowed or all(is_public(str(place[0])) for _family, place in found)):
        raise NotAllowed(
            "%(host)s is not a public address: the operator can allow it in OUTBOUND_HOSTS.",
            host=there.host,
        )
    return found


def is_public(address: str) -> bool:
    """Say whether `address` is one of the open network, and hides no address in itself."""
    ip = ip_address(address)
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped or ip.sixtofour or ip.teredo):
        return False
    return not any(ip in block for block in UNROUTED)


def _split(url: str, base: str) -> SplitResult:
    try:
        if _NO_URL.search(url):
            raise ValueError
        return urlsplit(urljoin(base, url))
    except ValueError:
        raise NotAllowed(
            "This is not an address: write it like %(example)s.", example="https://example.org"
        ) from None


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or PORTS[parts.scheme]
    except ValueError:
        raise NotAllowed(
            "The port of %(host)s is not a number: correct it.", host=_host(parts)
        ) from None


def _host(parts: SplitResult) -> str:
    """Return the host, if it is written as hosts are: `0x7f.1` and `localhost.` are not."""
    written = parts.hostname or ""
    try:
        if parts.netloc.rpartition("@")[2].startswith("["):
            return _literal(written)
        host = written.encode("idna").decode("ascii").lower()
        if not _is_host(host):
            raise ValueError
    except ValueError:
        raise NotAllowed(
            "“%(host)s” is not the name of a host: write it like %(example)s.",
            host=clean(written, HOST_LIMIT),
            example="example.org",
        ) from None
    return host


def _literal(text: str) -> str:
    if "%" in text:  # a zone, which means something on one machine alone
        raise ValueError
    return str(IPv6Address(text))


def _is_host(text: str) -> bool:
    labels = text.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return str(IPv4Address(text)) == text
    return len(text) <= HOST_LIMIT and all(map(_LABEL.fullmatch, labels))


def _looked_up(there: Target, timeout_s: float) -> list[Place]:
    """Ask for the addresses of the host; in a thread, since the question has no time limit."""
    answers: SimpleQueue[list[Place]] = SimpleQueue()
    Thread(target=lambda: answers.put(list(_resolved(there))), daemon=True).start()
    try:
        found = answers.get(timeout=timeout_s)
    except Empty:
        found = []
    if not found:
        raise Unreachable(
            "The host %(host)s is not known: check its name and the network.", host=there.host
        )
    return found


def _resolved(there: Target) -> Iterator[Place]:
    try:
        found = socket.getaddrinfo(there.host, there.port, type=socket.SOCK_STREAM)
    except OSError:
        return
    for family, _type, _protocol, _name, place in found:
        if family in {socket.AF_INET, socket.AF_INET6}:
            yield family, place
