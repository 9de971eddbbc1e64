"""ZIP files: envelopes around RAR volumes, deflated ones, and reading those of anybody.

Source: docs/formats/zip.md.
"""

from releases.packing.zip.deflated import write
from releases.packing.zip.envelope import Envelope
from releases.packing.zip.headers import DEFLATED, MAX_BYTES, STORED, Entry
from releases.packing.zip.reader import Contents, read

__all__ = ["DEFLATED", "MAX_BYTES", "STORED", "Contents", "Entry", "Envelope", "read", "write"]
