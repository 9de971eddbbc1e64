"""The one way out to the network: guarded, limited, and over in time. No Django here.

`outlet.Outlet` is that way. It is imported by who goes out: the library behind it takes long.
"""

from releases.metadata.http.addresses import (
    NotAllowed,
    Target,
    Unreachable,
    is_public,
    places,
    target,
)
from releases.metadata.http.deadline import Deadline, Dropped
from releases.metadata.http.messages import Reply, Request

__all__ = [
    "Deadline",
    "Dropped",
    "NotAllowed",
    "Reply",
    "Request",
    "Target",
    "Unreachable",
    "is_public",
    "places",
    "target",
]
