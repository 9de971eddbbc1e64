import zipfile
from pathlib import Path
from zlib import crc32

import pytest

from releases.packing import rar
from releases.packing import zip as zips
from releases.packing.rar import Damaged
from tests.packing.making import DATED, flipped, make_payload, make_volumes, noise
from tests.packing.zipped import read_zip

DIZ, NFO = b"DISK: [01/01]\r\n", b"Author - Title\r\n"
COMPANIONS = (("file_id.diz", DIZ), ("grp-title.nfo", NFO))


def make_zip(folder: Path) -> Path:
    """Write a RAR volume, and a ZIP around it as the packer does."""
    volume = make_volumes(folder, [make_payload(folder, noise(300))], 1000)[0].read_bytes()
    envelope = zips.Envelope("set01.rar", COMPANIONS, DATED)
    path = folder / "set01.zip"
    with rar.Output(path) as output:
        output.write(volume, envelope.head_bytes)
        envelope.close(output, len(volume), crc32(volume))
    assert path.stat().st_size == len(volume) + envelope.added_bytes
    return path


def test_others_read_what_the_envelope_holds(tmp_path: Path) -> None:
    path = make_zip(tmp_path)

    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["set01.rar", "file_id.diz", "grp-title.nfo"]
        assert archive.testzip() is None
        assert archive.read("set01.rar") == (tmp_path / "set.rar").read_bytes()
        assert archive.read("file_id.diz") == DIZ
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        assert {entry.date_time for entry in archive.infolist()} == {(2024, 5, 1, 0, 0, 0)}


def test_close_returns_the_sum_of_the_whole_file(tmp_path: Path) -> None:
    path = make_zip(tmp_path)
    volume = (tmp_path / "set.rar").read_bytes()

    with rar.Output(path, is_new=False) as output:
        envelope = zips.Envelope("set01.rar", COMPANIONS, DATED)
        crc = envelope.close(output, len(volume), crc32(volume))

    assert crc == crc32(path.read_bytes())


def test_read_gives_the_volume_the_description_and_the_nfo(tmp_path: Path) -> None:
    contents = read_zip(make_zip(tmp_path))

    assert contents.volume is not None
    assert contents.volume.parts[0].size == 300
    assert contents.diz == DIZ
    assert (contents.nfo_name, contents.nfo) == ("grp-title.nfo", NFO)


ANCHORS = {
    "file": b"PK\x03\x04",
    "diz": DIZ,
    "nfo": NFO,
    "directory": b"PK\x01\x02",
    "end": b"PK\x05\x06",
}


@pytest.mark.parametrize(
    ("anchor", "offset", "said"),
    [
        ("file", 14, "directory of .* differs from its entries"),
        ("file", 70, "damaged RAR header|differs from its sum"),
        ("diz", 3, "file_id.diz in .* differs from its sum"),
        ("nfo", 3, "grp-title.nfo in .* differs from its sum"),
        ("file", 0, "directory of .* differs from its entries"),
        ("directory", 0, "directory of .* does not end as it should"),
        ("directory", 16, "directory of .* differs from its entries"),
        ("directory", 42, "ends too early|overlap"),
        ("directory", 46, "directory of .* differs from its entries"),
        ("end", 0, "cut off, or something follows its end"),
        ("end", 4, "is one of several parts"),
        ("end", 8, "does not end as it should"),
        ("end", 12, "does not end as it should"),
        ("end", 16, "does not end as it should"),
        ("end", 20, "cut off, or something follows its end"),
    ],
)
def test_a_flipped_byte_is_found(tmp_path: Path, anchor: str, offset: int, said: str) -> None:
    path = make_zip(tmp_path)
    data = path.read_bytes()
    path.write_bytes(flipped(data, data.index(ANCHORS[anchor]) + offset))

    with pytest.raises(Damaged, match=said):
        read_zip(path)


def test_what_follows_the_directory_is_found(tmp_path: Path) -> None:
    path = make_zip(tmp_path)
    path.write_bytes(path.read_bytes() + b"\0")

    with pytest.raises(Damaged, match="cut off, or something follows its end"):
        read_zip(path)
