"""A job that a command waits for, wherever it runs."""

import math
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from cli.doors import Door, Refusal
from cli.exits import Exit, Stop
from cli.output import tell

if TYPE_CHECKING:  # what it lies among takes time
    from releases.packing import Progress

OVER = ("completed", "failed", "cancelled")
POLL_S = 1.0
"""More often would be more than a limit of requests allows."""
PATIENCE_S = 5
"""How long a job may wait for a worker before that is said."""
SILENCE_S = 120
"""How long an instance may be away meanwhile: it may be brought up to date, or started again."""


def awaited(door: Door, job_id: int, heard: "Progress") -> dict[str, Any]:
    """Return how the job stands once it is over; an interruption cancels it."""
    hint_at_s = time.monotonic() + PATIENCE_S
    try:
        while (status := patiently_asked(door, job_id))["status"] not in OVER:
            if status["status"] == "pending" and time.monotonic() > hint_at_s:
                tell(_("No worker has taken the job yet: packer serve or packer worker runs one."))
                hint_at_s = math.inf
            heard(status["stage"], status["bytes_done"], status["bytes_total"])
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        with suppress(Stop):  # it was over before it could be cancelled, or nobody answers
            door.ask("POST", f"/jobs/{job_id}/cancel")
        raise
    return status


def patiently_asked(door: Door, job_id: int | str) -> dict[str, Any]:
    """Return how the job stands.

    Raises:
        Stop: that cannot be known, or nobody answers for too long.
    """
    until_s = time.monotonic() + SILENCE_S
    while True:
        try:
            return dict(door.ask("GET", f"/wizard/jobs/{job_id}/status"))
        except Refusal:
            raise
        except Stop as silence:
            if silence.code != Exit.FAILED or time.monotonic() > until_s:
                raise
        time.sleep(POLL_S)


def tell_log(door: Door, job_id: int) -> None:
    after, more = 0, True
    while more:
        document = door.ask("GET", f"/jobs/{job_id}/logs", query={"after": after})
        for line in document["logs"]:
            tell(f"{line['level']} {line['message']}")
        after, more = document["after"], document["has_more"]
