"""Several listed rules at once, for somebody who waits for them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings

from accounts.models import User
from accounts.permissions import require
from releases.actions import Refused
from rulebook.actions.downloads import Downloaded, download_rule

SEVERAL_S = 20.0
"""After so long no further rule is asked for."""


@dataclass(slots=True)
class Several:
    downloaded: list[Downloaded] = field(default_factory=list)
    troubles: dict[str, str] = field(default_factory=dict)
    """Why a rule could not be had, by name."""
    unasked: list[str] = field(default_factory=list)


def download_rules(names: Sequence[str], *, by: User) -> Several:
    """Bring listed rules into the library, as many as there is time for.

    Raises:
        PermissionDenied: `by` may not write rules.
    """
    require(by, "rules", "write")
    several = Several()
    began = time.monotonic()
    for number, name in enumerate(names):
        if time.monotonic() - began > SEVERAL_S:
            several.unasked.append(name)
            continue
        if number:
            time.sleep(settings.RULES_PAUSE_S)
        try:
            several.downloaded.append(download_rule(name, by=by))
        except Refused as refusal:
            several.troubles[name] = str(refusal)
    return several
