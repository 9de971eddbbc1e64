"""Reading what RAR 5 and later wrote. Source: docs/formats/rar.md."""

from collections.abc import Iterator
from dataclasses import dataclass

from isal.isal_zlib import crc32

from releases.packing.rar import rar5
from releases.packing.rar.contents import Contents, StoredPart, Stretch
from releases.packing.rar.files import PIECE_BYTES
from releases.packing.rar.names import shown_name

SMALLEST_BYTES = 7
"""Of a header: its sum, and its size, type and flags of a byte each."""
SMALLEST_SIZE = 2
"""Of what a header says its size is: type and flags."""
NUMBER_BITS = 64
MORE = 0x80
HAS_EXTRA = 0x01
KINDS = range(1, 6)
ENCRYPTION = 4
MAIN_RECOVERY = 0x08
FILE_UNSIZED = 0x08
METHOD_SHIFT, METHOD_BITS = 7, 0x07
RECORD_ENCRYPTION, RECORD_LINK = 1, 5
TWEAKED_SUMS = 0x02  # they depend on the password


class Fields:
    """Reads the fields of a header from front to back."""

    def __init__(self, stretch: Stretch, data: bytes) -> None:
        self.stretch, self.data, self.at = stretch, data, 0

    @property
    def left(self) -> int:
        return len(self.data) - self.at

    def take(self, size: int) -> bytes:
        if not 0 <= size <= self.left:
            raise self.stretch.damaged("%(file)s has a RAR header that is too short")
        self.at += size
        return self.data[self.at - size : self.at]

    def part(self, size: int) -> "Fields":
        return Fields(self.stretch, self.take(size))

    def word(self) -> int:
        return int.from_bytes(self.take(rar5.WORD_BYTES), "little")

    def vint(self) -> int:
        number = 0
        for shift in range(0, NUMBER_BITS, 7):
            (byte,) = self.take(1)
            number |= (byte & ~MORE) << shift
            if not byte & MORE and number < 1 << NUMBER_BITS:
                return number
        raise self.stretch.damaged("%(file)s has a RAR header with a number beyond all bounds")


@dataclass(frozen=True, slots=True)
class Block:
    kind: int
    flags: int
    data_bytes: int
    fields: Fields
    """Its own, after those that all blocks have."""
    extra: Fields


def read(stretch: Stretch) -> Contents:
    """Read what follows the marker, to the end of the volume.

    Raises:
        Damaged: a header, a sum or the length is wrong.
    """
    main = _read_main(stretch)
    flags = main.vint()
    number = main.vint() if flags & rar5.MAIN_NUMBERED else 0
    parts, end = _read_parts(stretch)
    is_last = not end.fields.vint() & rar5.END_MORE
    if not is_last:
        _pass_padding(stretch)
    return Contents(
        file=stretch.tape.name,
        version=5,
        number=number,
        parts=tuple(parts),
        crc=stretch.crc,
        is_last=is_last,
        is_volume=bool(flags & rar5.MAIN_VOLUME),
        is_new_naming=bool(flags & rar5.MAIN_VOLUME),
        has_recovery=bool(flags & MAIN_RECOVERY),
        has_end=True,
    )


def _read_main(stretch: Stretch) -> Fields:
    main = _read_block(stretch)
    if main.kind == ENCRYPTION:
        raise stretch.encrypted()
    if main.kind != rar5.MAIN:
        raise stretch.damaged("%(file)s does not begin with the main header of a RAR archive")
    return main.fields


def _read_parts(stretch: Stretch) -> tuple[list[StoredPart], Block]:
    """Return the parts, and the end block."""
    parts = []
    block = _read_block(stretch)
    while block.kind != rar5.END:
        if block.kind == rar5.FILE:
            parts.append(stretch.part(_said(block)))
        else:
            _pass_over(stretch, block)
        block = _read_block(stretch)
    return parts, block


def _read_block(stretch: Stretch) -> Block:
    stretch.count_block()
    head = stretch.take(SMALLEST_BYTES)
    sum_field, begun = head[: rar5.WORD_BYTES], head[rar5.WORD_BYTES :]
    fields = Fields(stretch, begun)
    size = fields.vint()
    header = begun + stretch.take(max(fields.at + size - len(begun), 0))
    if size < SMALLEST_SIZE or crc32(header) != int.from_bytes(sum_field, "little"):
        raise stretch.damaged("%(file)s has a damaged RAR header")
    return _block(Fields(stretch, header[fields.at :]))


def _block(fields: Fields) -> Block:
    kind, flags = fields.vint(), fields.vint()
    extra_bytes = fields.vint() if flags & HAS_EXTRA else 0
    data_bytes = fields.vint() if flags & rar5.HAS_DATA else 0
    own = fields.part(fields.left - extra_bytes)
    return Block(kind, flags, data_bytes, own, extra=fields)


def _said(block: Block) -> StoredPart:
    fields, is_last = block.fields, not block.flags & rar5.CONTINUES
    flags, member_bytes = fields.vint(), fields.vint()
    fields.vint()  # attributes
    fields.take(rar5.WORD_BYTES if flags & rar5.FILE_TIMED else 0)
    crc = fields.word() if flags & rar5.FILE_SUMMED else None
    compression, _ = fields.vint(), fields.vint()
    name = fields.take(fields.vint())
    records = dict(_records(block.extra))
    encryption, is_link = records.get(RECORD_ENCRYPTION), RECORD_LINK in records
    is_tweaked = encryption is not None and _is_tweaked(encryption)
    return StoredPart(
        name=shown_name(name.decode("utf-8", "replace")),
        member_bytes=None if flags & FILE_UNSIZED or is_link else member_bytes,
        size=block.data_bytes,
        said_crc=None if is_tweaked or is_link else crc,
        is_first=not block.flags & rar5.CONTINUED,
        is_last=is_last,
        is_stored=compression >> METHOD_SHIFT & METHOD_BITS == rar5.STORED,
        is_encrypted=encryption is not None,
        is_folder=bool(flags & rar5.FILE_FOLDER),
        is_link=is_link,
    )


def _records(extra: Fields) -> Iterator[tuple[int, Fields]]:
    while extra.left:
        record = extra.part(extra.vint())
        yield record.vint(), record


def _is_tweaked(encryption: Fields) -> bool:
    """Say whether the sums depend on the password too."""
    encryption.vint()  # version
    return bool(encryption.vint() & TWEAKED_SUMS)


def _pass_over(stretch: Stretch, block: Block) -> None:
    if block.kind not in KINDS and not block.flags & rar5.SKIPPABLE:
        raise stretch.damaged("%(file)s has a RAR block of an unknown kind")
    stretch.skip(block.data_bytes)


def _pass_padding(stretch: Stretch) -> None:
    """Pass over the zeros with which RAR 7 fills volumes up."""
    while stretch.left:
        size = min(PIECE_BYTES, stretch.left)
        if stretch.skip(size) != crc32(bytes(size)):
            raise stretch.damaged("%(file)s does not end where its RAR volume ends")
