"""RAR volumes, stored: RAR 4 with the old names (.rar .r00 .r01 …), RAR 5 with .part01.rar ….

The layout of a set is known before a byte is read; each volume is then written on its own.
Source: docs/formats/rar.md.
"""

from releases.packing.rar.blocks import dos_time
from releases.packing.rar.contents import Contents, StoredPart
from releases.packing.rar.dialects import dialect, volume_names
from releases.packing.rar.files import (
    PIECE_BYTES,
    Damaged,
    Output,
    Tape,
    Tick,
    reading,
    unheard,
    writing,
)
from releases.packing.rar.names import is_volume_name
from releases.packing.rar.parts import Member, Part, Volume
from releases.packing.rar.reader import check_set, read
from releases.packing.rar.volumes import count, layout
from releases.packing.rar.writer import Read, Source, Sums, copy, member_sums, seal

__all__ = [
    "PIECE_BYTES",
    "Contents",
    "Damaged",
    "Member",
    "Output",
    "Part",
    "Read",
    "Source",
    "StoredPart",
    "Sums",
    "Tape",
    "Tick",
    "Volume",
    "check_set",
    "copy",
    "count",
    "dialect",
    "dos_time",
    "is_volume_name",
    "layout",
    "member_sums",
    "read",
    "reading",
    "seal",
    "unheard",
    "volume_names",
    "writing",
]
