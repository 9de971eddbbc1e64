"""How often something may be done, as the settings write it: ``100/min``, ``5/15min``."""

import re
from dataclasses import dataclass
from functools import cache

SECONDS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}
WRITTEN = re.compile(r"([1-9]\d{0,8})/([1-9]\d{0,4})?(s|min|h|d)")


@dataclass(frozen=True, slots=True)
class Rate:
    count: int
    seconds: int


@cache
def parsed(text: str) -> Rate:
    """Return the rate that `text` writes as number/period.

    Raises:
        ValueError: it writes none.
    """
    found = WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no rate: write it as 100/min, 5/15min, 1000/h or 1/d")
    count, periods, unit = found.groups()
    return Rate(int(count), int(periods or 1) * SECONDS[unit])
