"""How things stand, in the words of each who asks."""

import time
from importlib.metadata import version
from typing import Any

from django.utils import timezone

from monitoring.readiness import Readiness, State

BEGAN_AT = time.monotonic()
NAMES = {"cache": "redis"}
"""What programs call checks otherwise."""
WORDS = {State.OK: "healthy", State.DEGRADED: "degraded", State.FAILING: "unhealthy"}


def as_readiness(now: Readiness) -> dict[str, Any]:
    checks = {check.name: described(check.state.word, check.told) for check in now.checks}
    return {"status": now.word, "checks": checks}


def described(state: str, told: str) -> dict[str, str]:
    return {"state": state} | ({"message": told} if told else {})


def as_health(now: Readiness) -> dict[str, Any]:
    """Return it as programs of the family ask for it: each check is good, or is not."""
    checks = {NAMES.get(one.name, one.name): one.state is State.OK for one in now.checks}
    return {
        "status": WORDS[now.state],
        "checks": checks,
        "timestamp": timezone.now(),
        "version": version("release-packer"),
        "uptime": round(time.monotonic() - BEGAN_AT),
    }
