"""Fixtures that several tests of this folder ask for."""

from tests.store import away, server, shared, store

__all__ = ["away", "server", "shared", "store"]
