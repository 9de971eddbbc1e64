"""Delivers one file, and says how long that took and how much memory: `make bench-delivery`."""

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

from delivery.endpoint import Endpoint
from delivery.parcel import Manner, Parcel
from delivery.transfer import deliver


def send(order: dict[str, Any]) -> None:
    said = order["endpoint"] | {"allowed_hosts": frozenset(order["endpoint"]["allowed_hosts"])}
    payload = Path(order["payload"])
    size = payload.stat().st_size
    parcel = Parcel(path=payload, name="copy", size=size, crc32=order["crc32"])
    ends: list[float] = []

    def hear(_stage: str, done: int, _total: int) -> None:
        if done == size and not ends:
            ends.append(time.perf_counter() - began)

    began = time.perf_counter()
    deliver(
        [parcel],
        Endpoint(**said | {"roots": ()}),
        Manner(),
        hear,
        arrived={},
        note=lambda _parcel: None,
        warn=lambda fault: sys.exit(str(fault)),
    )
    took_s = time.perf_counter() - began
    answer = {"all": took_s, "sent": ends[0], "memory": peak_mebibytes()}
    sys.stdout.write(json.dumps(answer))


def peak_mebibytes() -> float:
    """Return the most memory of this process; `getrusage` counts who started it, too."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    send(json.loads(sys.argv[1]))
