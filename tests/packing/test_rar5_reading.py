"""Archives as others wrote them in RAR 5 and later."""

from pathlib import Path
from typing import Any

import pytest
from isal.isal_zlib import crc32

from releases.packing.rar import Damaged, rar5
from tests.packing.making import faults_of, noise, read_archive, unsummed

BOOK, BOOK_CRC = b"book", crc32(b"book")
vint = rar5.vint


def block(kind: int, flags: int, body: bytes = b"", data: bytes = b"", extra: bytes = b"") -> bytes:
    sizes = (vint(len(extra)) if flags & 1 else b"") + (vint(len(data)) if flags & 2 else b"")
    return framed(vint(kind) + vint(flags) + sizes + body + extra) + data


def framed(content: bytes) -> bytes:
    """Put size and sum before the rest of a header."""
    header = vint(len(content)) + content
    return crc32(header).to_bytes(4, "little") + header


def main(flags: int = 0, number: bytes = b"") -> bytes:
    return rar5.MARKER + block(1, 0, vint(flags) + number)


def member(
    data: bytes = BOOK,
    *,
    flags: int = 0,
    file_flags: int = 4,
    crc: int = BOOK_CRC,
    extra: bytes = b"",
    **fields: int,
) -> bytes:
    """Return a member; `fields` are size or compression."""
    body = vint(file_flags) + vint(fields.get("size", len(data))) + vint(0o100644)
    body += bytes(4) if file_flags & 2 else b""
    body += crc.to_bytes(4, "little") if file_flags & 4 else b""
    body += vint(fields.get("compression", 0)) + vint(1) + vint(4) + b"book"
    return block(2, flags | 2 | bool(extra), body, data, extra)


def record(kind: int, content: bytes) -> bytes:
    return vint(1 + len(content)) + vint(kind) + content


END = block(5, 4, b"\0")
MORE = block(5, 4, b"\1")


def test_an_archive_that_is_no_set_is_read(tmp_path: Path) -> None:
    volume = read_archive(tmp_path, main() + member() + END)

    assert (volume.version, volume.is_volume, volume.number) == (5, False, 0)
    assert (volume.is_last, volume.is_new_naming) == (True, False)
    assert volume.parts[0].crc == BOOK_CRC
    assert faults_of([volume]) == []


@pytest.mark.parametrize(("flag", "fact"), [(1, "is_volume"), (8, "has_recovery")])
def test_what_a_main_header_says_is_told(tmp_path: Path, flag: int, fact: str) -> None:
    assert getattr(read_archive(tmp_path, main(flag) + END), fact)
    assert not getattr(read_archive(tmp_path, main() + END), fact)


def test_a_volume_says_its_number_in_any_width(tmp_path: Path) -> None:
    for number in (b"\x05", b"\x85\x00", b"\x85\x80\x80\x00"):
        assert read_archive(tmp_path, main(3, number) + END).number == 5


@pytest.mark.parametrize(
    "other",
    [
        block(3, 0x03, b"QO", noise(9), record(7, b"sub")),
        block(99, 0x04, b"of the future"),
        block(99, 0x06, b"with data", noise(9)),
    ],
    ids=["service", "unknown", "unknown with data"],
)
def test_blocks_that_are_no_members_are_passed_over(tmp_path: Path, other: bytes) -> None:
    volume = read_archive(tmp_path, main() + other + member() + other + END)

    assert [part.name for part in volume.parts] == ["book"]


def test_the_zeros_that_fill_a_volume_up_are_passed_over(tmp_path: Path) -> None:
    data = main(1) + MORE

    assert not read_archive(tmp_path, data + bytes(300_000)).is_last
    with pytest.raises(Damaged, match="does not end where its RAR volume ends"):
        read_archive(tmp_path, data + bytes(300_000) + b"x")


PASSWORD = record(1, b"\0\0" + noise(40))
TWEAKED = record(1, b"\0\2" + noise(40))
BLAKE = record(2, b"\0" + noise(32))


@pytest.mark.parametrize(
    ("fields", "is_stored", "is_encrypted"),
    [
        ({"compression": 3 << 7}, False, False),
        ({"compression": 3 << 7, "extra": PASSWORD}, False, True),
        ({"extra": PASSWORD}, True, True),
        ({"extra": TWEAKED}, True, True),
        ({"file_flags": 0, "extra": BLAKE}, True, False),
    ],
    ids=["packed", "packed, encrypted", "encrypted", "with tweaked sums", "BLAKE2"],
)
def test_what_cannot_be_summed_is_told_and_not_refused(
    tmp_path: Path, fields: dict[str, Any], is_stored: bool, is_encrypted: bool
) -> None:
    volume = read_archive(tmp_path, main() + member(crc=1, **fields) + END)

    part = volume.parts[0]
    assert (part.is_stored, part.is_encrypted) == (is_stored, is_encrypted)
    assert unsummed(volume) == ("book",)
    assert faults_of([volume]) == []


def test_a_part_with_a_tweaked_sum_cannot_be_checked(tmp_path: Path) -> None:
    part = member(flags=0x10, crc=1, extra=TWEAKED)

    assert read_archive(tmp_path, main(1) + part + MORE).parts[0].said_crc is None
    with pytest.raises(Damaged, match=r"book in x\.rar differs from its sum"):
        read_archive(tmp_path, main(1) + member(flags=0x10, crc=1, extra=PASSWORD) + MORE)


@pytest.mark.parametrize(
    ("fields", "fact"),
    [({"file_flags": 1}, "is_folder"), ({"size": 9, "extra": record(5, b"\1\0\1x")}, "is_link")],
)
def test_folders_and_links_are_told_from_files(
    tmp_path: Path, fields: dict[str, Any], fact: str
) -> None:
    volume = read_archive(tmp_path, main() + member(b"", crc=7, **fields) + member() + END)

    assert [getattr(part, fact) for part in volume.parts] == [True, False]
    assert unsummed(volume) == ()


def test_a_size_nobody_knew_is_not_held_against_a_member(tmp_path: Path) -> None:
    volume = read_archive(tmp_path, main() + member(file_flags=4 | 2 | 8, size=0) + END)

    assert volume.parts[0].member_bytes is None
    with pytest.raises(Damaged, match=r"book in x\.rar differs from its sum"):
        read_archive(tmp_path, main() + member(size=0) + END)


def test_headers_that_would_fill_the_memory_are_refused(tmp_path: Path) -> None:
    comment = block(3, 0, noise((1 << 21) - 20))

    assert read_archive(tmp_path, main() + comment * 3 + END).parts == ()
    with pytest.raises(Damaged, match="more than 8388608 bytes of RAR headers"):
        read_archive(tmp_path, main() + comment * 5 + END)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (rar5.MARKER + member(), "does not begin with the main header of a RAR archive"),
        (rar5.MARKER + block(4, 0, noise(21)), "The headers of x.rar are encrypted"),
        (main(), "ends too early"),
        (main() + member(), "ends too early"),
        (main() + END + b"\0", "does not end where its RAR volume ends"),
        (main() + block(99, 0), "RAR block of an unknown kind"),
        (main() + bytes(4) + b"\1\1\1", "damaged RAR header"),
        (main() + bytes(4) + b"\x80\x80\x80", "RAR header that is too short"),
        (main() + bytes(4) + b"\xff\xff\x7f", "ends too early"),
        (main() + framed(b"\x03\x82" + b"\xff" * 8), "RAR header that is too short"),
        (main() + framed(b"\x03\x02" + b"\x80" * 10 + b"\1"), "a number beyond all bounds"),
        (main() + framed(b"\x03\x02" + b"\xff" * 9 + b"\x02"), "a number beyond all bounds"),
        (main() + framed(b"\x03\x02" + b"\xff" * 9 + b"\x01"), "ends too early"),
        (main() + framed(b"\x03\x01\x05abcd"), "RAR header that is too short"),
        (main() + framed(b"\x02\x00\x00"), "RAR header that is too short"),
        (main() + framed(b"\x02\x00\x00\x00\x00\x00\x00\x7fname"), "RAR header that is too short"),
        (main() + member(extra=b"\x7f\x01"), "RAR header that is too short"),
        (main() + member(extra=b"\x00"), "RAR header that is too short"),
        (main() + member(extra=record(1, b"\0")), "RAR header that is too short"),
    ],
)
def test_what_is_no_sound_archive_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(Damaged, match=said):
        read_archive(tmp_path, data)
