"""ZIPs that hold releases, and folders that do: unpacked within limits, told apart."""

import random
import stat
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest

from releases.packing import PackingError
from releases.packing.lint import LIMITS, Limits, observe, places, releases_in, unpacked
from tests.packing.conforming import EBOOK, make_conforming

Fill = Callable[[ZipFile], object]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A book of three volumes; no film is needed for it."""
    return make_conforming(tmp_path, "2022_EBOOK", tmp_path)


def zipped(path: Path, folder: Path, prefix: str) -> Path:
    """Pack the files of `folder` below `prefix`, with their modes as zip(1) does."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, f"{prefix}{file.relative_to(folder).as_posix()}")
    return path


@pytest.mark.parametrize("prefix", [f"{EBOOK}/", "", f"old/2020/{EBOOK}/", f"old\\{EBOOK}\\"])
def test_a_release_is_observed_in_a_zip_as_in_its_folder(
    release: Path, tmp_path: Path, prefix: str
) -> None:
    path = zipped(tmp_path / f"{EBOOK}.zip", release, prefix)

    with unpacked(path, tmp_path / "aside") as root:
        (folder,) = releases_in(root)
        observed = observe(folder)

    assert observed == observe(release)
    assert not (tmp_path / "aside").exists()


def test_the_lists_beside_a_release_are_read_in_a_zip_too(release: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "sent.zip", release, f"{EBOOK}/")
    with ZipFile(path, "a") as archive:
        archive.writestr(f"{EBOOK}.sfv", f"{EBOOK}/grp12301.zip 00000000\r\n")

    with unpacked(path, tmp_path / "aside") as root:
        (folder,) = releases_in(root)
        faults = observe(folder).faults

    assert "grp12301.zip differs from its sum" in str(faults[0])


def test_a_release_at_the_root_is_called_as_its_zip_was_sent(release: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "upload-7", release, "")

    with unpacked(path, tmp_path / "aside", name=f"{EBOOK}.zip") as root:
        assert releases_in(root) == [root]
        assert root.name == EBOOK


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("../../etc.zip", "etc"),
        ("..\\..\\etc.zip", "etc"),
        ("...", "release"),
        (".zip", "zip"),
        ("a\0b.zip", "ab"),
        (f"{'é' * 300}.zip", "é" * 122),
    ],
)
def test_the_name_that_a_zip_was_sent_by_leads_nowhere(
    release: Path, tmp_path: Path, name: str, called: str
) -> None:
    path = zipped(tmp_path / "upload", release, "")

    with unpacked(path, tmp_path / "aside", name=name) as root:
        assert root == tmp_path / "aside" / called


def test_modes_are_those_of_the_zip_where_it_tells_them(tmp_path: Path) -> None:
    path = tmp_path / "modes.zip"
    with ZipFile(path, "w") as archive:
        for name, system, mode in (("unix", 3, 0o755), ("dos", 0, 0), ("locked", 3, 0o200)):
            entry = ZipInfo(f"{name}.nfo")
            entry.create_system, entry.external_attr = system, (stat.S_IFREG | mode) << 16
            archive.writestr(entry, b"text")
        entry = ZipInfo("dos.nfo.txt")
        entry.create_system, entry.external_attr = 0, 0x20
        archive.writestr(entry, b"text")

    with unpacked(path, tmp_path / "aside") as root:
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in root.iterdir()}

    assert modes["unix.nfo"] == 0o755
    assert modes["dos.nfo"] == modes["dos.nfo.txt"] == 0o644
    assert modes["locked.nfo"] & stat.S_IRUSR


def linked(archive: ZipFile) -> None:
    entry = ZipInfo("link.nfo")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    archive.writestr(entry, "/etc/passwd")


def device(archive: ZipFile) -> None:
    entry = ZipInfo("null")
    entry.create_system, entry.external_attr = 3, (stat.S_IFCHR | 0o666) << 16
    archive.writestr(entry, b"")


def named(name: str, data: bytes = b"text") -> Fill:
    return lambda archive: archive.writestr(ZipInfo(name), data)


def many(archive: ZipFile) -> None:
    for number in range(LIMITS.entries + 1):
        archive.writestr(f"{number}.nfo", b"")


def bomb(archive: ZipFile) -> None:
    archive.writestr("zeros.rar", bytes(65 << 20), ZIP_DEFLATED)


def twice(archive: ZipFile) -> None:
    archive.writestr("a/b.nfo", b"")
    archive.writestr("a//b.nfo", b"")


def folder_and_file(archive: ZipFile) -> None:
    archive.writestr("a", b"text")
    archive.writestr("a/b.nfo", b"text")


def folder_beside_file(archive: ZipFile) -> None:
    archive.writestr("a/", b"")
    archive.writestr("a", b"text")


HOSTILE: dict[str, tuple[Fill, str]] = {
    "absolute": (named("/etc/cron.d/job"), "points outside of it"),
    "above": (named("a/../../job"), "points outside of it"),
    "above, as Windows writes it": (named("a\\..\\..\\job"), "points outside of it"),
    "a drive": (named("C:/job"), "points outside of it"),
    "a link": (linked, "is a link or a device"),
    "a device": (device, "is a link or a device"),
    "twice": (twice, "holds a/b.nfo twice"),
    "a file that is a folder": (folder_and_file, "holds a twice"),
    "a folder that is a file": (folder_beside_file, "holds a twice"),
    "deep": (named("a/" * 40 + "b.nfo"), "lies in more than 16 folders"),
    "a long name": (named("a" * 300 + ".nfo"), "is too long for a file"),
    "many files": (many, "holds 10001 files: at most 10000"),
    "a bomb": (bomb, "looks like a decompression bomb"),
    "another method": (
        lambda archive: archive.writestr("a.nfo", b"text" * 99, ZIP_BZIP2),
        "is packed in a way that is not read here",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_zip_is_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    fill, reason = HOSTILE[name]
    with ZipFile(tmp_path / "hostile.zip", "w") as archive:
        fill(archive)

    with (
        pytest.raises(PackingError, match=reason),
        unpacked(tmp_path / "hostile.zip", tmp_path / "aside"),
    ):
        raise AssertionError("it was unpacked")

    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["hostile.zip"]
    assert not (tmp_path / "aside").exists()


def flagged(data: bytes) -> bytes:
    """Say in both headers of a ZIP of one file that it is encrypted."""
    changed = bytearray(data)
    changed[6] |= 1
    changed[data.index(b"PK\1\2") + 8] |= 1
    return bytes(changed)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.nfo", b"text")
    (tmp_path / "a.zip").write_bytes(flagged((tmp_path / "a.zip").read_bytes()))

    with (
        pytest.raises(PackingError, match=r"a\.nfo in a\.zip is encrypted"),
        unpacked(tmp_path / "a.zip", tmp_path / "aside"),
    ):
        raise AssertionError("it was unpacked")


def test_more_than_is_unpacked_is_refused_before_anything_is_written(
    release: Path, tmp_path: Path
) -> None:
    path = zipped(tmp_path / "a.zip", release, "")
    heard: list[str] = []

    with (
        pytest.raises(PackingError, match="at most 1000 are unpacked"),
        unpacked(
            path,
            tmp_path / "aside",
            limits=Limits(unpacked_bytes=1000),
            progress=lambda stage, done, total: heard.append(stage),
        ),
    ):
        raise AssertionError("it was unpacked")

    assert heard == []


def test_a_ratio_beyond_the_limit_is_no_bomb_while_it_fills_no_disk(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "a.zip", "w", ZIP_DEFLATED) as archive:
        archive.writestr("a.nfo", bytes(1 << 20))

    with unpacked(tmp_path / "a.zip", tmp_path / "aside", limits=replace(LIMITS, ratio=1)) as root:
        assert (root / "a.nfo").stat().st_size == 1 << 20


@pytest.mark.parametrize("data", [b"", b"PK", b"no ZIP" * 99])
def test_what_is_no_zip_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)

    with (
        pytest.raises(PackingError, match=r"^a\.zip "),
        unpacked(tmp_path / "a.zip", tmp_path / "aside"),
    ):
        raise AssertionError("it was unpacked")


def test_damage_anywhere_is_a_sentence_or_does_no_harm(release: Path, tmp_path: Path) -> None:
    """Any byte may be wrong: what comes of it lies inside, or nothing does."""
    data = zipped(tmp_path / "sound.zip", release, f"{EBOOK}/").read_bytes()
    chance = random.Random(5)
    path = tmp_path / "broken.zip"
    path.touch()
    lying = sorted(tmp_path.iterdir())
    for _ in range(150):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            near_end = len(data) - chance.randint(1, 900)
            broken[chance.choice([near_end, chance.randrange(len(data))])] = chance.randrange(256)
        path.write_bytes(bytes(broken[: chance.choice([len(broken), near_end])]))
        with suppress(PackingError), unpacked(path, tmp_path / "aside") as root:
            assert root.is_relative_to(tmp_path / "aside")
            for folder in releases_in(root):
                observe(folder)
        assert sorted(tmp_path.iterdir()) == lying


def test_what_ends_the_reading_leaves_nothing_behind(release: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", release, "")

    def stop(stage: str, done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        unpacked(path, tmp_path / "aside", progress=stop),
    ):
        raise AssertionError("it was unpacked")

    assert not (tmp_path / "aside").exists()


def test_what_a_killed_attempt_left_is_replaced(release: Path, tmp_path: Path) -> None:
    (tmp_path / "aside" / "a").mkdir(parents=True)
    (tmp_path / "aside" / "a" / "left.nfo").write_bytes(b"")

    with unpacked(zipped(tmp_path / "a.zip", release, ""), tmp_path / "aside") as root:
        assert not (root / "left.nfo").exists()


def make(root: Path, *files: str) -> Path:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["a.nfo", "Sample/a.mkv"], ["."]),
        (["a.r00", "CD1/b.rar", "CD1/b.nfo"], ["."]),
        (["B/b.nfo", "A/a.zip"], ["A", "B"]),
        (["A/a.nfo", "A.sfv", "A.sha256"], ["A"]),
        (["A/a.nfo", "other.sfv"], ["."]),
        (["A/a.nfo", "readme.txt"], ["A"]),
        (["x/y/A/a.nfo", "x/B/file_id.diz"], ["x/B", "x/y/A"]),
        ([".hidden/a.nfo", "A/a.nfo"], ["A"]),
        (["Sample/a.nfo", "Proof/a.nfo"], ["."]),
        (["readme.txt"], ["."]),
        ([], ["."]),
    ],
)
def test_releases_are_told_from_folders_of_releases(
    tmp_path: Path, files: list[str], found: list[str]
) -> None:
    make(tmp_path, *files)

    assert [one.relative_to(tmp_path).as_posix() for one in releases_in(tmp_path)] == found


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    make(tmp_path, "A/a.nfo")
    (tmp_path / "A" / "loop").symlink_to(tmp_path)
    (tmp_path / "B").symlink_to(tmp_path / "A")

    assert releases_in(tmp_path) == [tmp_path / "A"]


def test_more_releases_than_are_judged_at_once_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MAX_RELEASES", 2)
    make(tmp_path, "A/a.nfo", "B/b.nfo", "C/c.nfo")

    with pytest.raises(PackingError, match="holds more than 2 releases: choose a folder below it"):
        releases_in(tmp_path)


def test_a_stored_zip_is_no_bomb_however_large(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", ZIP_STORED) as archive, archive.open("a.rar", "w") as file:
        for _ in range(70):
            file.write(bytes(1 << 20))

    with unpacked(path, tmp_path / "aside") as root:
        assert (root / "a.rar").stat().st_size == 70 << 20
