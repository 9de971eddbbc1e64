"""What is sent and what comes back."""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from network.addresses import Unreachable
from releases.metadata.http.targets import Target

BODY_LIMIT = 2 << 20
"""Bytes, as they come and unpacked."""
PATIENCE_DIGITS = 6
"""Of a Retry-After: more than a week is nonsense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    target: Target
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Headers that no other host may see."""
    body: bytes = field(default=b"", repr=False)
    roams: bool = False
    """Whether a redirect may lead to another host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    host: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    """By their names in lower case."""
    body: bytes = field(repr=False)

    @property
    def is_passing(self) -> bool:
        """Whether another try may fare better."""
        is_refused = self.status == HTTPStatus.TOO_MANY_REQUESTS
        return is_refused or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def retry_after_s(self) -> float:
        """The seconds of patience that are asked for; a date counts as none."""
        asked = self.headers.get("retry-after", "").strip()
        is_number = asked.isascii() and asked.isdigit() and len(asked) <= PATIENCE_DIGITS
        return float(asked) if is_number else 0.0

    def document(self) -> Any:
        """Return the JSON value that was sent.

        Raises:
            Unreachable: something else was.
        """
        media = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            if media != "application/json" and not media.endswith("+json"):
                raise ValueError
            return json.loads(self.body, parse_constant=lambda _name: None)
        except (ValueError, RecursionError):
            raise unreadable(self.host) from None


def unreadable(host: str) -> Unreachable:
    return Unreachable("%(host)s sent something that cannot be read: try again later.", host=host)


def read_body(host: str, headers: Mapping[str, str], chunks: Iterable[bytes]) -> bytes:
    """Return what was sent, unpacked.

    Raises:
        Unreachable: it is too long, or packed in a way that was not asked for.
    """
    coding = headers.get("content-encoding", "").strip().lower()
    if coding in {"gzip", "x-gzip"}:
        chunks = _unpacked(host, _limited(host, chunks))
    elif coding not in {"", "identity"}:
        raise unreadable(host)
    return b"".join(_limited(host, chunks))


def _limited(host: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > BODY_LIMIT:
            raise Unreachable(
                "%(host)s sent more than %(megabytes)s MiB, which is too much: check the address.",
                host=host,
                megabytes=BODY_LIMIT >> 20,
            )
        yield chunk


def _unpacked(host: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    gzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        for chunk in chunks:
            yield gzip.decompress(chunk, BODY_LIMIT + 1)
    except zlib.error:
        raise unreadable(host) from None
    if not gzip.eof:
        raise unreadable(host)
