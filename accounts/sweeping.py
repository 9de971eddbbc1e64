"""Removing many rows a few at a time: no transaction is long, and several may sweep at once."""

from typing import Any

from django.db.models import QuerySet

BATCH = 200
MOST = 10_000
"""Of one sweep: what is left goes with the next."""


def swept(rows: QuerySet[Any]) -> int:
    """Delete what `rows` finds, in batches, and return how many went."""
    gone = 0
    for _batch in range(MOST // BATCH):
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if keys:  # a DELETE of nothing would still wait for whoever writes
            gone += rows.filter(pk__in=keys).delete()[1].get(rows.model._meta.label, 0)
        if len(keys) < BATCH:
            break
    return gone
