"""The plain scheme: all payloads deflated in one ZIP."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from releases.packing import Package, PackingError, Payload, adopt, pack, verify
from tests.packing.making import NAME, flipped, make_payload, make_plan, noise, shown

TEXT = b"".join(b"%d bottles of beer on the wall\r\n" % number for number in range(9000))
NFO = "grp-author.title.nfo"


def packed(tmp_path: Path, into: Path, **fields: Any) -> Package:
    plain = {"scheme": "plain", "volume_base": "grp-author.title"}
    return pack(make_plan(tmp_path, **plain | fields), into)


def test_a_plain_release_is_one_zip_with_nfo_and_diz_in_it_and_beside_it(
    tmp_path: Path, into: Path
) -> None:
    payloads = (make_payload(tmp_path, TEXT), make_payload(tmp_path, noise(900), "cover.jpg"))

    package = packed(tmp_path, into, payloads=payloads)

    assert shown(package.folder) == ["file_id.diz", "grp-author.title.nfo", "grp-author.title.zip"]
    assert package.volumes == 1
    with zipfile.ZipFile(package.folder / "grp-author.title.zip") as archive:
        assert archive.namelist() == ["book.epub", "cover.jpg", "file_id.diz", NFO]
        assert archive.read("book.epub") == TEXT
        assert archive.read("file_id.diz") == (package.folder / "file_id.diz").read_bytes()
        assert archive.read(NFO) == (package.folder / NFO).read_bytes()
    assert (package.folder / "file_id.diz").read_bytes().startswith(b"DISK: [01/01]")
    assert verify(package.folder).faults == ()


def test_folders_go_in_with_all_below_them(tmp_path: Path, into: Path) -> None:
    (tmp_path / "extras" / "empty").mkdir(parents=True)
    (tmp_path / "extras" / "notes.txt").write_bytes(TEXT)

    package = packed(tmp_path, into, payloads=(Payload(path=tmp_path / "extras", name="extras"),))

    with zipfile.ZipFile(package.folder / "grp-author.title.zip") as archive:
        assert {"extras/", "extras/empty/", "extras/notes.txt"} <= {*archive.namelist()}


def test_sums_may_lie_beside_it(tmp_path: Path, into: Path) -> None:
    package = packed(tmp_path, into, sfv=True, manifest=True)

    assert shown(into) == [NAME, f"{NAME}.sfv", f"{NAME}.sha256"]
    assert verify(package.folder).faults == ()


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path, into: Path) -> None:
    (tmp_path / "again").mkdir()

    first, second = packed(tmp_path, into), packed(tmp_path, tmp_path / "again")

    assert first.files == second.files


def test_what_was_packed_before_is_adopted(tmp_path: Path, into: Path) -> None:
    package = packed(tmp_path, into)

    adopted = adopt(make_plan(tmp_path, scheme="plain", volume_base="grp-author.title"), into)

    assert adopted == package


def test_a_flipped_byte_of_its_headers_is_found(tmp_path: Path, into: Path) -> None:
    package = packed(tmp_path, into)
    path = package.folder / "grp-author.title.zip"
    data = path.read_bytes()

    path.write_bytes(flipped(data, 15))

    faults = [str(fault) for fault in verify(package.folder).faults]
    assert faults == [f"The directory of {NAME}/{path.name} differs from its entries"]


@pytest.mark.parametrize("name", ["FILE_ID.DIZ", "grp-author.TITLE.nfo"])
def test_a_payload_named_like_what_lies_beside_it_is_refused(
    tmp_path: Path, into: Path, name: str
) -> None:
    with pytest.raises(PackingError, match=f"Two files would both be {name} in the archive"):
        packed(tmp_path, into, payloads=(make_payload(tmp_path, TEXT, name),))

    assert shown(into) == []


def test_a_cancelled_packing_leaves_nothing(tmp_path: Path, into: Path) -> None:
    def cancel(stage: str, done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pack(make_plan(tmp_path, scheme="plain"), into, cancel)

    assert shown(into) == []


def test_no_space_is_told_before_a_byte_is_written(tmp_path: Path, into: Path) -> None:
    path = tmp_path / "huge.bin"
    with path.open("wb") as file:
        file.truncate(1 << 43)  # a hole

    with pytest.raises(PackingError, match="No space left"):
        packed(tmp_path, into, payloads=(Payload(path=path, name="huge.bin"),))
