"""Everything one can do to the providers of metadata: keep their keys, test them, ask them."""

from enrichment.actions.asking import enrich, merged, request_enrichment
from enrichment.actions.keys import (
    NewApi,
    Taken,
    change_api,
    create_api,
    remove_api,
    test_api,
)

__all__ = [
    "NewApi",
    "Taken",
    "change_api",
    "create_api",
    "enrich",
    "merged",
    "remove_api",
    "request_enrichment",
    "test_api",
]
