"""Archives of every kind, whole, damaged and hostile, seen through the same window."""

import random
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from releases.metadata import analyse, analyse_apart, box, cover
from releases.metadata.archive import ENTRY_LIMIT, ArchiveError, Locked
from releases.metadata.box import Findings, unpacker
from tests.books import cut, lock
from tests.metadata import rars
from tests.metadata.comics import PAGES, PNG, WRITERS, make_comic, make_info, write_7z, write_tar
from tests.metadata.rars import write_rar4, write_rar5

INFO = make_info(Title="Été", Series="Tales", Number="2")
FILES = PAGES | {"Tale/ComicInfo.xml": INFO}
KINDS = {"cbz": "cbz", "cbt": "cbt", "cb7": "cb7"}

needs_unpacker = pytest.mark.skipif(
    not unpacker.programs(), reason="neither unar nor bsdtar is installed"
)


def made(tmp_path: Path, writer: str, files: Mapping[str, bytes] = FILES) -> Path:
    if writer.startswith("packed") and not unpacker.programs():
        pytest.skip("neither unar nor bsdtar is installed")
    return WRITERS[writer](tmp_path / f"comic.{KINDS.get(writer, 'cbr')}", files)


def examined(path: Path, **limits: int) -> Findings:
    with box.opened(path, "cbr") as opened:
        return opened.examined(limits)


@pytest.mark.parametrize("writer", WRITERS)
def test_every_kind_tells_the_same(tmp_path: Path, writer: str) -> None:
    path = made(tmp_path, writer)

    analysis = analyse(path)

    assert (analysis.valid, analysis.problems, analysis.drm) == (True, (), "")
    assert analysis.format == KINDS.get(writer, "cbr")
    assert (analysis.metadata["title"], analysis.metadata["pages"]) == ("Été", 3)
    assert [entry["size"] for entry in analysis.structure] == [*map(len, FILES.values())]
    assert cover(path) == PAGES["Tale/1.png"]


@pytest.mark.parametrize("writer", WRITERS)
def test_every_kind_is_read_in_confinement(tmp_path: Path, writer: str) -> None:
    path = made(tmp_path, writer)

    assert analyse_apart(path) == analyse(path)


@pytest.mark.parametrize("writer", WRITERS)
def test_names_in_any_script_are_told(tmp_path: Path, writer: str) -> None:
    path = made(tmp_path, writer, {"Été/星 😀.png": PNG})

    assert analyse(path).structure == [{"path": "Été/星 😀.png", "size": len(PNG)}]


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_an_archive_cut_short_is_told(tmp_path: Path, writer: str, share: float) -> None:
    files = FILES | {"Tale/3.png": PNG + random.Random(0).randbytes(20_000)}

    analysis = analyse(cut(made(tmp_path, writer, files), share))

    assert not analysis.valid
    assert "damaged" in str(analysis.problems[0])


@pytest.mark.parametrize("writer", WRITERS)
def test_a_damaged_file_is_told(tmp_path: Path, writer: str) -> None:
    noise = random.Random(0).randbytes(20_000)
    path = made(tmp_path, writer, {"Tale/1.png": PNG + noise})
    content = bytearray(path.read_bytes())
    content[10_000] ^= 0xFF
    path.write_bytes(content)

    if writer != "cbt":  # which has no sums
        assert "damaged" in str(analyse(path).problems[0])


@pytest.mark.parametrize("writer", WRITERS)
def test_names_that_leave_the_archive_are_told(tmp_path: Path, writer: str) -> None:
    folder = tmp_path / "two" / "deep"
    folder.mkdir(parents=True)

    analysis = analyse(made(folder, writer, FILES | {"../../evil.png": PNG}))

    assert not analysis.valid
    assert any("points outside the archive" in str(problem) for problem in analysis.problems)
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.parametrize("writer", ["cbz", "cb7", "rar5"])
def test_a_bomb_is_told_and_costs_little(tmp_path: Path, writer: str) -> None:
    path = made(tmp_path, writer, FILES | {"Tale/bomb.png": bytes(66 << 20)})

    analysis = analyse_apart(path)

    assert analysis.metadata["title"] == "Été"
    if writer != "rar5":  # where it is no smaller than it says
        assert any("decompression bomb" in str(problem) for problem in analysis.problems)


def test_what_lies_behind_a_giant_in_7z_is_not_unpacked(tmp_path: Path) -> None:
    giant = {"1.png": bytes(33 << 20)}

    behind = analyse(write_7z(tmp_path / "a.cb7", giant | FILES))
    before = analyse(write_7z(tmp_path / "b.cb7", FILES | giant))

    assert "1.png is larger than the 32 MiB" in str(behind.problems[0])
    assert (behind.metadata, before.metadata["title"]) == ({"pages": 4}, "Été")


@pytest.mark.parametrize("writer", ["cbz", "cbt", "rar5"])
def test_files_without_number_are_told(tmp_path: Path, writer: str) -> None:
    files = dict.fromkeys(map(str, range(ENTRY_LIMIT + 5)), b"")

    analysis = analyse(made(tmp_path, writer, FILES | files))

    assert "entries, far more" in str(analysis.problems[0])
    assert analysis.metadata["title"] == "Été"


@pytest.mark.parametrize("writer", ["cbz", "cbt", "cb7", "rar4", "packed rar5"])
def test_a_document_that_never_ends_is_not_read(tmp_path: Path, writer: str) -> None:
    endless = INFO + b" " * (9 << 20)

    analysis = analyse(made(tmp_path, writer, PAGES | {"ComicInfo.xml": endless}))

    assert any("larger than the 8 MiB" in str(problem) for problem in analysis.problems)
    assert "title" not in analysis.metadata


@pytest.mark.parametrize("writer", WRITERS)
def test_noise_anywhere_never_stops_the_reader(tmp_path: Path, writer: str) -> None:
    path = made(tmp_path, writer)
    whole, chance = path.read_bytes(), random.Random(0)
    for _ in range(20 if writer.startswith("packed") else 150):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content[: chance.randint(len(whole) // 3, len(whole) * 2)])
        assert analyse(path).size > 0
        assert isinstance(cover(path), bytes)


def test_an_encrypted_zip_is_locked_and_whole(tmp_path: Path) -> None:
    path = lock(make_comic(tmp_path / "a.cbz", Title="Été"), "ComicInfo.xml")

    analysis = analyse(path)

    assert (analysis.drm, analysis.encrypted, analysis.valid) == ("encrypted entries", True, True)
    assert "title" not in analysis.metadata


def test_an_encrypted_rar_is_locked_and_whole(tmp_path: Path) -> None:
    old = write_rar4(tmp_path / "a.cbr", FILES, file_flags=0x0004)
    new = write_rar5(tmp_path / "b.cbr", FILES, extra=rars.encrypted())

    for analysis in map(analyse, (old, new)):
        assert (analysis.drm, analysis.encrypted) == ("encrypted entries", True)
        assert (analysis.valid, analysis.cover, analysis.metadata) == (True, False, {"pages": 3})


def test_names_may_be_locked_too(tmp_path: Path) -> None:
    paths = [tmp_path / "a.cbr", tmp_path / "b.cbr", tmp_path / "c.cb7"]
    paths[0].write_bytes(rars.locked(FILES))
    write_rar4(paths[1], FILES, main_flags=0x0080)
    write_7z(paths[2], FILES, password="secret")

    for analysis in map(analyse, paths):
        assert (analysis.drm, analysis.encrypted) == ("encrypted entries", True)
        assert (analysis.valid, analysis.metadata, analysis.structure) == (True, {}, [])
    assert [*map(cover, paths)] == [b"", b"", b""]


@pytest.mark.parametrize("kind", ["cbr", "cb7", "cbz"])
def test_what_is_no_archive_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a").write_bytes(b"no archive")

    with pytest.raises(ArchiveError), box.opened(tmp_path / "a", kind):
        pytest.fail("it was opened")


@pytest.mark.parametrize("write", [write_rar4, write_rar5])
@pytest.mark.parametrize("remark", [b"Hello", "Été 星".encode()])
def test_the_comment_of_a_rar_is_read(tmp_path: Path, write: Any, remark: bytes) -> None:
    path = write(tmp_path / "a.cbr", FILES, comment=remark)

    with box.opened(path, "cbr") as opened:
        assert opened.comment == remark.decode()
        assert opened.version == ("4" if write is write_rar4 else "5")


@pytest.mark.skipif(not shutil.which("bsdtar"), reason="bsdtar is not installed")
def test_a_compressed_comment_is_unpacked_without_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    path = write_rar4(tmp_path / "a.cbr", FILES, comment=b"Hello", packed=True)

    with box.opened(path, "cbr") as opened:
        assert opened.comment == "Hello"


def test_a_damaged_comment_takes_nothing_along(tmp_path: Path) -> None:
    for write in (write_rar4, write_rar5):
        path = write(tmp_path / "a.cbr", FILES, comment=b"Hello there")
        path.write_bytes(path.read_bytes().replace(b"Hello there", b"Hello thorn"))

        with box.opened(path, "cbr") as opened:
            assert (opened.comment, len(opened.entries)) == ("", len(FILES))


def test_a_volume_of_several_is_told(tmp_path: Path) -> None:
    path = write_rar4(tmp_path / "a.cbr", FILES, main_flags=0x0101, file_flags=0x0002)

    analysis = analyse(path)

    assert "one volume of several" in str(analysis.problems[0])


@needs_unpacker
def test_volumes_beside_it_are_not_looked_for(tmp_path: Path) -> None:
    """What lies beside an upload belongs to somebody else."""
    write_rar5(tmp_path / "a.part2.cbr", {"other.png": PNG}, packed=True)
    path = write_rar5(tmp_path / "a.part1.cbr", FILES, packed=True)

    assert examined(path).problems == []


@pytest.mark.parametrize(
    ("installed", "problems", "title"),
    [
        ([], ["Its files are compressed: install unar or bsdtar to read them."], None),
        (["unar"], [], "Été"),
        (["bsdtar"], [], "Été"),
        (["unar", "bsdtar"], [], "Été"),
    ],
)
def test_what_is_compressed_needs_a_program(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    installed: list[str],
    problems: list[str],
    title: str | None,
) -> None:
    for name in installed:
        if not shutil.which(name):
            pytest.skip(f"{name} is not installed")
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    path = WRITERS["packed rar5"](tmp_path / "comic.cbr", FILES)
    monkeypatch.setenv("PATH", str(tmp_path))

    analysis = analyse(path)

    assert [*map(str, analysis.problems)] == problems
    assert (analysis.valid, analysis.metadata.get("title")) == (True, title)
    assert analysis.metadata["pages"] == 3


def test_what_is_stored_needs_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    for write in (write_rar4, write_rar5):
        assert analyse(write(tmp_path / "a.cbr", FILES)).metadata["title"] == "Été"


@pytest.mark.parametrize("said", ["exit 1", "sleep 60", "head -c 2000 /dev/zero", "yes"])
def test_a_program_that_fails_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    program = tmp_path / "unar"
    program.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\nexec {said.removeprefix('exec ')}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(unpacker, "TIME_LIMIT_S", 1)

    analysis = analyse(WRITERS["packed rar5"](tmp_path / "comic.cbr", FILES))

    assert analysis.problems
    assert analysis.metadata == {"pages": 3}


def test_an_archive_older_than_rar_3_has_no_end(tmp_path: Path) -> None:
    path = write_rar4(tmp_path / "a.cbr", FILES)
    path.write_bytes(path.read_bytes().removesuffix(rars.END4))

    assert analyse(path).valid

    path = write_rar5(tmp_path / "b.cbr", FILES)
    path.write_bytes(path.read_bytes().removesuffix(rars.END5))

    assert "damaged or cut short" in str(analyse(path).problems[0])


def test_a_rar_of_another_age_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.cbr").write_bytes(b"Rar!\x1a\x07\x02\x00" + bytes(50))

    assert "version of RAR" in str(analyse(tmp_path / "a.cbr").problems[0])


def test_a_tar_without_its_last_zeros_is_whole(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.cbt", FILES)
    path.write_bytes(path.read_bytes().rstrip(b"\0").ljust(-(-path.stat().st_size // 512), b"\0"))
    content = path.read_bytes()
    path.write_bytes(content.ljust(-(-len(content) // 512) * 512, b"\0"))

    assert analyse(path).valid


def test_links_in_a_tar_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    with tarfile.open(tmp_path / "a.cbt", "w") as archive:
        link = tarfile.TarInfo("ComicInfo.xml")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret")
        archive.addfile(link)

    assert "hunter2" not in str(analyse(tmp_path / "a.cbt").as_json())


def test_a_zip_that_lost_its_directory_is_told(tmp_path: Path) -> None:
    path = cut(make_comic(tmp_path / "a.cbz", Title="Été"), 0.9)

    assert "no readable directory" in str(analyse(path).problems[0])


def test_locked_is_an_archive_error() -> None:
    assert issubclass(Locked, ArchiveError)
