"""Plain ZIPs, written by us and read by others."""

import os
import subprocess
import threading
import zipfile
from pathlib import Path
from zlib import crc32

import pytest

from releases.packing import PackingError, Payload, crew, rar
from releases.packing.zip import deflated, headers
from tests.packing.conftest import judge
from tests.packing.making import DATED, noise
from tests.packing.zipped import COMPANIONS, make_sources, make_zip, read_zip, write_zip

TEXT = b"".join(b"%d bottles of beer on the wall\r\n" % number for number in range(60_000))
FILES = {
    "book.txt": TEXT,
    "noise.bin": noise(3000),
    "empty.txt": b"",
    "one chunk": TEXT[: deflated.CHUNK_BYTES],
    "one more": TEXT[: deflated.CHUNK_BYTES + 1],
    "folder/sub/Les Épées - 世界😀.txt": b"word " * 100,
    "mixed": noise(700_000) + bytes(700_000),
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_zip(tmp_path_factory.mktemp("plain"), FILES)


def test_the_library_of_python_reads_every_file(plain: Path) -> None:
    with zipfile.ZipFile(plain) as archive:
        assert archive.namelist() == [*FILES, *(name for name, _ in COMPANIONS)]
        for name, data in [*FILES.items(), *COMPANIONS]:
            assert archive.read(name) == data
        for entry in archive.infolist():
            assert entry.date_time == (2024, 5, 1, 0, 0, 0)
            assert entry.external_attr >> 16 == 0o100644


@pytest.mark.parametrize(
    "command", [["7z", "x", "-y"], ["bsdtar", "-xf"], ["unar", "-D"], ["unzip", "-q"]]
)
def test_other_programs_unpack_it_to_the_byte(
    plain: Path, tmp_path: Path, command: list[str]
) -> None:
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    program = [judge(command[0]), *command[1:], str(plain)]
    subprocess.run(program, cwd=tmp_path, env=environment, check=True, capture_output=True)

    unpacked = {
        str(path.relative_to(tmp_path)): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert unpacked == FILES | dict(COMPANIONS)


def test_folders_are_kept_though_nothing_lies_in_them(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    source = rar.Source.of(Payload(path=tmp_path / "folder", name="folder"))

    write_zip(tmp_path / "plain.zip", [source])

    assert read_zip(tmp_path / "plain.zip").entries[0].is_folder
    with zipfile.ZipFile(tmp_path / "plain.zip") as archive:
        folder = archive.infolist()[0]
        assert (folder.filename, folder.is_dir()) == ("folder/", True)
        assert folder.external_attr >> 16 == 0o40755
        archive.extractall(tmp_path / "out")
    assert (tmp_path / "out" / "folder").is_dir()


def test_what_gets_no_smaller_is_stored(plain: Path) -> None:
    methods = {entry.name: entry.method for entry in read_zip(plain).entries}

    assert methods == {
        name: headers.STORED
        if name in {"noise.bin", "empty.txt", "file_id.diz"}
        else headers.DEFLATED
        for name in [*FILES, *dict(COMPANIONS)]
    }


def test_a_file_is_tried_to_its_end_only_where_its_beginning_gains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deflated, "TRIAL_BYTES", 2 * deflated.CHUNK_BYTES)
    data = noise(3 * deflated.CHUNK_BYTES) + bytes(deflated.CHUNK_BYTES)

    path = make_zip(tmp_path, {"late": data})

    assert read_zip(path).entries[0].method == headers.STORED
    with zipfile.ZipFile(path) as archive:
        assert archive.read("late") == data


def test_deflated_in_vain_leaves_no_byte_behind(tmp_path: Path) -> None:
    data = noise(deflated.CHUNK_BYTES)
    source = make_sources(tmp_path, {"noise": data})

    with rar.Output(tmp_path / "bare.zip") as output:
        deflated.write(source, (), output, DATED, rar.unheard)

    with zipfile.ZipFile(tmp_path / "bare.zip") as archive:
        assert archive.read("noise") == data
    read_zip(tmp_path / "bare.zip")


def test_write_returns_the_sum_of_the_whole_file(tmp_path: Path) -> None:
    sources = make_sources(tmp_path, FILES)

    crc = write_zip(tmp_path / "plain.zip", sources)

    assert crc == crc32((tmp_path / "plain.zip").read_bytes())


def test_the_same_files_give_the_same_bytes_whoever_is_first(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "HANDS", 1)

    assert make_zip(tmp_path, FILES).read_bytes() == plain.read_bytes()


def test_pieces_refer_to_those_before_them(tmp_path: Path) -> None:
    block = noise(deflated.WINDOW_BYTES // 2)
    path = make_zip(tmp_path, {"repeats": block * 100})

    # Alone, each chunk would hold the block anew.
    assert read_zip(path).entries[0].packed < 3 * len(block)


def test_only_its_own_thread_ticks_and_each_byte_once(tmp_path: Path) -> None:
    sources = make_sources(tmp_path, FILES)
    ticks: list[tuple[int, int]] = []

    write_zip(
        tmp_path / "plain.zip",
        sources,
        lambda size: ticks.append((threading.get_ident(), size)),
    )

    assert {thread for thread, _ in ticks} == {threading.get_ident()}
    assert sum(size for _, size in ticks) == sum(map(len, FILES.values()))


@pytest.mark.parametrize("change", [b"", b"longer than it was"])
@pytest.mark.parametrize("data", [TEXT, noise(40_000)])
def test_a_source_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, data: bytes, change: bytes
) -> None:
    sources = make_sources(tmp_path, {"book.txt": data})

    def touch(size: int) -> None:
        sources[0].path.write_bytes(change)

    with pytest.raises(PackingError, match="changed while it was packed"):
        write_zip(tmp_path / "plain.zip", sources, touch)


def test_a_cancelled_tick_ends_the_writing(tmp_path: Path) -> None:
    sources = make_sources(tmp_path, FILES)

    def cancel(size: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_zip(tmp_path / "plain.zip", sources, cancel)
