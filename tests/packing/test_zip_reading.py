"""Reading ZIPs of anybody: sound ones, strange ones and hostile ones."""

import random
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from struct import pack_into
from typing import Any
from zlib import crc32

import pytest
from isal.isal_zlib import crc32_combine

from releases.packing.rar import Damaged
from releases.packing.zip import DEFLATED, STORED, directory, headers
from tests.packing.conftest import judge
from tests.packing.making import flipped, make_payload, make_volumes, noise
from tests.packing.zipped import make_zip, read_zip

DIZ, NFO = b"DISK: [01/01]\r\n" * 20, b"Author - Title\r\n" * 20


class Pipe(BytesIO):
    """Where nothing can be written again, so that sizes follow the data."""

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0) -> int:
        raise OSError("a pipe")

    def tell(self) -> int:
        raise OSError("a pipe")


def zipped(file: BytesIO, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    """Return a ZIP that Python's library adds to what `file` holds."""
    with zipfile.ZipFile(file, "a" if file.seekable() else "w", method) as archive:
        archive.writestr("FILE_ID.DIZ", DIZ)
        archive.writestr("grp.nfo", NFO)
        archive.writestr("folder/", b"")
        archive.writestr("Épée.txt", noise(70_000) + bytes(700_000))
        archive.writestr("empty", b"")
        archive.comment = comment
    return file.getvalue()


FOREIGN = {
    "deflated": zipped(BytesIO()),
    "stored": zipped(BytesIO(), zipfile.ZIP_STORED),
    "sized after the data": zipped(Pipe()),
    "stored and sized after the data": zipped(Pipe(), zipfile.ZIP_STORED),
    "with a comment": zipped(BytesIO(), comment=b"PK\5\6" * 30),
    "after something else": zipped(BytesIO(b"#!/bin/sh\n")),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_the_zips_of_others_are_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / "foreign.zip"
    path.write_bytes(FOREIGN[name])

    contents = read_zip(path)

    names = ["FILE_ID.DIZ", "grp.nfo", "folder/", "Épée.txt", "empty"]
    assert [entry.name for entry in contents.entries] == names
    assert [entry.is_folder for entry in contents.entries] == [name == "folder/" for name in names]
    assert (contents.diz, contents.nfo, contents.nfo_name) == (DIZ, NFO, "grp.nfo")


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    return make_volumes(tmp_path, [make_payload(tmp_path, noise(300))], 1000)[0]


def test_a_volume_is_read_where_it_is_stored(tmp_path: Path, volume: Path) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(volume, "set01.rar")

    assert read_zip(path).volume is not None


def test_a_volume_that_is_deflated_is_a_fact(tmp_path: Path, volume: Path) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(volume, "set01.rar")

    contents = read_zip(path)

    assert contents.volume is None
    assert [(entry.name, entry.method) for entry in contents.entries] == [("set01.rar", DEFLATED)]


@pytest.mark.parametrize("name", ["file_id.diz", "grp.nfo"])
def test_no_text_is_kept_that_is_no_small_file(tmp_path: Path, name: str) -> None:
    path = make_zip(tmp_path, {"other.txt": b""})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, bytes(1 << 21))

    contents = read_zip(path)

    assert (contents.diz, contents.nfo) == (b"", b"")


def test_what_is_encrypted_is_a_fact(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_bytes(DIZ)
    subprocess.run(
        [judge("7z"), "a", "-psecret", "encrypted.zip", "secret.txt"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )

    entries = read_zip(tmp_path / "encrypted.zip").entries

    assert [(entry.is_encrypted, entry.is_summed) for entry in entries] == [(True, False)]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_in_another_way_is_a_fact(tmp_path: Path, method: int) -> None:
    path = tmp_path / "foreign.zip"
    path.write_bytes(zipped(BytesIO(), method))

    contents = read_zip(path)

    assert contents.entries[0].method == method
    assert not contents.entries[0].is_summed
    assert contents.diz == b""


def test_sizes_of_64_bits_are_read(tmp_path: Path) -> None:
    path = tmp_path / "wide.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("grp.nfo", "w", force_zip64=True) as file,
    ):
        file.write(NFO)

    assert read_zip(path).nfo == NFO


def make_entry(**fields: Any) -> headers.Entry:
    defaults: dict[str, Any] = {
        "name": "a",
        "flags": 0,
        "method": STORED,
        "time": 0,
        "crc": 0,
        "packed": 0,
    }
    return headers.Entry(**defaults | {"size": 0, "offset": 0} | fields)


def joined(path: Path, entries: list[headers.Entry], data: list[bytes]) -> Path:
    """Write a ZIP that says what `entries` say, each with its own of `data`."""
    files = [entry.local_header() + held for entry, held in zip(entries, data, strict=True)]
    path.write_bytes(b"".join(files) + headers.directory(entries, sum(map(len, files))))
    return path


def placed(count: int) -> list[headers.Entry]:
    """Return entries that hold nothing, one after another."""
    return [
        make_entry(name=f"{number:06}", offset=number * (headers.LOCAL_BYTES + 6))
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [65_534, 65_535])
def test_more_entries_than_16_bits_can_count(tmp_path: Path, count: int) -> None:
    path = joined(tmp_path / "many.zip", placed(count), [b""] * count)

    assert len(read_zip(path).entries) == count
    with zipfile.ZipFile(path) as archive:
        assert len(archive.namelist()) == count


def test_an_empty_zip_is_read(tmp_path: Path) -> None:
    assert read_zip(joined(tmp_path / "empty.zip", [], [])).entries == []


def test_entries_may_be_listed_in_any_order(tmp_path: Path) -> None:
    entries = placed(3)
    files = b"".join(entry.local_header() for entry in entries)
    path = tmp_path / "shuffled.zip"
    path.write_bytes(files + headers.directory(entries[::-1], len(files)))

    assert read_zip(path).entries == entries[::-1]


@pytest.mark.slow
def test_files_of_4_gib_are_written_and_read(tmp_path: Path) -> None:
    size = headers.MAX_BYTES + 10
    path, crc = tmp_path / "large.zip", 0
    for _ in range(size >> 20):
        crc = crc32_combine(crc, crc32(bytes(1 << 20)), 1 << 20)
    crc = crc32(bytes(size & 0xFFFFF), crc)
    large = make_entry(name="large", packed=size, size=size, crc=crc)
    small = make_entry(name="small", offset=large.local_bytes + size)
    with path.open("wb") as file:
        file.write(large.local_header())
        file.seek(size, 1)  # a hole
        file.write(small.local_header())
        file.write(headers.directory([large, small], small.offset + small.local_bytes))

    assert read_zip(path).entries == [large, small]
    with zipfile.ZipFile(path) as archive:
        assert [entry.file_size for entry in archive.infolist()] == [size, 0]
        assert archive.read("small") == b""
    path.unlink()


def set_at(magic: bytes, offset: int, form: str, *values: int) -> Callable[[bytes], bytes]:
    def changed(data: bytes) -> bytes:
        mutable = bytearray(data)
        pack_into(form, mutable, data.index(magic) + offset, *values)
        return bytes(mutable)

    return changed


def in_both(offset: int, form: str, *values: int) -> Callable[[bytes], bytes]:
    """Change a field of the first entry, in its header and in the directory."""
    local = set_at(b"PK\3\4", offset, form, *values)
    central = set_at(b"PK\1\2", offset + 2, form, *values)
    return lambda data: central(local(data))


TEXT = {"a.txt": b"bottles of beer " * 1000}
HOSTILE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "no file at all": (lambda _: b"", "ends too early"),
    "only an end": (lambda data: data[-22:], "does not end as it should"),
    "a size no deflate reaches": (in_both(22, "<I", 0xFFFFFFF0), "cannot be as large as it says"),
    "a size that is too small": (in_both(22, "<I", 15_999), "is not as large as it says"),
    "a size that is too large": (in_both(22, "<I", 16_001), "is not as large as it says"),
    "data that is no deflate": (set_at(b"a.txt", 5, "<I", 0xFFFFFFFF), "cannot be unpacked"),
    "data that breaks off": (in_both(18, "<I", 20), "cannot be unpacked"),
    "data that goes on": (in_both(18, "<I", 140), "cannot be unpacked"),
    "data to the end": (in_both(18, "<I", 0x00FFFFFF), "ends too early|cannot be unpacked"),
    "stored, of another size": (in_both(8, "<H", STORED), "differs from its entries"),
    "another sum": (in_both(14, "<I", 7), "a.txt in plain.zip differs from its sum"),
    "another time": (set_at(b"PK\3\4", 10, "<I", 7), "differs from its entries"),
    "the same header twice": (set_at(b"PK\1\2", 42, "<I", 40), "too early|overlap"),
    "an entry beyond the file": (set_at(b"PK\1\2", 42, "<I", 0xFFFFFFF0), "ends too early|overlap"),
    "more entries than there are": (set_at(b"PK\5\6", 8, "<HH", 9, 9), "does not end as it should"),
    "fewer entries than there are": (set_at(b"PK\5\6", 8, "<HH", 1, 1), "not end as it should"),
    "one of many disks": (set_at(b"PK\5\6", 4, "<HH", 1, 1), "is one of several parts"),
    "a sum that never follows": (in_both(6, "<H", headers.SIZED_AFTER), "differs from its entries"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_found(tmp_path: Path, name: str) -> None:
    change, said = HOSTILE[name]
    path = make_zip(tmp_path, TEXT)
    path.write_bytes(change(path.read_bytes()))

    with pytest.raises(Damaged, match=said):
        read_zip(path)


def test_two_entries_of_one_name_are_found(tmp_path: Path) -> None:
    entries = [make_entry(), make_entry(offset=make_entry().local_bytes)]

    with pytest.raises(Damaged, match="holds a twice"):
        read_zip(joined(tmp_path / "twice.zip", entries, [b"", b""]))


def test_entries_that_overlap_are_found(tmp_path: Path) -> None:
    entries = [
        make_entry(packed=40, size=40, crc=crc32(bytes(40))),
        make_entry(name="b", offset=40),
    ]

    with pytest.raises(Damaged, match="entries that overlap"):
        read_zip(joined(tmp_path / "overlap.zip", entries, [bytes(40), b""]))


@pytest.mark.parametrize("limit", ["MAX_ENTRIES", "MAX_DIRECTORY_BYTES"])
def test_a_directory_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(directory, limit, 2)

    with pytest.raises(Damaged, match="more files than can be listed"):
        read_zip(joined(tmp_path / "many.zip", placed(3), [b""] * 3))


WIDE = b"PK\6\6"
LOCATOR = b"PK\6\7"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("many") / "many.zip"
    return joined(path, placed(65_535), [b""] * 65_535).read_bytes()


@pytest.mark.parametrize(
    ("magic", "offset", "form", "value"),
    [
        (LOCATOR, 4, "<I", 1),
        (LOCATOR, 8, "<Q", 1 << 63),
        (LOCATOR, 8, "<Q", 0),
        (LOCATOR, 16, "<I", 2),
        (WIDE, 4, "<Q", 45),
        (WIDE, 40, "<Q", 1 << 60),
        (WIDE, 48, "<Q", 1),
        (b"PK\5\6", 12, "<I", 1),
    ],
)
def test_a_64_bit_end_that_contradicts_itself_is_found(
    tmp_path: Path, many: bytes, magic: bytes, offset: int, form: str, value: int
) -> None:
    path = tmp_path / "many.zip"
    path.write_bytes(set_at(magic, offset, form, value)(many))

    with pytest.raises(Damaged, match="does not end as it should"):
        read_zip(path)


def test_any_flipped_byte_is_found_but_of_what_may_be_said_anyhow(tmp_path: Path) -> None:
    path = make_zip(tmp_path, TEXT | {"noise": noise(90), "empty": b""})
    data, entries = path.read_bytes(), read_zip(path).entries

    free = {at for entry in entries for at in free_bytes(entry)}
    for at in {*range(data.index(headers.CENTRAL_MAGIC))} - free:
        path.write_bytes(flipped(data, at))
        with pytest.raises(Damaged):
            read_zip(path)


def free_bytes(entry: headers.Entry) -> Iterator[int]:
    """Yield where the version is, and deflated data: another way may lead to the same bytes."""
    yield from (entry.offset + 4, entry.offset + 5)
    if entry.method == DEFLATED:
        start = entry.offset + entry.local_bytes
        yield from range(start, start + entry.packed)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return `data` with bytes flipped, a stretch cut out, or two stretches swapped."""
    first, second = sorted(chance.randrange(len(data)) for _ in range(2))
    match chance.randrange(4):
        case 0:
            return data[:first] + data[second:]
        case 1:
            return data[second:] + data[first:second] + data[:first]
        case 2:
            return data[:first] + bytes([255]) * min(8, second - first) + data[first + 8 :]
    for _ in range(chance.randrange(1, 9)):
        data = flipped(data, chance.randrange(len(data)))
    return data


@pytest.mark.parametrize("name", [*FOREIGN][:4])
def test_hostile_input_is_damaged_and_nothing_else(tmp_path: Path, name: str, volume: Path) -> None:
    path, chance = tmp_path / "fuzzed.zip", random.Random(name)
    sound = 0
    for _ in range(300):
        path.write_bytes(mutated(FOREIGN[name][:1200], chance) + FOREIGN[name][1200:])
        try:
            read_zip(path)
        except Damaged:
            continue
        sound += 1
    assert sound < 300
