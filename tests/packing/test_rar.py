import errno
import os
from datetime import date, timedelta
from pathlib import Path
from struct import unpack_from

import pytest
import rarfile

from releases.packing import PackingError, Payload, rar
from releases.packing.rar import Member, rar4, rar5
from tests.packing.making import (
    DATED,
    HEADERS_BYTES,
    make_payload,
    make_volumes,
    noise,
)

MAIN_AT, FILE_AT = 7, 20
"""Where the blocks of a first volume begin."""


@pytest.fixture(params=[4, 5])
def version(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


def read(paths: list[Path]) -> list[rar.Contents]:
    contents = []
    for path in paths:
        with rar.Tape(path, path.name) as tape:
            contents.append(rar.read(tape, tape.left))
    return contents


def read_one(path: Path, data: bytes) -> rar.Contents:
    path.write_bytes(data)
    return read([path])[0]


def test_volume_names_run_from_rar_to_z99() -> None:
    names = rar.volume_names("base", 901)

    assert names[:3] == ["base.rar", "base.r00", "base.r01"]
    assert names[100:102] == ["base.r99", "base.s00"]
    assert names[-1] == "base.z99"
    assert len(set(names)) == 901


@pytest.mark.parametrize(
    ("count", "first", "last"),
    [
        (1, "base.part01.rar", "base.part01.rar"),
        (99, "base.part01.rar", "base.part99.rar"),
        (100, "base.part001.rar", "base.part100.rar"),
        (9999, "base.part0001.rar", "base.part9999.rar"),
    ],
)
def test_names_of_rar_5_volumes_have_the_digits_of_their_count(
    count: int, first: str, last: str
) -> None:
    names = rar.volume_names("base", count, 5)

    assert (names[0], names[-1], len(set(names))) == (first, last, count)


@pytest.mark.parametrize(("version", "most"), [(4, 901), (5, 9999)])
def test_volume_names_end(version: int, most: int) -> None:
    with pytest.raises(PackingError, match=f"end at {most} volumes and {most + 1} are needed"):
        rar.volume_names("base", most + 1, version)


def test_a_version_nobody_writes_is_refused() -> None:
    with pytest.raises(PackingError, match="RAR 3 is not written here: choose one of 4, 5"):
        rar.dialect(3)


@pytest.mark.parametrize(("name", "said"), [("a.rar", True), ("A.R00", True), ("a.q00", False)])
def test_a_volume_is_known_by_its_name(name: str, said: bool) -> None:
    assert rar.is_volume_name(name) is said


EMPTY_VOLUME_BYTES = {4: HEADERS_BYTES + len("book.epub"), 5: 18 + 35 + 8}
"""Of a volume that holds nothing of a book below 16 KiB: head, header of the book, end."""


@pytest.mark.parametrize("more", [-1, 0, 1])
@pytest.mark.parametrize("volumes", [1, 2, 3])
def test_a_payload_takes_one_more_volume_exactly_when_it_must(
    tmp_path: Path, version: int, volumes: int, more: int
) -> None:
    first = 2 if version == 5 else 0  # no number in it
    room = 500 - EMPTY_VOLUME_BYTES[version]
    data = noise(first + volumes * room + more)

    paths = make_volumes(tmp_path, [make_payload(tmp_path, data)], 500, version)

    assert len(paths) == volumes + (more > 0)
    assert [path.stat().st_size for path in paths[:-1]] == [500] * (len(paths) - 1)
    assert rar.count([Member("book.epub", len(data))], 500, version) == len(paths)
    assert rarfile.RarFile(paths[0]).read("book.epub") == data


@pytest.mark.parametrize("first", range(300, 420, 7))
def test_several_files_come_back_wherever_the_first_one_ends(
    tmp_path: Path, version: int, first: int
) -> None:
    files = {"a": noise(first, 1), "empty": b"", "é": noise(3, 2), "big": noise(900, 3)}
    payloads = [make_payload(tmp_path, data, name) for name, data in files.items()]

    paths = make_volumes(tmp_path, payloads, 500, version)

    archive = rarfile.RarFile(paths[0])
    assert {name: archive.read(name) for name in files} == files


def test_nothing_takes_no_volume() -> None:
    assert rar.count([], 1000) == 0
    assert rar.layout([], 1000) == []


def test_counting_the_volumes_of_a_huge_file_takes_no_time() -> None:
    one_byte_each = HEADERS_BYTES + 8 + len("x") + 1

    assert rar.count([Member("x", 1 << 50)], one_byte_each) == 1 << 50


def test_a_volume_too_small_for_its_headers_is_refused() -> None:
    smallest = HEADERS_BYTES + len("a") + 1

    assert rar.count([Member("a", 3)], smallest) == 3
    with pytest.raises(PackingError, match="cannot hold the headers of a"):
        rar.layout([Member("a", 3)], smallest - 1)


@pytest.mark.parametrize("name", ["é", "世界.pdf", "a😀b", "ascii-é-ascii-ÿ-Ā.epub"])
def test_names_beyond_ascii_come_back(tmp_path: Path, version: int, name: str) -> None:
    path = make_volumes(tmp_path, [make_payload(tmp_path, b"x", name)], 500, version)[0]

    assert rarfile.RarFile(path).namelist() == [name]


@pytest.mark.parametrize(("size", "header_bytes"), [((1 << 31) - 1, 33), (1 << 31, 41)])
def test_sizes_take_64_bits_from_two_gibibytes_on(size: int, header_bytes: int) -> None:
    member = Member("a", size)
    part = rar.layout([member], 1 << 40)[0].parts[0]

    block = rar4.file_block(part, 0, DATED)

    assert len(block) == rar4.file_bytes(member) == header_bytes
    assert bool(unpack_from("<H", block, 3)[0] & 0x100) == (header_bytes == 41)


def test_a_header_of_rar_5_is_as_long_for_a_part_as_for_the_whole() -> None:
    member = Member("a", 300)
    one, *_, last = (volume.parts[0] for volume in rar.layout([member], 80, 5))

    assert len({len(rar5.file_block(part, 0, DATED)) for part in (one, last)}) == 1


def test_only_the_first_volume_of_rar_5_has_no_number(tmp_path: Path) -> None:
    paths = make_volumes(tmp_path, [make_payload(tmp_path, noise(10_000))], 100, 5)

    mains = [path.read_bytes()[8 + 4 + 2 : 18] for path in paths]

    assert mains[0][:2] == b"\x00\x01"
    assert mains[1:3] == [b"\x00\x03\x81\x00", b"\x00\x03\x82\x00"]
    assert mains[200] == b"\x00\x03\xc8\x01"


@pytest.mark.parametrize(
    ("number", "width", "written"),
    [
        (0, 1, "00"),
        (127, 1, "7f"),
        (128, 1, "8001"),
        (1, 3, "818000"),
        (1 << 63, 1, "80" * 9 + "01"),
    ],
)
def test_numbers_of_rar_5_are_as_wide_as_asked(number: int, width: int, written: str) -> None:
    assert rar5.vint(number, width).hex() == written


def test_only_the_first_volume_says_that_it_is_the_first(tmp_path: Path) -> None:
    paths = make_volumes(tmp_path, [make_payload(tmp_path, noise(700))], 300)

    flags = [unpack_from("<H", path.read_bytes(), MAIN_AT + 3)[0] for path in paths]

    assert flags == [0x0101, 0x0001, 0x0001, 0x0001]


@pytest.mark.parametrize(
    ("version", "first", "last"),
    [(4, date(1980, 1, 1), date(2107, 12, 31)), (5, date(1970, 1, 1), date(2105, 12, 31))],
)
def test_a_day_archives_cannot_write_is_refused(version: int, first: date, last: date) -> None:
    timestamp = rar.dialect(version).timestamp

    assert timestamp(first) < timestamp(last) < 1 << 32
    for day in (first - timedelta(1), last + timedelta(1)):
        with pytest.raises(PackingError, match=f"choose a day from {first.year} to {last.year}"):
            timestamp(day)


def test_the_day_is_written_at_midnight(tmp_path: Path, version: int) -> None:
    path = make_volumes(tmp_path, [make_payload(tmp_path)], 500, version)[0]

    assert rarfile.RarFile(path).infolist()[0].date_time == (2024, 5, 1, 0, 0, 0)


@pytest.mark.parametrize("make", ["link", "fifo", "device", "nothing"])
def test_only_files_and_folders_are_packed(tmp_path: Path, make: str) -> None:
    path = tmp_path / "payload"
    if make == "link":
        path.symlink_to(make_payload(tmp_path).path)
    if make == "fifo":
        os.mkfifo(path)
    if make == "device":
        path = Path("/dev/null")

    with pytest.raises(
        PackingError, match=r"is neither a file nor a folder|is not there: put it back"
    ):
        rar.Source.of(Payload(path=path, name="x"))


@pytest.mark.parametrize(
    ("code", "said"),
    [(errno.EIO, "The disk failed while /a was read"), (errno.EMFILE, "cannot be read: Too many")],
)
def test_what_the_system_says_of_reading_becomes_a_sentence(code: int, said: str) -> None:
    with pytest.raises(PackingError, match=said), rar.reading(Path("/a")):
        raise OSError(code, os.strerror(code))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, "No space left to write /a"),
        (errno.EDQUOT, "quota"),
        (errno.EACCES, "/a may not be written"),
        (errno.EROFS, "may only be read"),
        (errno.EIO, "The disk failed while /a was written"),
        (errno.EFBIG, "cannot be written: File too large"),
    ],
)
def test_what_the_system_says_of_writing_becomes_a_sentence(code: int, said: str) -> None:
    with pytest.raises(PackingError, match=said), rar.writing(Path("/a")):
        raise OSError(code, os.strerror(code))
