"""Every page, in every state worth looking at: what tests walk through and screenshots show.

`python -m tests.atlas` fills an empty instance and prints its places as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from tests.instance import ROOT, Instance

NOBODY = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A page in one state."""

    name: str
    path: str
    who: str = "admin"
    """The user name of who looks; their password is `tests.instance.PASSWORD`."""
    route: str = ""
    """The name of its URL pattern, e.g. ``releases:index``."""
    status: int = 200


def filled(instance: Instance) -> list[Place]:
    """Fill `instance` with every state, and return the places to look at."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.atlas"],
        env=instance.environment | {"DJANGO_SETTINGS_MODULE": "packer_site.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    return [Place(**place) for place in json.loads(ran.stdout)]


def as_json(places: Iterable[Place]) -> str:
    return json.dumps([asdict(place) for place in places])
