import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from releases.packing import Package, diz, manifest, pack, sfv, verify
from releases.packing.rar import Damaged
from releases.packing.verify.sets import MAX_MISSING
from tests.packing.conftest import judge
from tests.packing.foreign import END, main, member
from tests.packing.making import NAME, flipped, make_payload, make_plan, noise


def faults(root: Path, written: dict[str, int] | None = None) -> list[str]:
    return [str(fault) for fault in verify(root / NAME, written=written or {}).faults]


def written(package: Package) -> dict[str, int]:
    return {file.path: int(file.crc32, 16) for file in package.files if file.kind != "manifest"}


@pytest.fixture(params=["zip", "rar"])
def package(request: pytest.FixtureRequest, tmp_path: Path, into: Path) -> Package:
    return pack(make_plan(tmp_path, scheme=request.param, sfv=True, manifest=True), into)


def test_a_sound_release_is_read_back_as_it_was_packed(package: Package, into: Path) -> None:
    verdict = verify(into / NAME)

    assert verdict.faults == ()
    assert {file.path: file for file in verdict.files} == {
        file.path: file for file in package.files
    }


def test_volumes_come_first_and_in_their_order(package: Package, into: Path) -> None:
    kinds = [file.kind for file in verify(into / NAME).files]

    assert kinds == sorted(kinds, key=["volume", "nfo", "diz", "sfv", "manifest"].index)


def test_a_flipped_byte_in_any_file_is_found_and_the_file_named(
    package: Package, into: Path
) -> None:
    expected = written(package)
    for file in package.files:
        path = into / file.path
        data = path.read_bytes()
        for at in {*range(0, len(data), max(1, len(data) // 30)), len(data) - 1}:
            path.write_bytes(flipped(data, at))
            assert any(file.path in fault for fault in faults(into, expected)), (file.path, at)
        path.write_bytes(data)
    assert faults(into, expected) == []


def test_a_flipped_byte_is_found_by_the_manifest_alone(package: Package, into: Path) -> None:
    for file in package.files:
        path = into / file.path
        data = path.read_bytes()
        path.write_bytes(flipped(data, len(data) // 2))
        assert any(f"{NAME}.sha256" in fault for fault in faults(into)), file.path
        path.write_bytes(data)


def test_a_missing_file_is_found(package: Package, into: Path) -> None:
    expected = written(package)
    for file in package.files:
        if file.kind != "manifest":
            path = into / file.path
            data = path.read_bytes()
            path.unlink()
            assert f"{file.path} is missing" in faults(into, expected)
            path.write_bytes(data)


def test_a_file_nobody_can_read_is_found(package: Package, into: Path) -> None:
    path = into / package.files[0].path
    path.write_bytes(b"")

    assert faults(into)[0].startswith(f"{package.files[0].path} ")


def test_a_file_that_goes_while_it_is_looked_for_is_found(package: Package, into: Path) -> None:
    paths = [into / file.path for file in package.files]

    def remove_the_last(stage: str, done: int, total: int) -> None:
        paths[-1].unlink(missing_ok=True)

    verdict = verify(into / NAME, remove_the_last)

    assert f"{paths[-1]} is not there: put it back, or choose another" in map(str, verdict.faults)


def bare(tmp_path: Path, into: Path, **fields: Any) -> Path:
    """Pack without sums beside the folder, and return the folder."""
    return pack(make_plan(tmp_path, **fields), into).folder


@pytest.mark.parametrize(("disk", "disks"), [(2, 3), (3, 4), (3, 2)])
def test_a_zip_that_counts_otherwise_is_found(
    tmp_path: Path, into: Path, disk: int, disks: int
) -> None:
    folder = bare(tmp_path, into)
    rebuilt(folder / "grp12303.zip", diz.NAME, diz.render([], disk, disks))

    assert faults(into) == [
        f"file_id.diz in {NAME}/grp12303.zip does not say that it is disk 3 of 3"
    ]


def rebuilt(path: Path, name: str, data: bytes) -> None:
    """Replace one entry of the ZIP at `path`."""
    with zipfile.ZipFile(path) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for entry, content in (entries | {name: data}).items():
            archive.writestr(entry, content)


@pytest.mark.parametrize("name", ["grp-author.title.nfo", "file_id.diz"])
def test_a_loose_file_that_is_not_that_of_the_zips_is_found(
    tmp_path: Path, into: Path, name: str
) -> None:
    folder = bare(tmp_path, into)
    (folder / name).write_bytes(b"other\r\n")

    assert f"{NAME}/{name} differs from its copies in the ZIPs" in faults(into)


def test_a_zip_without_a_volume_is_found(tmp_path: Path, into: Path) -> None:
    folder = bare(tmp_path, into)
    with zipfile.ZipFile(folder / "grp12302.zip", "w") as archive:
        archive.writestr(diz.NAME, diz.render([], 2, 3))

    assert faults(into) == [f"{NAME}/grp12302.zip holds no RAR volume"]


def test_a_missing_volume_is_found_without_any_sum(tmp_path: Path, into: Path) -> None:
    folder = bare(tmp_path, into)
    (folder / "grp12303.zip").unlink()

    assert faults(into) == [f"{NAME}/grp12303.zip is missing"]


def test_an_sfv_lists_every_volume(tmp_path: Path, into: Path) -> None:
    folder = bare(tmp_path, into, scheme="rar")
    path = folder / "grp-author.title.sfv"
    sums = sfv.parse(path.read_bytes())
    nfo = folder / "grp-author.title.nfo"

    path.write_bytes(sfv.render([*sums[1:], (nfo.name, crc32(nfo.read_bytes()))]))

    assert faults(into) == [
        f"{NAME}/grp-author.title.rar is not listed in {NAME}/grp-author.title.sfv"
    ]


@pytest.mark.parametrize("name", [f"{NAME}.sfv", f"{NAME}.sha256"])
def test_a_listing_of_nonsense_is_found(tmp_path: Path, into: Path, name: str) -> None:
    bare(tmp_path, into)
    (into / name).write_bytes(b"nonsense\n")

    assert [fault for fault in faults(into) if fault.startswith(f"{name} cannot be read: Line 1")]


def test_a_listing_too_long_to_be_one_is_not_kept_in_memory(tmp_path: Path, into: Path) -> None:
    bare(tmp_path, into)
    with (into / f"{NAME}.sfv").open("wb") as file:
        file.truncate(1 << 23)

    assert len(faults(into)) == 3


def test_a_manifest_lists_every_other_file(tmp_path: Path, into: Path) -> None:
    folder = pack(make_plan(tmp_path, manifest=True), into).folder
    (folder / "proof.jpg").write_bytes(noise(10))

    assert faults(into) == [f"{NAME}/proof.jpg is not listed in {NAME}.sha256"]
    path = into / f"{NAME}.sha256"
    files = verify(into / NAME).files
    sums = {file.path: file.sha256 for file in files if file.kind != "manifest"}
    path.write_bytes(manifest.render(sums.items()))
    assert faults(into) == []


def test_files_in_folders_of_the_release_are_read_too(tmp_path: Path, into: Path) -> None:
    folder = bare(tmp_path, into, scheme="rar")
    (folder / "Sample").mkdir()
    (folder / "Sample" / "grp-sample.mkv").write_bytes(noise(10))

    verdict = verify(into / NAME)

    assert verdict.faults == ()
    assert verdict.files[-1].kind == "sample"
    assert verdict.files[-1].path == f"{NAME}/Sample/grp-sample.mkv"


def test_a_release_moved_elsewhere_is_still_sound(package: Package, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(package.folder.parent, elsewhere)

    assert faults(elsewhere) == []


def set_of_four(tmp_path: Path, into: Path, **fields: Any) -> Path:
    payload = make_payload(tmp_path, noise(3500))
    return bare(tmp_path, into, payloads=(payload,), **fields)


@pytest.mark.parametrize("gone", ["rar", "r00", "r01", "r02"])
def test_each_missing_rar_volume_is_named_once(tmp_path: Path, into: Path, gone: str) -> None:
    folder = set_of_four(tmp_path, into, scheme="rar")
    (folder / f"grp-author.title.{gone}").unlink()

    assert faults(into) == [f"{NAME}/grp-author.title.{gone} is missing"]


@pytest.mark.parametrize("gone", ["rar", "r00", "r01", "r02"])
def test_missing_rar_volumes_are_named_without_an_sfv(
    tmp_path: Path, into: Path, gone: str
) -> None:
    folder = set_of_four(tmp_path, into, scheme="rar")
    (folder / "grp-author.title.sfv").unlink()
    (folder / f"grp-author.title.{gone}").unlink()

    assert faults(into) == [f"{NAME}/grp-author.title.{gone} is missing"]


@pytest.mark.parametrize("gone", [1, 2, 3, 4])
def test_each_missing_zip_is_named_once(tmp_path: Path, into: Path, gone: int) -> None:
    folder = set_of_four(tmp_path, into)
    (folder / f"grp1230{gone}.zip").unlink()

    assert faults(into) == [f"{NAME}/grp1230{gone}.zip is missing"]


def test_missing_volumes_of_a_set_named_by_parts_are_named(tmp_path: Path, into: Path) -> None:
    folder = set_of_four(tmp_path, into, scheme="rar", rar_version=5)
    (folder / "grp-author.title.part03.rar").unlink()

    assert faults(into) == [f"{NAME}/grp-author.title.part03.rar is missing"]


def test_a_number_beyond_reason_has_not_all_volumes_before_it_named(
    tmp_path: Path, into: Path
) -> None:
    folder = set_of_four(tmp_path, into, scheme="rar", rar_version=5)
    part = folder / "grp-author.title.part04.rar"
    part.rename(part.with_name(f"grp-author.title.part{'9' * 30}.rar"))

    missing = [fault for fault in faults(into) if fault.endswith(" is missing")]

    assert missing[0] == f"{NAME}/grp-author.title.part04.rar is missing"
    assert len(missing) == MAX_MISSING


def test_a_set_renamed_against_its_headers_is_found(tmp_path: Path, into: Path) -> None:
    folder = set_of_four(tmp_path, into, scheme="rar")
    (folder / "grp-author.title.sfv").unlink()
    for number, end in enumerate(["rar", "r00", "r01", "r02"], 1):
        (folder / f"grp-author.title.{end}").rename(folder / f"title.part{number}.rar")

    assert faults(into) == [
        f"{NAME}/title.part1.rar says that its set is named otherwise: the next volume is not found"
    ]


def test_a_damaged_volume_hides_no_missing_one(tmp_path: Path, into: Path) -> None:
    folder = set_of_four(tmp_path, into)
    (folder / "grp12302.zip").unlink()
    (folder / "grp12304.zip").write_bytes(b"nothing")

    found = faults(into)

    assert found[0].startswith(f"{NAME}/grp12304.zip ")
    assert found[1:] == [f"{NAME}/grp12302.zip is missing"]


def test_a_number_that_counts_no_disks_tells_of_none_missing(tmp_path: Path, into: Path) -> None:
    folder = bare(tmp_path, into, volume_bytes=5000)
    (folder / "grp12301.zip").rename(folder / "title2024.zip")

    assert faults(into) == []


def test_sets_in_folders_of_their_own_are_judged_on_their_own(tmp_path: Path, into: Path) -> None:
    folder = set_of_four(tmp_path, into, scheme="rar")
    (folder / "CD2").mkdir()
    for path in folder.glob("*.r*"):
        shutil.copy(path, folder / "CD2")
    (folder / "CD2" / "grp-author.title.r01").unlink()

    assert faults(into) == [
        f"{NAME}/CD2/grp-author.title.r01 is missing",
        *(
            f"{NAME}/CD2/grp-author.title.{end} is not listed in {NAME}/grp-author.title.sfv"
            for end in ("rar", "r00", "r02")
        ),
    ]


def test_an_sfv_may_list_what_lies_in_folders_and_what_is_no_volume(
    tmp_path: Path, into: Path
) -> None:
    folder = bare(tmp_path, into, scheme="rar")
    (folder / "Sample").mkdir()
    (folder / "Sample" / "sample.mkv").write_bytes(b"video")
    path = folder / "grp-author.title.sfv"
    path.write_bytes(path.read_bytes() + sfv.render([("Sample\\sample.mkv", crc32(b"video"))]))
    assert faults(into) == []

    (folder / "Sample" / "sample.mkv").write_bytes(b"other")
    assert faults(into) == [
        f"{NAME}/Sample/sample.mkv differs from its sum in {NAME}/grp-author.title.sfv"
    ]


def test_links_and_pipes_are_faults_and_are_not_followed(tmp_path: Path, into: Path) -> None:
    folder = bare(tmp_path, into)
    secret = make_payload(tmp_path, b"secret", "secret.nfo").path
    (folder / "link.nfo").symlink_to(secret)
    os.mkfifo(folder / "pipe.nfo")

    verdict = verify(folder)

    assert [str(fault) for fault in verdict.faults] == [
        f"{NAME}/{name}.nfo is a link or a device: a release holds files"
        for name in ("link", "pipe")
    ]
    assert not [file for file in verdict.files if file.size == len(b"secret")]


def test_folders_nested_beyond_recursion_are_read(tmp_path: Path, into: Path) -> None:
    folder = bare(tmp_path, into)
    here = folder
    for _ in range(sys.getrecursionlimit() + 10):
        here = here / "a"
        here.mkdir()
    deepest = here / "file.txt"
    deepest.write_bytes(b"deep")

    try:
        assert [f.path for f in verify(folder).files if f.path.endswith("/a/file.txt")]
    finally:
        deepest.unlink()
        os.removedirs(here)  # what cleans up after tests is recursive


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path, into: Path) -> None:
    folder = bare(tmp_path, into)
    here = os.open(folder, os.O_RDONLY)
    for _ in range(20):  # to a path that is longer than the system takes
        os.mkdir("a" * 250, dir_fd=here)
        inner = os.open("a" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)

    with pytest.raises(Damaged, match="cannot be read: File name too long"):
        verify(folder)


def test_every_fault_names_its_file(package: Package, into: Path) -> None:
    for file in package.files[1:]:
        (into / file.path).unlink()
    (into / package.files[0].path).write_bytes(b"x")

    for fault in verify(into / NAME).faults:
        assert str(fault.values["file"]).startswith(NAME)


def test_sums_of_all_files_are_computed_where_a_manifest_lists_them(
    tmp_path: Path, into: Path
) -> None:
    folder = bare(tmp_path, into)
    assert {file.sha256 for file in verify(folder).files} == {""}

    (into / f"{NAME}.sha256").write_bytes(b"")
    assert all(len(file.sha256) == 64 for file in verify(folder).files)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"method": 0x33}, "is compressed: its parts are sound, the whole was not unpacked"),
        ({"flags": 0x0004}, "needs a password: the whole was not unpacked"),
    ],
)
def test_what_only_an_unpacker_could_judge_is_noted(
    into: Path, fields: dict[str, Any], said: str
) -> None:
    (into / NAME).mkdir()
    (into / NAME / "book.rar").write_bytes(main() + member(**fields) + END)

    verdict = verify(into / NAME)

    assert verdict.faults == ()
    assert [str(note) for note in verdict.notes] == [f"book in {NAME}/book.rar {said}"]


def test_an_entry_that_needs_a_password_is_noted(tmp_path: Path, into: Path) -> None:
    folder = into / NAME
    folder.mkdir()
    book = make_payload(tmp_path).path
    subprocess.run([judge("7z"), "a", "-bd", "-psecret", folder / "a.zip", book], check=True)

    verdict = verify(folder)

    assert verdict.faults == ()
    assert [note.values["entry"] for note in verdict.notes] == ["book.epub"]


def test_a_volume_that_is_named_by_its_extension_alone_is_read(into: Path) -> None:
    (into / NAME).mkdir()
    (into / NAME / ".rar").write_bytes(main() + member() + END)

    assert faults(into) == []
