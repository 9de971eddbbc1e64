"""Outside programs take our releases apart: they must find what was packed, to the byte."""

import re
import subprocess
import zipfile
from pathlib import Path

import pytest
import rarfile

from releases.packing import Package, Payload, diz, pack, verify
from tests.packing.conftest import judge, missing
from tests.packing.making import NAME, flipped, make_plan, noise

Files = dict[str, bytes | None]
"""Names and data, in the order of the archive; None for a folder."""
UNRAR = Path(__file__).parents[1] / "judges"
STEM = "grp-author.title"
ROOM = 40_000 - 40 - 32 - len("book.epub")
"""What a volume of 40,000 bytes holds of the one file."""
ROOM_5 = 40_000 - 16 - 37 - 8
"""The same of RAR 5, in the first volume."""

PAYLOADS: dict[str, Files] = {
    "one small file": {"book.epub": noise(9)},
    "one file in one full volume": {"book.epub": noise(ROOM)},
    "one file and a byte too many": {"book.epub": noise(ROOM + 1)},
    "one file and a byte too many for RAR 5": {"book.epub": noise(ROOM_5 + 1)},
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
    "a tree": {
        "Album/CD1/01 - Début.flac": noise(90_000, 6),
        "Album/CD1/02 - 世界😀.flac": noise(30_000, 7),
        "Album/CD1": None,
        "Album/Leer": None,
        "Album/none.txt": b"",
        "Album": None,
        "notes.txt": noise(20, 8),
    },
    "only an empty folder": {"Leer": None},
}


@pytest.fixture(scope="module", params=PAYLOADS)
def files(request: pytest.FixtureRequest) -> Files:
    return PAYLOADS[str(request.param)]


def laid(folder: Path, files: Files) -> tuple[Payload, ...]:
    """Lay `files` out in `folder`, and return the payloads that stand for all of them."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if data is None:
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(data)
    return tuple(Payload(path=folder / name, name=name) for name in files if "/" not in name)


def packed(folder: Path, files: Files, scheme: str, version: int = 4) -> Package:
    (folder / scheme).mkdir()
    plan = make_plan(
        folder,
        scheme=scheme,
        rar_version=version,
        payloads=laid(folder / "payload", files),
        volume_bytes=40_000,
        sfv=True,
        manifest=True,
    )
    return pack(plan, folder / scheme)


@pytest.fixture(scope="module")
def zips(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Package:
    return packed(tmp_path_factory.mktemp("zips"), files, "zip")


@pytest.fixture(scope="module")
def rars(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Package:
    return packed(tmp_path_factory.mktemp("rars"), files, "rar")


@pytest.fixture(scope="module")
def rars_5(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Package:
    return packed(tmp_path_factory.mktemp("rars5"), files, "rar", version=5)


@pytest.fixture(scope="module")
def unzipped(zips: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The RAR set that lay in the ZIPs, as its users have it before them."""
    folder = tmp_path_factory.mktemp("unzipped")
    for path in sorted(zips.folder.glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
    return folder / "grp12301.rar"


@pytest.fixture(params=["in the folder", "in ZIPs", "of RAR 5"])
def volumes(request: pytest.FixtureRequest) -> list[Path]:
    """A set, be it packed by the one scheme or the other, or in the other version."""
    if request.param == "in ZIPs":
        first: Path = request.getfixturevalue("unzipped")
        return sorted(first.parent.glob("*.r[a0-9]*"), key=old_order)
    if request.param == "of RAR 5":
        package: Package = request.getfixturevalue("rars_5")
        return sorted(package.folder.glob("*.rar"))
    package = request.getfixturevalue("rars")
    return sorted(package.folder.glob("*.r[a0-9]*"), key=old_order)


def old_order(path: Path) -> tuple[bool, str]:
    return (path.suffix != ".rar", path.suffix)


def run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def extracted(folder: Path) -> Files:
    return {
        str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes()
        for path in folder.rglob("*")
    }


def test_7zip_tests_and_extracts(volumes: list[Path], files: Files, tmp_path: Path) -> None:
    program = judge("7z")

    assert "Everything is Ok" in run(program, "t", volumes[0])
    run(program, "x", f"-o{tmp_path / 'x'}", volumes[0])

    assert extracted(tmp_path / "x") == files


@pytest.mark.usefixtures("files")
def test_7zip_sees_one_set_of_stored_volumes(volumes: list[Path]) -> None:
    facts = run(judge("7z"), "l", "-slt", volumes[0])

    assert "Multivolume = +" in facts
    assert f"Volumes = {len(volumes)}" in facts
    assert re.findall(r"^Method = .*(m[1-5])", facts, re.MULTILINE) == []


def test_unar_extracts(volumes: list[Path], files: Files, tmp_path: Path) -> None:
    run(judge("unar"), "-D", "-o", tmp_path / "x", volumes[0])

    assert extracted(tmp_path / "x") == files


def test_lsar_tests(volumes: list[Path], files: Files) -> None:
    told = run(judge("lsar"), "-t", volumes[0])

    assert f"{len(files)} passed, 0 failed." in told
    assert (f"({len(volumes)} volumes)" in told) == (len(volumes) > 1)


def test_unrar_extracts(volumes: list[Path], files: Files, tmp_path: Path) -> None:
    """It lists empty folders, but as a library it does not make them."""
    node = judge("node")
    if not (UNRAR / "node_modules" / "node-unrar-js").is_dir():
        missing("UnRAR is missing: npm ci --prefix tests/judges")
    (tmp_path / "x").mkdir()

    names = run(node, UNRAR / "unrar.mjs", volumes[0], tmp_path / "x").splitlines()

    assert names == list(files)
    assert extracted(tmp_path / "x") == {name: files[name] for name in files if "Leer" not in name}


def test_bsdtar_extracts(volumes: list[Path], files: Files, tmp_path: Path) -> None:
    """Of RAR 4, libarchive reads what comes before a volume that ends between two members.

    Of RAR 5, it looks 511 bytes ahead: without the zeros a shorter last volume would not do.
    """
    with (tmp_path / "set.rar").open("wb") as joined:
        for path in volumes:
            joined.write(path.read_bytes())
        joined.write(bytes(512))
    folder = tmp_path / "x"
    folder.mkdir()

    run(judge("bsdtar"), "-xf", tmp_path / "set.rar", "-C", folder)

    found = extracted(folder)
    assert found == {name: files[name] for name in found}
    assert len(found) == len(files) or "second.epub" in files


def test_rarfile_reads(volumes: list[Path], files: Files) -> None:
    with rarfile.RarFile(volumes[0]) as archive:
        assert archive.volumelist() == [str(path) for path in volumes]
        assert not archive.needs_password()
        found = {entry.filename: entry for entry in archive.infolist()}
        assert {
            name.rstrip("/"): None if entry.is_dir() else archive.read(name)
            for name, entry in found.items()
        } == files


def test_unzip_tests_every_zip(zips: Package) -> None:
    program = judge("unzip")

    for path in zips.folder.glob("*.zip"):
        assert "No errors detected" in run(program, "-t", path)


def test_every_description_counts_the_zips(zips: Package) -> None:
    paths = sorted(zips.folder.glob("*.zip"))

    for disk, path in enumerate(paths, 1):
        with zipfile.ZipFile(path) as archive:
            assert diz.counter(archive.read("file_id.diz")) == (disk, len(paths))


def test_cksfv_checks_the_volumes_inside_and_the_zips_beside(
    rars: Package, rars_5: Package, zips: Package
) -> None:
    program = judge("cksfv")

    run(program, "-f", f"{STEM}.sfv", cwd=rars.folder)
    run(program, "-f", f"{STEM}.sfv", cwd=rars_5.folder)
    run(program, "-f", f"{NAME}.sfv", cwd=zips.folder.parent)


def test_sha256sum_checks_the_manifest(rars: Package, rars_5: Package, zips: Package) -> None:
    for package in (rars, rars_5, zips):
        run(judge("sha256sum"), "--check", "--strict", f"{NAME}.sha256", cwd=package.folder.parent)


def test_rhash_checks_both_lists(rars: Package, rars_5: Package, zips: Package) -> None:
    program = judge("rhash")

    run(program, "--check", f"{STEM}.sfv", cwd=rars.folder)
    run(program, "--check", f"{STEM}.sfv", cwd=rars_5.folder)
    run(program, "--check", f"{NAME}.sfv", cwd=zips.folder.parent)
    for package in (rars, rars_5, zips):
        run(program, "--sha256", "--check", f"{NAME}.sha256", cwd=package.folder.parent)


def test_rhash_finds_what_verify_finds(tmp_path: Path, into: Path) -> None:
    folder = pack(make_plan(tmp_path, scheme="rar"), into).folder
    volume = folder / f"{STEM}.r00"
    volume.write_bytes(flipped(volume.read_bytes(), 500))

    checked = subprocess.run(
        [judge("rhash"), "--check", f"{STEM}.sfv"], cwd=folder, capture_output=True, check=False
    )

    assert checked.returncode != 0
    assert {str(fault.values["file"]) for fault in verify(folder).faults} == {f"{NAME}/{STEM}.r00"}
