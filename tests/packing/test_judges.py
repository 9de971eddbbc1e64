"""Outside programs take our releases apart: they must find what was packed, to the byte."""

import subprocess
import zipfile
from pathlib import Path

import pytest
import rarfile

from releases.packing import Package, diz, pack
from tests.packing.conftest import judge, missing
from tests.packing.making import NAME, make_payload, make_plan, noise

UNRAR = Path(__file__).parents[1] / "judges"
STEM = "grp-author.title"
ROOM = 40_000 - 40 - 32 - len("book.epub")
"""What a volume of 40,000 bytes holds of the one file."""

PAYLOADS = {
    "one small file": {"book.epub": noise(9)},
    "one file in one full volume": {"book.epub": noise(ROOM)},
    "one file and a byte too many": {"book.epub": noise(ROOM + 1)},
    "one file in twelve volumes": {"book.epub": noise(11 * ROOM + 500)},
    "several files": {
        "book.epub": noise(100_000, 1),
        "Les Épées - 世界😀.pdf": noise(60_000, 2),
        "empty.txt": b"",
        "cover.jpg": noise(50, 3),
    },
    "a file that begins a volume": {
        "book.epub": noise(ROOM - 10, 4),
        "second.epub": noise(50_000, 5),
    },
    "only an empty file": {"empty.txt": b""},
}


@pytest.fixture(scope="module", params=PAYLOADS)
def files(request: pytest.FixtureRequest) -> dict[str, bytes]:
    return PAYLOADS[request.param]


def packed(folder: Path, files: dict[str, bytes], scheme: str) -> Package:
    (folder / "payload").mkdir()
    (folder / scheme).mkdir()
    payloads = tuple(make_payload(folder / "payload", data, name) for name, data in files.items())
    plan = make_plan(
        folder, scheme=scheme, payloads=payloads, volume_bytes=40_000, sfv=True, manifest=True
    )
    return pack(plan, folder / scheme)


@pytest.fixture(scope="module")
def zips(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Package:
    return packed(tmp_path_factory.mktemp("zips"), files, "zip")


@pytest.fixture(scope="module")
def rars(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Package:
    return packed(tmp_path_factory.mktemp("rars"), files, "rar")


@pytest.fixture(scope="module")
def unzipped(zips: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The RAR set that lay in the ZIPs, as its users have it before them."""
    folder = tmp_path_factory.mktemp("unzipped")
    for path in sorted(zips.folder.glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
    return folder / "grp12301.rar"


@pytest.fixture(params=["in the folder", "in ZIPs"])
def first(request: pytest.FixtureRequest) -> Path:
    """The first volume of a set, be it packed by the one scheme or the other."""
    if request.param == "in ZIPs":
        unzipped: Path = request.getfixturevalue("unzipped")
        return unzipped
    package: Package = request.getfixturevalue("rars")
    return package.folder / f"{STEM}.rar"


def run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def extracted(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_7zip_tests_and_extracts(first: Path, files: dict[str, bytes], tmp_path: Path) -> None:
    program = judge("7z")

    assert "Everything is Ok" in run(program, "t", first)
    run(program, "x", f"-o{tmp_path}", first)

    assert extracted(tmp_path) == files


def test_7zip_sees_one_set_of_stored_volumes(first: Path, rars: Package) -> None:
    facts = run(judge("7z"), "l", "-slt", first)

    assert "Multivolume = +" in facts
    assert f"Volumes = {rars.volumes}" in facts
    assert "Method = m0" in facts or "Size = 0" in facts


def test_unar_extracts(first: Path, files: dict[str, bytes], tmp_path: Path) -> None:
    run(judge("unar"), "-o", tmp_path, first)

    assert extracted(tmp_path) == files


def test_lsar_tests(first: Path, rars: Package, files: dict[str, bytes]) -> None:
    told = run(judge("lsar"), "-t", first)

    assert told.count("... OK.") == len(files)
    assert (f"({rars.volumes} volumes)" in told) == (rars.volumes > 1)


def test_unrar_extracts(first: Path, files: dict[str, bytes], tmp_path: Path) -> None:
    node = judge("node")
    if not (UNRAR / "node_modules" / "node-unrar-js").is_dir():
        missing("UnRAR is missing: npm ci --prefix tests/judges")

    names = run(node, UNRAR / "unrar.mjs", first, tmp_path).splitlines()

    assert names == list(files)
    assert extracted(tmp_path) == files


def test_bsdtar_extracts(first: Path, files: dict[str, bytes], tmp_path: Path) -> None:
    """Of several files, libarchive reads those before a volume that ends between two of them."""
    with (tmp_path / "set.rar").open("wb") as joined:
        for path in sorted(first.parent.glob(f"{first.stem}.r*"), key=rar_order):
            joined.write(path.read_bytes())
    folder = tmp_path / "extracted"
    folder.mkdir()

    run(judge("bsdtar"), "-xf", tmp_path / "set.rar", "-C", folder)

    found = extracted(folder)
    assert found == {name: files[name] for name in found}
    assert len(found) == len(files) or "second.epub" in files


def rar_order(path: Path) -> tuple[bool, str]:
    return (path.suffix != ".rar", path.suffix)


def test_rarfile_reads(first: Path, rars: Package, files: dict[str, bytes]) -> None:
    with rarfile.RarFile(first) as archive:
        assert len(archive.volumelist()) == rars.volumes
        assert not archive.needs_password()
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_unzip_tests_every_zip(zips: Package) -> None:
    program = judge("unzip")

    for path in zips.folder.glob("*.zip"):
        assert "No errors detected" in run(program, "-t", path)


def test_every_description_counts_the_zips(zips: Package) -> None:
    paths = sorted(zips.folder.glob("*.zip"))

    for disk, path in enumerate(paths, 1):
        with zipfile.ZipFile(path) as archive:
            assert diz.counter(archive.read("file_id.diz")) == (disk, len(paths))


def test_cksfv_checks_the_volumes_inside_and_the_zips_beside(rars: Package, zips: Package) -> None:
    program = judge("cksfv")

    run(program, "-f", f"{STEM}.sfv", cwd=rars.folder)
    run(program, "-f", f"{NAME}.sfv", cwd=zips.folder.parent)


def test_sha256sum_checks_the_manifest(rars: Package, zips: Package) -> None:
    for package in (rars, zips):
        run(judge("sha256sum"), "--check", "--strict", f"{NAME}.sha256", cwd=package.folder.parent)
