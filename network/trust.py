"""Whom a connection that is encrypted believes."""

import ssl
from functools import cache

import certifi


@cache
def trust() -> ssl.SSLContext:
    """Whom to believe: the authorities of the system, and those of Mozilla."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
