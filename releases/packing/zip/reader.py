"""Reading ZIPs back, ours and those of others, in one pass over the file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from struct import pack

from isal import isal_zlib
from isal.isal_zlib import crc32

from releases.packing import diz, rar
from releases.packing.zip import headers
from releases.packing.zip.directory import decoded, read_directory, widened
from releases.packing.zip.headers import (
    DEFLATED,
    LOCAL_MAGIC,
    MAX_BYTES,
    RAW,
    SIZED_AFTER,
    STORED,
    Entry,
)

PIECE_BYTES = 1 << 16
UNPACKED_BYTES = 1 << 18
"""What is unpacked at a time."""
MAX_RATIO = 1100
"""Deflate reaches 1032 and no more: no more can come of a sound file."""
MAX_DIZ_BYTES = 1 << 16
MAX_NFO_BYTES = 1 << 20
DESCRIPTOR_MAGIC = b"PK\x07\x08"
DESCRIPTOR_BYTES = 24
"""The longest form of what says the sizes after the data."""


@dataclass(slots=True)
class Contents:
    """A ZIP read back, sound in itself."""

    volume: rar.Contents | None
    """The RAR volume in it, if it is stored."""
    diz: bytes
    nfo: bytes
    nfo_name: str
    entries: list[Entry]
    """In the order of the directory."""

    def keep(self, name: str, data: bytes) -> None:
        if name.lower() == diz.NAME:
            self.diz = data
        else:
            self.nfo_name, self.nfo = name, data


def read(tape: rar.Tape) -> Contents:
    """Read the ZIP that `tape` is, with the RAR volume in it.

    Encrypted entries, and those packed in another way than stored or deflated, are passed over.

    Raises:
        Damaged: an entry, the directory or the volume is wrong.
    """
    directory = read_directory(tape)
    contents = Contents(volume=None, diz=b"", nfo=b"", nfo_name="", entries=directory.entries)
    placed = sorted(directory.entries, key=lambda entry: entry.offset)
    ends = [entry.offset for entry in placed[1:]] + [directory.start]
    for entry, end in zip(placed, ends, strict=False):
        _reach(tape, entry.offset)
        _check_local(tape, entry)
        _read_data(tape, entry, contents)
        _check_descriptor(tape, entry, end)
    _reach(tape, directory.start)
    tape.skip(tape.left)
    return contents


def _reach(tape: rar.Tape, offset: int) -> None:
    """Pass over what lies before `offset`: nobody says what it is, but it may be there."""
    if offset < tape.position:
        raise tape.damaged("%(file)s has entries that overlap")
    tape.skip(offset - tape.position)


def _check_local(tape: rar.Tape, entry: Entry) -> None:
    """Check that the local header says the same as the directory."""
    magic = tape.take(len(LOCAL_MAGIC))
    common = headers.COMMON.unpack(tape.take(headers.COMMON.size))
    _, flags, method, time, crc, packed, size, name_bytes, extra_bytes = common
    name = decoded(tape.take(name_bytes), flags)
    size, packed = widened(tape.take(extra_bytes), size, packed)
    said = (magic, name, flags, method, time)
    listed = (LOCAL_MAGIC, entry.name, entry.flags, entry.method, entry.time)
    # What is sized after the data may say nothing here.
    unsaid = {0, MAX_BYTES} if flags & SIZED_AFTER else set()
    sums = ((crc, entry.crc), (packed, entry.packed), (size, entry.size))
    if said != listed or any(number not in {wanted, *unsaid} for number, wanted in sums):
        raise _misstated(tape)


def _misstated(tape: rar.Tape) -> rar.Damaged:
    return tape.damaged("The directory of %(file)s differs from its entries")


def _read_data(tape: rar.Tape, entry: Entry, contents: Contents) -> None:
    if not entry.is_summed:
        tape.skip(entry.packed)
        return
    if entry.method == STORED and entry.size != entry.packed:
        raise _misstated(tape)
    if _sum(tape, entry, contents) != entry.crc:
        raise tape.damaged("%(entry)s in %(file)s differs from its sum", entry=entry.name)


def _sum(tape: rar.Tape, entry: Entry, contents: Contents) -> int:
    """Take from `tape` what `entry` holds, keep what is of interest, and return its CRC-32."""
    if _is_kept(entry):
        data = b"".join(_pieces(tape, entry))
        contents.keep(entry.name, data)
        return crc32(data)
    if entry.method == DEFLATED:
        return _sum_pieces(_pieces(tape, entry))
    if rar.is_volume_name(entry.name):
        contents.volume = rar.read(tape, entry.size)
        return contents.volume.crc
    return tape.skip(entry.size)


def _sum_pieces(pieces: Iterable[bytes]) -> int:
    crc = 0
    for piece in pieces:
        crc = crc32(piece, crc)
    return crc


def _is_kept(entry: Entry) -> bool:
    if entry.name.lower() == diz.NAME:
        return entry.size <= MAX_DIZ_BYTES
    return PurePosixPath(entry.name).suffix.lower() == ".nfo" and entry.size <= MAX_NFO_BYTES


def _pieces(tape: rar.Tape, entry: Entry) -> Iterator[bytes]:
    packed = _taken(tape, entry.packed)
    return _unpacked(tape, entry, packed) if entry.method == DEFLATED else packed


def _taken(tape: rar.Tape, size: int) -> Iterator[bytes]:
    while size:
        data = tape.take(min(size, PIECE_BYTES))
        size -= len(data)
        yield data


def _unpacked(tape: rar.Tape, entry: Entry, packed: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what `packed` unpacks to, in pieces, as much as `entry` says and no more."""
    left = entry.size
    if left > entry.packed * MAX_RATIO:
        raise tape.damaged("%(entry)s in %(file)s cannot be as large as it says", entry=entry.name)
    try:
        for piece in _inflated(packed):
            left -= len(piece)
            if left < 0:
                break
            yield piece
    except (EOFError, isal_zlib.error) as fault:  # type: ignore[misc]  # its stub is mistaken
        raise tape.damaged("%(entry)s in %(file)s cannot be unpacked", entry=entry.name) from fault
    if left:
        raise tape.damaged("%(entry)s in %(file)s is not as large as it says", entry=entry.name)


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    inflater = isal_zlib.decompressobj(wbits=RAW)
    while not inflater.eof:
        data = inflater.unconsumed_tail or next(packed, b"")
        piece = inflater.decompress(data, UNPACKED_BYTES)
        if not (data or piece or inflater.eof):
            raise EOFError
        yield piece
    if inflater.unused_data or next(packed, b""):
        raise EOFError


def _check_descriptor(tape: rar.Tape, entry: Entry, end: int) -> None:
    """Check what repeats the sum and the sizes between the data and `end`, if it is there."""
    if not entry.flags & SIZED_AFTER:
        return
    said = tape.take(min(DESCRIPTOR_BYTES, max(end - tape.position, 0)))
    short = pack("<III", entry.crc, entry.packed & MAX_BYTES, entry.size & MAX_BYTES)
    long = pack("<IQQ", entry.crc, entry.packed, entry.size)
    if not said.startswith((short, long, DESCRIPTOR_MAGIC + short, DESCRIPTOR_MAGIC + long)):
        raise _misstated(tape)
