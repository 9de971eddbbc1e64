"""An MP4 file with one video track, made by hand."""

import struct

FRAMES = 50


def make_mp4(entry: bytes = b"avc1", *extra: bytes) -> bytes:
    """Return a film of two seconds whose track is described by the sample entry `entry`."""
    tables = _tables(_full(b"stsd", _u32(1), box(entry, _picture(), *extra)))
    media = box(b"mdia", _media_header(), _handler(), _information(tables))
    header = _u32(7, 0, 0, 1, 0, 2000, 0, 0, 0, 0) + _MATRIX + _u32(1280 << 16, 720 << 16)
    track = box(b"trak", box(b"tkhd", header), media)
    kind = box(b"ftyp", b"isom", _u32(512), b"isom", b"avc1")
    return kind + box(b"mdat", bytes(10 * FRAMES)) + box(b"moov", _film_header(), track)


def protection(scheme: bytes) -> bytes:
    scheme_type = _full(b"schm", scheme, _u32(0x10000))
    return box(b"sinf", box(b"frma", b"avc1"), scheme_type, box(b"schi"))


def box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I", len(content) + 8) + kind + content


def _full(kind: bytes, *parts: bytes) -> bytes:
    """A box with version and flags, both zero."""
    return box(kind, bytes(4), *parts)


def _u32(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


_MATRIX = _u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def _picture() -> bytes:
    size = struct.pack(">HH", 1280, 720)
    resolution = _u32(0x480000, 0x480000, 0) + struct.pack(">H", 1)
    return (
        bytes(7) + b"\x01" + bytes(16) + size + resolution + bytes(32) + struct.pack(">Hh", 24, -1)
    )


def _tables(description: bytes) -> bytes:
    return box(
        b"stbl",
        description,
        _full(b"stts", _u32(1, FRAMES, 40)),
        _full(b"stsc", _u32(1, 1, FRAMES, 1)),
        _full(b"stsz", _u32(10, FRAMES)),
        _full(b"stco", _u32(1, 32)),
    )


def _media_header() -> bytes:
    return _full(b"mdhd", _u32(0, 0, 1000, 2000), struct.pack(">HH", 0x55C4, 0))


def _handler() -> bytes:
    return _full(b"hdlr", bytes(4), b"vide", bytes(12), b"v\0")


def _information(tables: bytes) -> bytes:
    here = box(b"dinf", _full(b"dref", _u32(1), box(b"url ", _u32(1))))
    return box(b"minf", _full(b"vmhd", bytes(8)), here, tables)


def _film_header() -> bytes:
    times = _u32(0, 0, 1000, 2000, 0x10000) + struct.pack(">H", 0x100)
    return _full(b"mvhd", times, bytes(10), _MATRIX, bytes(24), _u32(2))
