"""Reading what RAR 1.5 to 4 wrote. Source: docs/formats/rar.md."""

from dataclasses import dataclass
from stat import S_ISLNK
from struct import Struct

from isal.isal_zlib import crc32

from releases.packing.rar import rar4
from releases.packing.rar.blocks import UNIX
from releases.packing.rar.contents import Contents, StoredPart, Stretch
from releases.packing.rar.names import unpacked_name

ADDED = Struct("<I")
"""Size of the data after a header, its low half where it takes 64 bits."""
NUMBER = Struct("<H")
NAME_BYTES_AT = 26
KINDS = range(0x72, 0x7C)
SERVICE = 0x7A
UNSUMMED = {0x76, 0x77, 0x79}
"""Authenticity, owners, signature: RAR 2 wrote sums there that are not of the header."""
SKIPPABLE, LONG = 0x4000, 0x8000
MAIN_COMMENT, MAIN_NEW_NAMING = 0x0002, 0x0010
MAIN_RECOVERY, MAIN_ENCRYPTED = 0x0040, 0x0080
FILE_ENCRYPTED, FILE_COMMENT, FILE_SALTED = 0x0004, 0x0008, 0x0400
SALT_BYTES = 8
DOS_FOLDER = 0x10
NO_CRC = UNKNOWN_BYTES = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Block:
    kind: int
    flags: int
    raw: bytes
    crc_before: int
    """Of all that comes before it in the volume."""

    @property
    def is_file_like(self) -> bool:
        return self.kind in {rar4.FILE, SERVICE}

    @property
    def is_large(self) -> bool:
        return self.is_file_like and bool(self.flags & rar4.FILE_LARGE)

    @property
    def fixed_bytes(self) -> int:
        """Return the length of all that comes before a name."""
        if self.is_file_like:
            return rar4.FILE_BYTES + rar4.HIGH_SIZES.size * self.is_large
        return rar4.HEAD.size + ADDED.size * bool(self.flags & LONG)

    @property
    def high_sizes(self) -> tuple[int, int]:
        """Return the high halves of packed and unpacked size."""
        if not self.is_large:
            return 0, 0
        packed, unpacked = rar4.HIGH_SIZES.unpack_from(self.raw, rar4.FILE_BYTES)
        return packed, unpacked

    @property
    def data_bytes(self) -> int:
        if not self.is_file_like and not self.flags & LONG:
            return 0
        (low,) = ADDED.unpack_from(self.raw, rar4.HEAD.size)
        return int(low) | self.high_sizes[0] << 32

    @property
    def name_end(self) -> int:
        (name_bytes,) = NUMBER.unpack_from(self.raw, NAME_BYTES_AT)
        return self.fixed_bytes + int(name_bytes)

    @property
    def summed_bytes(self) -> int:
        """Return how much of the header its sum covers: RAR 2 put comments into headers."""
        if self.kind == rar4.MAIN and self.flags & MAIN_COMMENT:
            return rar4.HEAD.size + len(rar4.MAIN_BODY)
        if self.kind == rar4.FILE and self.flags & FILE_COMMENT:
            return self.name_end + SALT_BYTES * bool(self.flags & FILE_SALTED)
        return len(self.raw)


def read(stretch: Stretch) -> Contents:
    """Read what follows the marker, to the end of the volume.

    Raises:
        Damaged: a header, a sum or the length is wrong.
    """
    main = _read_main(stretch)
    parts, end = _read_parts(stretch)
    if not end and main.flags & rar4.MAIN_FIRST:  # as RAR 3 says, which ends all volumes
        raise stretch.damaged("%(file)s ends too early")
    is_complete = not parts or parts[-1].is_last
    return Contents(
        file=stretch.tape.name,
        version=4,
        number=_end_number(stretch, end) if end else None,
        parts=tuple(parts),
        crc=stretch.crc,
        is_last=not end.flags & rar4.END_MORE if end else is_complete,
        is_volume=bool(main.flags & rar4.MAIN_VOLUME),
        is_new_naming=bool(main.flags & MAIN_NEW_NAMING),
        has_recovery=bool(main.flags & MAIN_RECOVERY),
        has_end=end is not None,
    )


def _read_main(stretch: Stretch) -> Block:
    main = _read_block(stretch)
    if main.kind != rar4.MAIN:
        raise stretch.damaged("%(file)s does not begin with the main header of a RAR archive")
    if main.flags & MAIN_ENCRYPTED:
        raise stretch.encrypted()
    return main


def _read_parts(stretch: Stretch) -> tuple[list[StoredPart], Block | None]:
    """Return the parts, and the end block where there is one."""
    parts: list[StoredPart] = []
    while stretch.left:
        block = _read_block(stretch)
        if block.kind == rar4.END:
            return parts, block
        if block.kind == rar4.FILE:
            parts.append(stretch.part(_said(stretch, block)))
        else:
            _pass_over(stretch, block)
    return parts, None


def _read_block(stretch: Stretch) -> Block:
    stretch.count_block()
    before = stretch.crc
    head = stretch.take(rar4.HEAD.size)
    crc, kind, flags, size = rar4.HEAD.unpack(head)
    raw = head + stretch.take(max(size - len(head), 0))
    block = Block(kind, flags, raw, before)
    if len(raw) < block.fixed_bytes:
        raise stretch.damaged("%(file)s has a RAR header that is too short")
    summed = raw[rar4.CRC_BYTES : block.summed_bytes]
    if crc32(summed) & 0xFFFF != crc and kind not in UNSUMMED:
        raise stretch.damaged("%(file)s has a damaged RAR header")
    return block


def _said(stretch: Stretch, block: Block) -> StoredPart:
    if len(block.raw) < block.name_end:
        raise stretch.damaged("%(file)s has a RAR header that is too short")
    body = rar4.FILE_BODY.unpack_from(block.raw, rar4.HEAD.size)
    _, low, system, crc, _, version, method, _, attributes = body
    flags, (_, high) = block.flags, block.high_sizes
    is_last = not flags & rar4.FILE_CONTINUES
    is_summed = is_last or (version >= rar4.VERSION_20 and crc != NO_CRC)
    return StoredPart(
        name=unpacked_name(
            block.raw[block.fixed_bytes : block.name_end],
            is_unicode=bool(flags & rar4.FILE_UNICODE),
        ),
        member_bytes=None if low == UNKNOWN_BYTES and high in {0, low} else low | high << 32,
        size=block.data_bytes,
        said_crc=crc if is_summed else None,
        is_first=not flags & rar4.FILE_CONTINUED,
        is_last=is_last,
        is_stored=method == rar4.STORED,
        is_encrypted=bool(flags & FILE_ENCRYPTED),
        is_folder=_is_folder(flags, version, attributes),
        is_link=system == UNIX and S_ISLNK(attributes),
    )


def _is_folder(flags: int, version: int, attributes: int) -> bool:
    if version < rar4.VERSION_20:
        return bool(attributes & DOS_FOLDER)
    return flags & rar4.FILE_FOLDER == rar4.FILE_FOLDER


def _pass_over(stretch: Stretch, block: Block) -> None:
    if block.kind not in KINDS and not block.flags & SKIPPABLE:
        raise stretch.damaged("%(file)s has a RAR block of an unknown kind")
    stretch.skip(block.data_bytes)


def _end_number(stretch: Stretch, end: Block) -> int | None:
    """Return the number of the volume, if its end block says it, once its sum is checked."""
    is_summed, is_numbered = end.flags & rar4.END_SUMMED, end.flags & rar4.END_NUMBERED
    fields = end.raw[rar4.HEAD.size :]
    number_at = ADDED.size * bool(is_summed)
    if len(fields) < number_at + NUMBER.size * bool(is_numbered):
        raise stretch.damaged("%(file)s has no complete end block")
    if is_summed and ADDED.unpack_from(fields)[0] != end.crc_before:
        raise stretch.damaged("%(file)s differs from the sum in its end block")
    return int(NUMBER.unpack_from(fields, number_at)[0]) if is_numbered else None
