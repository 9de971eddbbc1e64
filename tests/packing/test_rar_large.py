"""Members of gibibytes; what need not be read stays a hole."""

import subprocess
from pathlib import Path

import pytest
import rarfile
from isal.isal_zlib import crc32

from releases.packing import Payload, rar
from releases.packing.rar import Member
from tests.packing.conftest import judge
from tests.packing.making import DATED, faults_of, make_volumes, noise, read_volumes

GIB = 1 << 30
ZEROS = bytes(rar.PIECE_BYTES)


@pytest.fixture(params=[4, 5])
def version(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


class Sparse(rar.Output):
    """Leaves holes where there are zeros, to spare the disk."""

    def write(self, data: bytes | memoryview, at: int) -> None:
        if bytes(data) != ZEROS[: len(data)]:
            super().write(data, at)


def test_a_part_of_a_file_beyond_four_gibibytes_is_read(tmp_path: Path, version: int) -> None:
    dialect = rar.dialect(version)
    member = Member("big", 5 * GIB)
    at = dialect.FIRST_HEAD_BYTES
    part = rar.Part(member, 0, at, at + dialect.file_bytes(member), offset=0, size=3)
    volume = rar.Volume(dialect, 0, (part,), is_last=False)
    path = tmp_path / "big.rar"
    with rar.Output(path) as output:
        output.write(b"abc", part.data_at)
        rar.seal(volume, rar.Sums([crc32(b"abc")], {}), output, 0, DATED)

    found = read_volumes([path])[0].parts[0]

    assert (found.size, found.member_bytes, found.is_last) == (3, 5 * GIB, False)


@pytest.mark.parametrize("gibibytes", [2, 4])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_others_find_the_end_of_a_file_of_gibibytes(
    tmp_path: Path, version: int, gibibytes: int, more: int
) -> None:
    sizes = [gibibytes * GIB + more, 3]
    volume = rar.layout([Member("big", sizes[0]), Member("small", sizes[1])], 1 << 40, version)[0]
    path = tmp_path / "big.rar"
    sums = rar.Sums([0, crc32(b"abc")], {0: 0, 1: crc32(b"abc")})
    with rar.Output(path) as output:
        # The data of the first file stays a hole: nobody reads it here.
        output.write(b"abc", volume.parts[1].data_at)
        rar.seal(volume, sums, output, 0, DATED)

    with rarfile.RarFile(path) as archive:
        assert [entry.file_size for entry in archive.infolist()] == sizes
        assert archive.read("small") == b"abc"
    listed = subprocess.run([judge("7z"), "l", "-slt", path], capture_output=True, check=True)
    assert all(f"\nSize = {size}\n".encode() in listed.stdout for size in sizes)


@pytest.mark.slow
def test_a_file_beyond_four_gibibytes_is_packed(
    tmp_path: Path, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rar, "Output", Sparse)
    path, size = tmp_path / "big.mkv", 4 * GIB + 3_000_000
    with path.open("wb") as file:
        for at in (0, 2 * GIB - 50, 4 * GIB - 50, size - 100):
            file.seek(at)
            file.write(noise(100, at))

    payload = Payload(path=path, name="big.mkv")
    paths = make_volumes(tmp_path, [payload], 4 * GIB + 1_000_000, version)

    assert [path.stat().st_size for path in paths[:-1]] == [4 * GIB + 1_000_000]
    assert faults_of(read_volumes(paths)) == []
    tested = subprocess.run([judge("7z"), "t", paths[0]], capture_output=True, check=True)
    assert b"Everything is Ok" in tested.stdout
    with rarfile.RarFile(paths[0]) as archive:
        assert [entry.file_size for entry in archive.infolist()] == [size]
        assert archive.volumelist() == [str(path) for path in paths]
