"""Makers of RAR archives, of version 4 and 5, stored or compressed.

What is compressed here has a code of eight bits for each byte: the right form, and no saving.
"""

import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from zlib import crc32

RAR4 = b"Rar!\x1a\x07\x00"
RAR5 = b"Rar!\x1a\x07\x01\x00"
END4 = bytes.fromhex("c43d7b00400700")
END5 = bytes.fromhex("1d77565103050400")

LENGTHS_5 = "".join(f"{1 if length in (8, 19) else 0:04b}" for length in range(20))
BYTES_5 = "0" * 256
"""Their codes have eight bits each; the code of that is 0, and 1 is that of many zeros."""
LENGTHS_4 = "".join(f"{ {8: 1, 9: 2, 19: 2}.get(length, 0):04b}" for length in range(20))
BYTES_4 = "0" * 254 + "10" * 4
"""The last four codes have nine bits, since one is needed for the end of the data."""
END_OF_DATA_4 = f"{510:09b}00"


def write_rar4(
    path: Path,
    files: Mapping[str, bytes],
    *,
    comment: bytes = b"",
    packed: bool = False,
    main_flags: int = 0,
    file_flags: int = 0,
) -> Path:
    """Write an archive of version 4, compressed if it is to be `packed`."""
    main = _block4(0x73, main_flags, bytes(6))
    remark = [_file4(0x7A, 0, b"CMT", comment, packed)] if comment else []
    blocks = [_file4(0x74, file_flags, _name4(name), data, packed) for name, data in files.items()]
    path.write_bytes(RAR4 + b"".join([main, *remark, *blocks]) + END4)
    return path


def write_rar5(
    path: Path,
    files: Mapping[str, bytes],
    *,
    comment: bytes = b"",
    packed: bool = False,
    main_flags: int = 0,
    extra: bytes = b"",
) -> Path:
    """Write an archive of version 5; `extra` is a record that each file carries."""
    main = _block5(1, _vint(main_flags))
    remark = [_file5(3, "CMT", comment, packed=False)] if comment else []
    blocks = [_file5(2, name, data, packed, extra) for name, data in files.items()]
    path.write_bytes(RAR5 + b"".join([main, *remark, *blocks]) + END5)
    return path


def locked(files: Iterable[str]) -> bytes:
    """Return the start of an archive of version 5 whose headers are encrypted."""
    return RAR5 + _block5(4, bytes([0, 0, 15]) + bytes(16)) + bytes(64 * len([*files]))


def encrypted() -> bytes:
    """Return the record of a file whose content is encrypted."""
    return _record(1, bytes([0, 0, 15]) + bytes(32))


def _block4(kind: int, flags: int, body: bytes) -> bytes:
    rest = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", crc32(rest) & 0xFFFF) + rest


def _file4(kind: int, flags: int, name: bytes, data: bytes, packed: bool) -> bytes:
    flags |= 0x8200 if b"\0" in name else 0x8000
    content = _packed4(data) if packed else data
    body = struct.pack(
        "<IIBIIBBHI",
        *(len(content), len(data), 3, crc32(data), 0x5A21_0000),
        *(29, 0x35 if packed else 0x30, len(name), 0x81A4),
    )
    return _block4(kind, flags, body + name) + content


def _name4(name: str) -> bytes:
    """A name beyond ASCII: what is left of it there, then pairs of bytes, announced by fours."""
    path = name.replace("/", "\\")
    if path.isascii():
        return path.encode()
    wide = path.encode("utf-16-le")
    fours = (wide[at : at + 8] for at in range(0, len(wide), 8))
    return path.encode("ascii", "replace") + b"\0\0" + b"".join(b"\xaa" + four for four in fours)


def _packed4(data: bytes) -> bytes:
    zeros = f"11{124:07b}11{0:07b}"  # 135 and 11
    codes = (f"{byte:08b}" if byte < 254 else f"{254 + byte:09b}" for byte in data)
    return _bytes("00" + LENGTHS_4 + BYTES_4 + zeros + "".join(codes) + END_OF_DATA_4)


def _block5(kind: int, body: bytes, data: bytes = b"", extra: bytes = b"") -> bytes:
    flags = (2 if data else 0) | (1 if extra else 0)
    sizes = (_vint(len(extra)) if extra else b"") + (_vint(len(data)) if data else b"")
    rest = _vint(kind) + _vint(flags) + sizes + body + extra
    head = _vint(len(rest)) + rest
    return struct.pack("<I", crc32(head)) + head + data


def _file5(kind: int, name: str, data: bytes, packed: bool, extra: bytes = b"") -> bytes:
    content = _packed5(data) if packed else data
    method = 5 << 7 if packed else 0
    summed = struct.pack("<I", crc32(data))
    spelled = name.encode()
    body = _vint(4) + _vint(len(data)) + _vint(0x81A4) + summed + _vint(method) + _vint(1)
    return _block5(kind, body + _vint(len(spelled)) + spelled, content, extra)


def _packed5(data: bytes) -> bytes:
    zeros = f"1{127:07b}1{25:07b}"  # 138 and 36
    content = _bytes(LENGTHS_5 + BYTES_5 + zeros) + data
    size = struct.pack("<I", len(content))[:3]
    flags = 0xC0 | 2 << 3 | 7  # the last block, with tables; three bytes of size; whole bytes
    check = 0x5A ^ flags ^ size[0] ^ size[1] ^ size[2]
    return bytes([flags, check]) + size + content


def _record(kind: int, data: bytes) -> bytes:
    body = _vint(kind) + data
    return _vint(len(body)) + body


def _vint(number: int) -> bytes:
    low, high = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _vint(high) if high else bytes([low])


def _bytes(bits: str) -> bytes:
    whole = bits.ljust(-(-len(bits) // 8) * 8, "0")
    return int(whole, 2).to_bytes(len(whole) // 8, "big")
