"""The file that was packed comes out of its package again."""

from pathlib import Path

import pytest

from releases.packing import PackingError, extraction, pack
from tests.packing.making import flipped, make_payload, make_plan, noise


@pytest.mark.parametrize(
    ("scheme", "version"), [("zip", 4), ("rar", 4), ("rar", 5)], ids=["zip", "rar", "rar 5"]
)
@pytest.mark.parametrize("size", [0, 9, 2500, 123_456])
def test_it_comes_out_as_it_was(
    tmp_path: Path, into: Path, scheme: str, version: int, size: int
) -> None:
    payload = make_payload(tmp_path, noise(size), "livre été.epub")
    plan = make_plan(
        tmp_path, scheme=scheme, rar_version=version, payloads=(payload,), volume_bytes=5000
    )
    folder = pack(plan, into).folder

    (tmp_path / "taken").mkdir()

    path = extraction.extract(folder, tmp_path / "taken")

    assert path.name == "livre été.epub"
    assert path.read_bytes() == noise(size)


def test_of_a_damaged_package_nothing_comes_out(tmp_path: Path, into: Path) -> None:
    folder = pack(make_plan(tmp_path), into).folder
    first = min(folder.glob("*.zip"))
    first.write_bytes(flipped(first.read_bytes(), 500))

    with pytest.raises(PackingError, match=first.name):
        extraction.extract(folder, tmp_path)


def test_of_several_files_none_comes_out(tmp_path: Path, into: Path) -> None:
    payloads = (make_payload(tmp_path, b"a", "a.epub"), make_payload(tmp_path, b"b", "b.epub"))
    folder = pack(make_plan(tmp_path, payloads=payloads), into).folder

    with pytest.raises(PackingError, match="cannot be taken out of it"):
        extraction.extract(folder, tmp_path)
