"""What is brought to a destination, how, and what came of it. No Django here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Heard = Callable[[str, int, int], None]
"""Hears (stage, bytes done, bytes in all); what it raises ends the delivery."""
ORDERS = ("SFV", "NFO", "NAME")
"""What goes first: the SFV and then the NFO, the other way round, or as the names are sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One file to bring there."""

    path: Path
    name: str
    """From the folder of the destination on, e.g. ``Some.Release-GRP/abc.zip``."""
    size: int
    crc32: str
    """As 8 hexadecimal digits."""
    sha256: str = ""
    """Empty where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How files are brought there."""

    connections: int = 1
    bytes_per_s: int = 0
    """Of all connections together; 0: as fast as it goes."""
    attempts: int = 5
    """Of each file, one after the other, without a byte of progress."""
    order: str = "SFV"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What came of a delivery that is whole."""

    files: int
    sent_files: int
    sent_bytes: int
    checked_by: str
    """How it was made sure that the right bytes arrived: ``size``, ``XCRC``, ``openssl dgst`` …"""
