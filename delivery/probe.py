"""Whether a destination can be delivered to: found out by doing it, on a small scale. No Django."""

import secrets
import time
from contextlib import suppress

from delivery.endpoint import Endpoint, Remote, Unsuited
from delivery.openers import OPENERS
from network.deadline import Deadline

PROBE = b"This file was written to see whether that is possible. It may be removed.\n"


def probe(endpoint: Endpoint, deadline: Deadline) -> int:
    """Write a small file, read its size, remove it; return the milliseconds that all of it took.

    Raises:
        NotAllowed: something must be corrected first.
        Unreachable: it did not work this time.
    """
    began = time.monotonic()
    name = f".packer-{secrets.token_hex(8)}"
    with OPENERS[endpoint.type](endpoint, deadline) as remote:
        size = _written(remote, name)
        remote.remove(name)
    if size != len(PROBE):
        raise Unsuited(
            "A file of %(sent)d bytes arrived with %(size)d: the server does not keep what it"
            " is sent.",
            sent=len(PROBE),
            size=size,
        )
    return round(1000 * (time.monotonic() - began))


def _written(remote: Remote, name: str) -> int:
    """Write the probe, and return the size that arrived; leave nothing behind on failure."""
    try:
        remote.write(name, PROBE)
        return remote.size(name)
    except Exception:
        with suppress(Exception):  # the first failure is the one to tell
            remote.remove(name)
        raise
