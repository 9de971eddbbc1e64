"""The one way out to the network: guarded, limited, and over in time. No Django here.

`outlet.Outlet` is that way. It is imported by who goes out: the library behind it takes long.
"""

from network.addresses import NotAllowed, Unreachable
from network.deadline import Deadline, Dropped
from releases.metadata.http.messages import Reply, Request
from releases.metadata.http.targets import Target, places, target

__all__ = [
    "Deadline",
    "Dropped",
    "NotAllowed",
    "Reply",
    "Request",
    "Target",
    "Unreachable",
    "places",
    "target",
]
