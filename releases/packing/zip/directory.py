"""The directory of a ZIP, read before all else: only it says where entries begin and end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from struct import iter_unpack

from releases.packing import rar
from releases.packing.zip import headers
from releases.packing.zip.headers import MAX_16, MAX_BYTES, Entry

MAX_ENTRIES = 100_000
MAX_DIRECTORY_BYTES = 16 << 20
"""All of it is in memory at once."""

Read = Callable[[int, int], bytes]
"""Takes (offset, size) and gives those bytes of the file, fewer at its end."""


@dataclass(frozen=True, slots=True)
class Directory:
    start: int
    """Its offset, where the last entry must have ended."""
    entries: list[Entry]
    """In its own order, which need not be that of the file."""


@dataclass(frozen=True, slots=True)
class End:
    """What a ZIP says at its end of its directory."""

    at: int
    """Where the directory must have ended."""
    count: int
    size: int
    start: int


def read_directory(tape: rar.Tape) -> Directory:
    """Read the directory of the file that `tape` is, without moving `tape`.

    Raises:
        Damaged: there is none, it contradicts itself, or it is too large.
    """
    with rar.reading(tape.path, rar.Damaged), tape.path.open("rb") as file:

        def read(offset: int, size: int) -> bytes:
            file.seek(offset)
            return file.read(size)

        end = _find_end(tape, read)
        _check_end(tape, end)
        entries = list(_entries(tape, read(end.start, end.size), end.count))
    _check_names(tape, entries)
    return Directory(end.start, entries)


def _find_end(tape: rar.Tape, read: Read) -> End:
    """Find the end record: nothing but its own comment may follow it."""
    if tape.size < headers.END_BYTES:
        raise tape.damaged("%(file)s ends too early")
    start = max(0, tape.size - headers.END_BYTES - MAX_16)
    tail = read(start, tape.size - start)
    at = tail.rfind(headers.END_MAGIC, 0, len(tail) - headers.END.size)
    while at >= 0:
        *numbers, comment_bytes = headers.END.unpack_from(tail, at + len(headers.END_MAGIC))
        if at + headers.END_BYTES + comment_bytes == len(tail):
            return _widened(tape, read, start + at, numbers)
        at = tail.rfind(headers.END_MAGIC, 0, at)
    raise tape.damaged("%(file)s is no whole ZIP: it is cut off, or something follows its end")


def _widened(tape: rar.Tape, read: Read, end_at: int, numbers: list[int]) -> End:
    """Return what the record at `end_at` says, or the one before it that has room for 64 bits."""
    at = end_at - headers.LOCATOR_BYTES
    locator = read(at, headers.LOCATOR_BYTES) if at >= 0 else b""
    if not locator.startswith(headers.LOCATOR_MAGIC):
        return _end(tape, end_at, numbers)
    disk, wide_at, disks = headers.LOCATOR.unpack_from(locator, len(headers.LOCATOR_MAGIC))
    record = read(min(wide_at, tape.size), headers.END_64_BYTES)
    if len(record) < headers.END_64_BYTES or not record.startswith(headers.END_64_MAGIC):
        raise _strange_end(tape)
    follow, _, _, *wide = headers.END_64.unpack_from(record, len(headers.END_64_MAGIC))
    if disk != 0 or disks != 1 or wide_at + len(headers.END_64_MAGIC) + 8 + follow != at:
        raise _strange_end(tape)
    if any(
        said not in {number, MAX_16, MAX_BYTES} for said, number in zip(numbers, wide, strict=True)
    ):
        raise _strange_end(tape)
    return _end(tape, wide_at, wide)


def _end(tape: rar.Tape, at: int, numbers: list[int]) -> End:
    disk, directory_disk, here, count, size, start = numbers
    if disk or directory_disk:
        raise tape.damaged("%(file)s is one of several parts: join them first")
    if here != count:
        raise _strange_end(tape)
    return End(at, count, size, start)


def _check_end(tape: rar.Tape, end: End) -> None:
    if end.start + end.size != end.at:
        raise _strange_end(tape)
    if end.count > MAX_ENTRIES or end.size > MAX_DIRECTORY_BYTES:
        raise tape.damaged("%(file)s holds more files than can be listed here")


def _strange_end(tape: rar.Tape) -> rar.Damaged:
    return tape.damaged("The directory of %(file)s does not end as it should")


def _entries(tape: rar.Tape, data: bytes, count: int) -> Iterator[Entry]:
    at = 0
    for _ in range(count):
        if not data.startswith(headers.CENTRAL_MAGIC, at) or len(data) < at + headers.CENTRAL_BYTES:
            raise _strange_end(tape)
        entry, at = _entry(data, at + len(headers.CENTRAL_MAGIC) + headers.MADE_BY_BYTES)
        yield entry
    if at != len(data):
        raise _strange_end(tape)


def _entry(data: bytes, at: int) -> tuple[Entry, int]:
    """Return the entry whose common part is at `at` of `data`, and where the next one begins."""
    common = headers.COMMON.unpack_from(data, at)
    _, flags, method, time, crc, packed, size, name_bytes, extra_bytes = common
    at += headers.COMMON.size
    comment_bytes, _, _, _, offset = headers.CENTRAL.unpack_from(data, at)
    at += headers.CENTRAL.size
    name = decoded(data[at : at + name_bytes], flags)
    at += name_bytes
    size, packed, offset = widened(data[at : at + extra_bytes], size, packed, offset)
    entry = Entry(
        name=name,
        flags=flags,
        method=method,
        time=time,
        crc=crc,
        packed=packed,
        size=size,
        offset=offset,
    )
    return entry, at + extra_bytes + comment_bytes


def decoded(name: bytes, flags: int) -> str:
    if flags & headers.UTF_8:
        return name.decode("utf-8", "backslashreplace")
    return name.decode("cp437")


def widened(extra: bytes, *numbers: int) -> Iterator[int]:
    """Yield `numbers`, those that do not fit in 32 bits taken from `extra`, in their order."""
    wide = _wide_numbers(extra)
    for number in numbers:
        yield next(wide, number) if number == MAX_BYTES else number


def _wide_numbers(extra: bytes) -> Iterator[int]:
    at = 0
    while at + headers.FIELD.size <= len(extra):
        kind, size = headers.FIELD.unpack_from(extra, at)
        at += headers.FIELD.size
        if kind == headers.WIDE_FIELD:
            body = extra[at : at + size]
            yield from chain.from_iterable(iter_unpack("<Q", body[: len(body) // 8 * 8]))
        at += size


def _check_names(tape: rar.Tape, entries: list[Entry]) -> None:
    names = set()
    for entry in entries:
        if entry.name in names:
            raise tape.damaged("%(file)s holds %(entry)s twice", entry=entry.name)
        names.add(entry.name)
