"""Archives as others wrote them before RAR 5."""

from pathlib import Path
from struct import pack
from typing import Any

import pytest
from isal.isal_zlib import crc32

from releases.packing.rar import Damaged, StoredPart, rar4
from tests.packing.foreign import BOOK_CRC, END, MORE, block, main, member
from tests.packing.making import faults_of, noise, read_archive, unsummed


def test_an_archive_that_is_no_set_is_read(tmp_path: Path) -> None:
    volume = read_archive(tmp_path, main() + member() + END)

    assert (volume.is_volume, volume.number, volume.is_last) == (False, None, True)
    assert volume.parts[0].crc == BOOK_CRC
    assert faults_of([volume]) == []
    assert faults_of([volume, volume])[0] == "x.rar is an archive of its own, not one of a set"


@pytest.mark.parametrize(
    ("flag", "fact"),
    [
        (0x0001, "is_volume"),
        (0x0010, "is_new_naming"),
        (0x0040, "has_recovery"),
    ],
)
def test_what_a_main_header_says_is_told(tmp_path: Path, flag: int, fact: str) -> None:
    assert getattr(read_archive(tmp_path, main(flag) + member() + END), fact)
    assert not getattr(read_archive(tmp_path, main() + member() + END), fact)


def long_service(data: bytes) -> bytes:
    """Return a service block whose sizes take 64 bits."""
    body = pack("<IIBIIBBHIII", len(data), 0, 3, 0, 0, 29, 0x30, 2, 0, 0, 0) + b"RR"
    return block(0x7A, 0x8100, body, data)


@pytest.mark.parametrize(
    "other",
    [
        block(0x75, 0, b"a comment of RAR 2"),
        block(0x78, 0xC000, pack("<I", 9) + b"Protect!", noise(9)),
        block(0x7F, 0x4000, b"of the future"),
        member(kind=0x7A, name=b"CMT"),
        long_service(noise(9)),
        b"??" + block(0x79, 0x8000, pack("<I", 3), b"abc")[2:],
    ],
    ids=["comment", "recovery", "unknown", "service", "long service", "signature without a sum"],
)
def test_blocks_that_are_no_members_are_passed_over(tmp_path: Path, other: bytes) -> None:
    volume = read_archive(tmp_path, main() + other + member() + other + END)

    assert [part.name for part in volume.parts] == ["book"]


def test_the_sum_of_a_header_does_not_cover_the_comment_in_it(tmp_path: Path) -> None:
    head = pack("<BHH", 0x73, 0x0002, 13 + 7) + bytes(6)
    header = member(b"", crc=0, flags=0x0008 | 0x0400)[2:] + b"pepper.."
    header = header[:3] + pack("<H", 40 + len(b"book") + 7) + header[5:]
    blocks = [pack("<H", crc32(one) & 0xFFFF) + one + b"comment" for one in (head, header)]

    volume = read_archive(tmp_path, rar4.MARKER + b"".join(blocks) + member(name=b"two"))

    assert [part.name for part in volume.parts] == ["book", "two"]


def test_an_old_set_has_no_end_blocks_and_no_numbers(tmp_path: Path) -> None:
    crcs: dict[str, Any] = {"crc": crc32(b"bo")}
    first = read_archive(tmp_path, main(1) + member(b"bo", size=4, flags=0x0002, **crcs))
    last = read_archive(tmp_path, main(1) + member(b"ok", size=4, flags=0x0001))
    other = read_archive(tmp_path, main(1) + member())

    assert [volume.has_end for volume in (first, last)] == [False, False]
    assert [volume.is_last for volume in (first, last)] == [False, True]
    assert faults_of([first, last]) == []
    assert faults_of([first, last, other]) == []
    assert faults_of([first]) == [
        "The volume after x.rar is missing",
        "x.rar breaks off within a file",
    ]
    assert read_archive(tmp_path, main(1)).is_last


def test_a_volume_without_its_end_block_is_found_by_those_that_have_theirs(tmp_path: Path) -> None:
    first = read_archive(
        tmp_path, main(1) + member(b"bo", size=4, flags=2, crc=crc32(b"bo")) + MORE
    )
    last = read_archive(tmp_path, main(1) + member(b"ok", size=4, flags=1))

    assert faults_of([first, last]) == ["x.rar ends too early"]


@pytest.mark.parametrize("method", [0x30, 0x33])
@pytest.mark.parametrize("flags", [0, 0x0004])
def test_what_cannot_be_unpacked_is_told_and_not_refused(
    tmp_path: Path, method: int, flags: int
) -> None:
    is_plain = (method, flags) == (0x30, 0)

    volume = read_archive(
        tmp_path,
        main() + member(method=method, flags=flags, crc=BOOK_CRC if is_plain else 1) + END,
    )

    part = volume.parts[0]
    assert (part.is_stored, part.is_encrypted) == (method == 0x30, bool(flags))
    assert volume.is_encrypted == bool(flags)
    assert unsummed(volume) == (() if is_plain else ("book",))
    assert faults_of([volume]) == []


def test_a_compressed_member_is_summed_part_by_part(tmp_path: Path) -> None:
    packed: dict[str, Any] = {"size": 99, "method": 0x33}
    parts = [
        member(b"bo", flags=0x0002, crc=crc32(b"bo"), **packed),
        member(b"ok", flags=0x0001, crc=0x1234, **packed),
    ]
    volumes = [
        read_archive(tmp_path, main(1) + part + end)
        for part, end in zip(parts, [MORE, END], strict=True)
    ]

    assert faults_of(volumes) == []
    assert [unsummed(volume) for volume in volumes] == [(), ("book",)]
    with pytest.raises(Damaged, match=r"book in x\.rar differs from its sum"):
        read_archive(tmp_path, main(1) + parts[0][:-2] + b"ob" + MORE)


@pytest.mark.parametrize(("version", "crc"), [(20, 0xFFFFFFFF), (15, 0x1234)])
def test_parts_that_old_archives_do_not_sum_are_summed_by_the_whole(
    tmp_path: Path, version: int, crc: int
) -> None:
    said: dict[str, Any] = {"size": 4, "version": version}
    first = read_archive(tmp_path, main(1) + member(b"bo", flags=0x0002, crc=crc, **said) + MORE)
    last = read_archive(tmp_path, main(1) + member(b"ok", flags=0x0001, **said) + END)
    other = read_archive(tmp_path, main(1) + member(b"ob", flags=0x0001, **said) + END)

    assert faults_of([first, last]) == []
    assert faults_of([first, other]) == ["x.rar ends a file that differs from its sum"]


@pytest.mark.parametrize(
    ("fields", "fact"),
    [
        ({"flags": 0x00E0}, "is_folder"),
        ({"version": 15, "attributes": 0x10}, "is_folder"),
        ({"attributes": 0o120777}, "is_link"),
    ],
)
def test_folders_and_links_are_told_from_files(
    tmp_path: Path, fields: dict[str, Any], fact: str
) -> None:
    def part(**fields: Any) -> StoredPart:
        return read_archive(tmp_path, main() + member(b"", crc=0, **fields) + END).parts[0]

    assert getattr(part(**fields), fact)
    assert not getattr(part(), fact)


def test_a_size_nobody_knew_is_not_held_against_a_member(tmp_path: Path) -> None:
    volume = read_archive(tmp_path, main() + member(size=0xFFFFFFFF) + END)

    assert volume.parts[0].member_bytes is None


def test_a_member_of_another_size_than_it_says_is_found(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match=r"book in x\.rar differs from its sum"):
        read_archive(tmp_path, main() + member(size=5) + END)


@pytest.mark.parametrize(
    ("field", "is_unicode", "name"),
    [
        (b"plain\\in\\folders", False, "plain/in/folders"),
        ("é世界".encode(), False, "é世界"),
        (b"\x82t\x82.txt", False, "été.txt"),
        (b"\x1b[2J\r\x7f", False, "\N{REPLACEMENT CHARACTER}[2J" + "\N{REPLACEMENT CHARACTER}" * 2),
        ("é".encode(), True, "é"),
        (b"_\x00\x00\x00\xe9", True, "é"),
        (b"__\x00\x04\x50\x12\x34", True, "\u0412\u0434"),
        (b"a\\_\x00\x00\x08a\\\x16\x4e", True, "a/\u4e16"),
        (b"book_.txt\x00\x00\xec\x02\x16\x4e\x00", True, "book\u4e16.t"),
        (b"ABCD\x00\x04\xc0\x82\x01", True, "".join(chr(0x400 + ord(c) + 1) for c in "ABCD")),
        (b"ab\x00", True, ""),
        (b"ab\x00\x00\x80\x41", True, ""),
        (b"ab\x00\x00\x80\x00\xd8", True, "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_names_are_read_however_they_are_written(
    tmp_path: Path, field: bytes, is_unicode: bool, name: str
) -> None:
    volume = read_archive(tmp_path, main() + member(name=field, flags=0x0200 * is_unicode) + END)

    assert volume.parts[0].name == name


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04....", "holds no RAR volume"),
        (rar4.MARKER[:-1] + b"\x07\x00", "holds no RAR volume"),
        (rar4.MARKER + member(), "does not begin with the main header of a RAR archive"),
        (main(0x0080) + noise(50), "The headers of x.rar are encrypted"),
        (main() + block(0x60, 0), "RAR block of an unknown kind"),
        (main() + pack("<HBHH", 0x1234, 0x75, 0, 3), "damaged RAR header"),
        (main() + block(0x74, 0x8000, bytes(20)), "RAR header that is too short"),
        (main() + block(0x7A, 0x8100, bytes(28)), "RAR header that is too short"),
        (main() + block(0x75, 0x8000), "RAR header that is too short"),
        (main() + member()[:-4] + b"kb", "damaged RAR header|ends too early"),
        (main() + member(name=b"").replace(b"\0\0", b"\0\1"), "damaged RAR header"),
        (main() + block(0x78, 0x8000, pack("<I", 0xFFFFFFFF)), "ends too early"),
        (main() + block(0x7B, 0x4002, bytes(3)), "no complete end block"),
        (main() + block(0x7B, 0x4008, bytes(1)), "no complete end block"),
        (main() + block(0x7B, 0x4002, bytes(4)), "differs from the sum in its end block"),
        (main(0x0101), "ends too early"),
        (main() + member() + END + b"Rar!", "does not end where its RAR volume ends"),
    ],
)
def test_what_is_no_sound_archive_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(Damaged, match=said):
        read_archive(tmp_path, data)


def test_a_name_longer_than_its_header_is_refused(tmp_path: Path) -> None:
    body = pack("<IIBIIBBHI", 0, 0, 3, 0, 0, 20, 0x30, 99, 0)

    with pytest.raises(Damaged, match="RAR header that is too short"):
        read_archive(tmp_path, main() + block(0x74, 0x8000, body + b"name"))
