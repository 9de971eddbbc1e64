"""Reading volumes back: every header, every sum, and how the volumes hang together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from isal.isal_zlib import crc32, crc32_combine

from releases.packing.rar import rar4 as blocks
from releases.packing.rar.files import Damaged, Tape


@dataclass(frozen=True, slots=True)
class Block:
    kind: int
    flags: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class StoredPart:
    """What a volume says it holds of a member, and what it holds."""

    name: bytes
    """The name field as stored: it need only be the same in all parts."""
    member_bytes: int
    size: int
    crc: int
    """Of the data."""
    said_crc: int
    """What the header says: of the whole member when it is the last part."""
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """One volume read back, sound in itself."""

    file: str
    number: int
    is_last: bool
    parts: tuple[StoredPart, ...]
    crc: int

    def damaged(self, template: str, **values: object) -> Damaged:
        return Damaged(template, file=self.file, **values)


def read(tape: Tape, size: int) -> Contents:
    """Read the RAR volume that the next `size` bytes of `tape` are.

    Raises:
        Damaged: a header, a sum or the length is wrong.
    """
    end_at = tape.position + size
    crc, parts = _read_head(tape), []
    block = _read_block(tape)
    while block.kind == blocks.FILE:
        part = _read_part(tape, block)
        crc = crc32_combine(crc32(block.raw, crc), part.crc, part.size)
        parts.append(part)
        block = _read_block(tape)
    number = _check_end(tape, block, crc)
    if tape.position != end_at:
        raise tape.damaged("%(file)s does not end where its RAR volume ends")
    is_last = not block.flags & blocks.END_MORE
    return Contents(tape.name, number, is_last, tuple(parts), crc32(block.raw, crc))


def _read_head(tape: Tape) -> int:
    marker = tape.take(len(blocks.MARKER))
    if marker != blocks.MARKER:
        raise tape.damaged("%(file)s holds no RAR 4 volume")
    main = _read_block(tape)
    if main.kind != blocks.MAIN or not main.flags & blocks.MAIN_VOLUME:
        raise tape.damaged("%(file)s is not one of a set of RAR volumes")
    if main.flags & 0x80:
        raise tape.damaged("%(file)s is encrypted")
    return crc32(main.raw, crc32(marker))


def _read_block(tape: Tape) -> Block:
    head = tape.take(blocks.HEAD.size)
    crc, kind, flags, size = blocks.HEAD.unpack(head)
    raw = head + tape.take(max(size - len(head), 0))
    if crc32(raw[blocks.CRC_BYTES :]) & 0xFFFF != crc:
        raise tape.damaged("%(file)s has a damaged RAR header")
    return Block(kind, flags, raw)


def _read_part(tape: Tape, block: Block) -> StoredPart:
    if len(block.raw) < blocks.FILE_BYTES + blocks.HIGH_SIZES.size * bool(
        block.flags & blocks.FILE_LARGE
    ):
        raise tape.damaged("%(file)s has a RAR header that is too short")
    body = blocks.FILE_BODY.unpack_from(block.raw, blocks.HEAD.size)
    size, member_bytes, _, said_crc, _, _, method, _, _ = body
    if method != blocks.STORED or block.flags & 4:
        raise tape.damaged("%(file)s is compressed or encrypted, not stored")
    name = block.raw[blocks.FILE_BYTES :]
    if block.flags & blocks.FILE_LARGE:
        high, member_high = blocks.HIGH_SIZES.unpack(name[: blocks.HIGH_SIZES.size])
        size, member_bytes = size | high << 32, member_bytes | member_high << 32
        name = name[blocks.HIGH_SIZES.size :]
    is_first = not block.flags & blocks.FILE_CONTINUED
    is_last = not block.flags & blocks.FILE_CONTINUES
    crc = tape.skip(size)
    if said_crc != crc and not is_last:
        raise tape.damaged("%(file)s holds data that differs from its sum")
    return StoredPart(name, member_bytes, size, crc, said_crc, is_first, is_last)


def _check_end(tape: Tape, block: Block, crc: int) -> int:
    """Return the number of the volume, which its end block says with the sum of all before."""
    if block.kind != blocks.END or len(block.raw) != blocks.HEAD.size + blocks.END_BODY.size:
        raise tape.damaged("%(file)s has no complete end block")
    said_crc, number = blocks.END_BODY.unpack_from(block.raw, blocks.HEAD.size)
    if said_crc != crc:
        raise tape.damaged("%(file)s differs from the sum in its end block")
    return int(number)


def check_set(volumes: Sequence[Contents]) -> Iterator[Damaged]:
    """Yield what keeps `volumes`, in order, from being one complete archive."""
    last = len(volumes) - 1
    for place, volume in enumerate(volumes):
        if volume.number != place:
            yield volume.damaged(
                "%(file)s is volume %(number)s of its set where %(place)s is due",
                number=volume.number + 1,
                place=place + 1,
            )
        if volume.is_last and place != last:
            yield volume.damaged("%(file)s ends its set, yet more volumes follow")
        if place == last and not volume.is_last:
            yield volume.damaged("The volume after %(file)s is missing")
    yield from _check_members(volumes)


def _check_members(volumes: Sequence[Contents]) -> Iterator[Damaged]:
    """Yield the volumes whose parts do not continue what was begun, or sum to another file."""
    begun: list[StoredPart] = []
    for volume in volumes:
        for part in volume.parts:
            if part.is_first == bool(begun) or (begun and part.name != begun[0].name):
                yield volume.damaged("%(file)s does not continue the volume before it")
                begun = []
            begun.append(part)
            if part.is_last:
                if not _is_whole(begun):
                    yield volume.damaged("%(file)s ends a file that differs from its sum")
                begun = []
    if begun:
        yield volumes[-1].damaged("%(file)s breaks off within a file")


def _is_whole(parts: Sequence[StoredPart]) -> bool:
    crc = size = 0
    for part in parts:
        crc = crc32_combine(crc, part.crc, part.size)
        size += part.size
    return (size, crc) == (parts[-1].member_bytes, parts[-1].said_crc)
