"""Which addresses of the network may be called: public ones, and those an operator allows."""

import re
import socket
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

HOST_LIMIT = 253
"""Characters of a host name, by RFC 1035."""

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")

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


class UnknownHost(Unreachable):
    """Nobody knows where a host is."""


def host_name(written: str) -> str:
    """Return a host in ASCII and lower case, an IPv6 address without its brackets.

    Raises:
        NotAllowed: it is not written as hosts are: `0x7f.1` and `localhost.` are not.
    """
    try:
        if ":" in written or written.startswith("["):
            return _literal(written.removeprefix("[").removesuffix("]"))
        host = written.encode("idna").decode("ascii").lower()
        if not _is_host(host):
            raise ValueError
    except ValueError:
        shown = "".join(sign for sign in written if sign.isprintable())
        raise NotAllowed(
            "“%(host)s” is not the name of a host: write it like %(example)s.",
            host=shown[:HOST_LIMIT],
            example="example.org",
        ) from None
    return host


def authority(host: str, port: int) -> str:
    """Return host and port as an operator allows them, e.g. ``[2a00::1]:80``."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def are_public(places: Iterable[Place]) -> bool:
    return all(is_public(str(place[0])) for _family, place in places)


def is_public(address: str) -> bool:
    """Say whether `address` is one of the open network, and hides no address in itself."""
    ip = ip_address(address)
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped or ip.sixtofour or ip.teredo):
        return False
    return not any(ip in block for block in UNROUTED)


def looked_up(host: str, port: int, timeout_s: float) -> list[Place]:
    """Return where `host` is; it is asked for in a thread, since the question has no time limit.

    Raises:
        UnknownHost: nobody knows it.
    """
    answers: SimpleQueue[list[Place]] = SimpleQueue()
    Thread(target=lambda: answers.put(list(_resolved(host, port))), daemon=True).start()
    try:
        found = answers.get(timeout=timeout_s)
    except Empty:
        found = []
    if not found:
        raise UnknownHost(
            "The host %(host)s is not known: check its name and the network.", host=host
        )
    return found


def _resolved(host: str, port: int) -> Iterator[Place]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return
    for family, _type, _protocol, _name, place in found:
        if family in {socket.AF_INET, socket.AF_INET6}:
            yield family, place


def _literal(text: str) -> str:
    if "%" in text:  # a zone, which means something on one machine alone
        raise ValueError
    return str(IPv6Address(text))


def _is_host(text: str) -> bool:
    labels = text.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return str(IPv4Address(text)) == text
    return len(text) <= HOST_LIMIT and all(map(_LABEL.fullmatch, labels))
