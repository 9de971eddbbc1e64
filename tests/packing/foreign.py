"""RAR 4 archives with whatever others have written in them."""

from struct import pack

from isal.isal_zlib import crc32

from releases.packing.rar import rar4

BOOK, BOOK_CRC = b"book", crc32(b"book")


def block(kind: int, flags: int, body: bytes = b"", data: bytes = b"") -> bytes:
    header = pack("<BHH", kind, flags, 7 + len(body)) + body
    return pack("<H", crc32(header) & 0xFFFF) + header + data


def main(flags: int = 0) -> bytes:
    return rar4.MARKER + block(0x73, flags, bytes(6))


def member(
    data: bytes = BOOK,
    *,
    flags: int = 0,
    name: bytes = b"book",
    crc: int = BOOK_CRC,
    kind: int = 0x74,
    **fields: int,
) -> bytes:
    """Return a member; `fields` are size, version, method, system or attributes."""
    body = pack(
        "<IIBIIBBHI",
        len(data),
        fields.get("size", len(data)),
        fields.get("system", 3),
        crc,
        0,
        fields.get("version", 20),
        fields.get("method", 0x30),
        len(name),
        fields.get("attributes", 0o100644),
    )
    return block(kind, 0x8000 | flags, body + name, data)


END = block(0x7B, 0x4000)
MORE = block(0x7B, 0x4001)
