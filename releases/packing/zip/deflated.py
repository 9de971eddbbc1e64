"""Plain ZIPs: files deflated, several pieces at a time, in little memory.

Each piece is deflated on its own, with the end of the one before as its dictionary, and ends at a
whole byte: joined they are one stream, the same whichever thread was first.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date

from isal.isal_zlib import crc32, crc32_combine
from zlib_ng import zlib_ng

from releases.packing import crew, rar
from releases.packing.zip.headers import DEFLATED, RAW, STORED, Entry, directory, name_flags

LEVEL = 6
CHUNK_BYTES = 1 << 19
WINDOW_BYTES = 1 << 15
"""How far back deflate can refer."""
TRIAL_BYTES = 16 << 20
"""A file whose beginning gets no smaller is not tried to its end."""


def write(
    sources: Sequence[rar.Source],
    companions: Sequence[tuple[str, bytes]],
    output: rar.Output,
    dated: date,
    tick: rar.Tick,
) -> int:
    """Write a ZIP of `sources` and of small files, given by name and bytes.

    Returns the CRC-32 of the ZIP. Only this thread ticks: the bytes of `sources`.

    Raises:
        PackingError: a source is not what it was, or the ZIP cannot be written.
    """
    with ThreadPoolExecutor(crew.HANDS) as pool:
        growing = Growing(output, dated, pool)
        for source in sources:
            growing.add(_entry_name(source.member), source.member.size, source.opened(), tick)
        for name, data in companions:
            growing.add(name, len(data), nullcontext(_reader(data)), rar.unheard)
    return growing.close()


def _entry_name(member: rar.Member) -> str:
    return f"{member.name}/" if member.is_folder else member.name


def _reader(data: bytes) -> rar.Read:
    return lambda offset, size: memoryview(data)[offset : offset + size]


@dataclass(frozen=True, slots=True)
class Packed:
    """What was written of an entry, from its beginning."""

    method: int = DEFLATED
    taken: int = 0
    """Bytes read."""
    crc: int = 0
    """Of what was read."""
    size: int = 0
    """Bytes written."""
    packed_crc: int = 0
    """Of what was written."""

    def followed_by(self, after: "Packed") -> "Packed":
        return Packed(
            self.method,
            self.taken + after.taken,
            crc32_combine(self.crc, after.crc, after.taken),
            self.size + after.size,
            crc32_combine(self.packed_crc, after.packed_crc, after.size),
        )


class Growing:
    """A ZIP that grows at the end of `output`."""

    def __init__(self, output: rar.Output, dated: date, pool: ThreadPoolExecutor) -> None:
        self.output, self.pool = output, pool
        self.time = rar.dos_time(dated)
        self.entries: list[Entry] = []
        self.end = self.crc = 0

    def add(
        self, name: str, size: int, opened: AbstractContextManager[rar.Read], tick: rar.Tick
    ) -> None:
        bare = self._entry(name, size, Packed())
        at = self.end + bare.local_bytes
        furthest = Furthest(tick)
        with opened as read:
            packed = self._deflate(read, size, at, furthest)
            if packed.size >= packed.taken:
                packed = self._store(read, size, at, furthest)
        self._place(self._entry(name, size, packed), packed)

    def close(self) -> int:
        """Write the directory, and return the CRC-32 of all."""
        tail = directory(self.entries, self.end)
        self.output.write(tail, self.end)
        with rar.writing(self.output.path):  # a file deflated in vain may have reached further
            os.ftruncate(self.output.fd, self.end + len(tail))
        return crc32(tail, self.crc)

    def _entry(self, name: str, size: int, packed: Packed) -> Entry:
        return Entry(
            name=name,
            flags=name_flags(name),
            method=packed.method,
            time=self.time,
            crc=packed.crc,
            packed=packed.size,
            size=size,
            offset=self.end,
        )

    def _place(self, entry: Entry, packed: Packed) -> None:
        """Write the header of `entry` before its data."""
        head = entry.local_header()
        self.output.write(head, self.end)
        self.entries.append(entry)
        self.end += len(head) + packed.size
        self.crc = crc32_combine(crc32(head, self.crc), packed.packed_crc, packed.size)

    def _deflate(self, read: rar.Read, size: int, at: int, furthest: "Furthest") -> Packed:
        """Deflate to `at`, perhaps not to the end where nothing is gained."""
        packed = Packed()
        for data, piece in _in_order(self.pool, _chunks(read, size)):
            self.output.write(data, at + packed.size)
            packed = packed.followed_by(piece)
            furthest(packed.taken)
            if packed.size >= packed.taken >= TRIAL_BYTES:
                break
        return packed

    def _store(self, read: rar.Read, size: int, at: int, furthest: "Furthest") -> Packed:
        crc = done = 0
        while done < size:
            piece = read(done, min(rar.PIECE_BYTES, size - done))
            crc = crc32(piece, crc)
            self.output.write(piece, at + done)
            done += len(piece)
            furthest(done)
        return Packed(STORED, size, crc, size, crc)


class Furthest:
    """Ticks for bytes that are done for the first time."""

    def __init__(self, tick: rar.Tick) -> None:
        self.tick = tick
        self.reached = 0

    def __call__(self, done: int) -> None:
        self.tick(max(done - self.reached, 0))
        self.reached = max(done, self.reached)


@dataclass(frozen=True, slots=True)
class Chunk:
    data: bytes
    before: bytes
    """What deflate may refer to."""
    is_last: bool


def _chunks(read: rar.Read, size: int) -> Iterator[Chunk]:
    before = b""
    for offset in range(0, size, CHUNK_BYTES):
        data = _filled(read, offset, min(CHUNK_BYTES, size - offset))
        yield Chunk(data, before, offset + len(data) == size)
        before = data[-WINDOW_BYTES:]


def _filled(read: rar.Read, offset: int, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        data += read(offset + len(data), min(rar.PIECE_BYTES, size - len(data)))
    return bytes(data)


def _in_order(pool: ThreadPoolExecutor, chunks: Iterable[Chunk]) -> Iterator[tuple[bytes, Packed]]:
    """Yield the bytes of each of `chunks` deflated, and what they are; only a few are under way."""
    waiting: deque[Future[tuple[bytes, Packed]]] = deque()
    for chunk in chunks:
        waiting.append(pool.submit(_deflated, chunk))
        if len(waiting) > 2 * crew.HANDS:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _deflated(chunk: Chunk) -> tuple[bytes, Packed]:
    deflater = zlib_ng.compressobj(LEVEL, wbits=RAW, zdict=chunk.before)
    flush = zlib_ng.Z_FINISH if chunk.is_last else zlib_ng.Z_SYNC_FLUSH
    data = deflater.compress(chunk.data) + deflater.flush(flush)
    return data, Packed(DEFLATED, len(chunk.data), crc32(chunk.data), len(data), crc32(data))
