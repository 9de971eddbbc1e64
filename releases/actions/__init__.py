"""Everything one can do to a release. The wizard, the API and the commands all call these."""

from releases.actions.making import (
    NewRelease,
    create_release,
    refuse_taken,
    rendered_nfo,
    report,
)
from releases.actions.packing import pack_release, packing_failed, request_packing
from releases.actions.refusal import Refused, told
from releases.actions.sources import (
    analyse_source,
    check_source,
    discard_source,
    receive_source,
    register_source,
    request_analysis,
)

__all__ = [
    "NewRelease",
    "Refused",
    "analyse_source",
    "check_source",
    "create_release",
    "discard_source",
    "pack_release",
    "packing_failed",
    "receive_source",
    "refuse_taken",
    "register_source",
    "rendered_nfo",
    "report",
    "request_analysis",
    "request_packing",
    "told",
]
