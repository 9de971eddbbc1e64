"""URLs of the web, taken apart, and the addresses they may be called at."""

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from network.addresses import (
    NotAllowed,
    Place,
    are_public,
    authority,
    host_name,
    looked_up,
)
from releases.metadata.fields import clean

PORTS = {"http": 80, "https": 443}

_NO_URL = re.compile(r"[\x00-\x20\x7f-\xa0\\]")
_UNQUOTED = "!$%&'()*+,/:;=?@[]~"


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
        return authority(self.host, self.port)

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
    found = looked_up(there.host, there.port, timeout_s)
    if not (is_allowed or are_public(found)):
        raise NotAllowed(
            "%(host)s is not a public address: the operator can allow it in OUTBOUND_HOSTS.",
            host=there.host,
        )
    return found


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
    written = parts.hostname or ""
    is_literal = parts.netloc.rpartition("@")[2].startswith("[")
    return host_name(f"[{written}]" if is_literal else written)
