"""The directories that corrections of a release produce, exactly."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from releases.packing import PackingError, Payload, Plan, adopt, nfo, pack, verify
from releases.packing.engine.schemes import SCHEMES
from tests.packing.making import make_plan, shown
from tests.packing.pictures import make_photograph
from tests.packing.videos import make_film

FAULTY = "Show.S01E01.720p.WEB.H264-GRP"
BASE = "show.s01e01-grp"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("videos") / "film.mkv", 80)


def make_fix(folder: Path, tag: str, **fields: Any) -> Plan:
    defaults = {
        "scheme": "fix",
        "name": f"Show.S01E01.{tag}.720p.WEB.H264-GRP",
        "payloads": (),
        "volume_base": BASE,
        "nfo": f"Fixes {FAULTY}\r\n".encode(),
        "nfo_name": f"{BASE}.nfo",
        "corrects": FAULTY,
    }
    return make_plan(folder, **defaults | fields)


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("tag", ["NFOFIX", "DIRFIX"])
def test_a_fix_of_nfo_or_directory_holds_the_nfo_alone(
    tmp_path: Path, into: Path, tag: str
) -> None:
    package = pack(make_fix(tmp_path, tag), into)

    assert shown(into) == [f"Show.S01E01.{tag}.720p.WEB.H264-GRP"]
    assert tree(package.folder) == [f"{BASE}.nfo"]
    assert (package.folder / f"{BASE}.nfo").read_bytes() == f"Fixes {FAULTY}\r\n".encode()
    assert package.volumes == 0


def test_a_fix_of_the_sample_holds_sample_and_nfo(tmp_path: Path, into: Path, film: Path) -> None:
    video = Payload(path=film, name=f"{BASE}.mkv")

    package = pack(make_fix(tmp_path, "SAMPLEFIX", payloads=(video,), sample=True), into)

    assert tree(package.folder) == ["Sample", f"Sample/{BASE}-sample.mkv", f"{BASE}.nfo"]
    assert package.volumes == 0
    assert verify(package.folder).faults == ()


def test_a_fix_of_the_proofs_holds_proofs_and_nfo(tmp_path: Path, into: Path) -> None:
    proofs = (make_photograph(tmp_path / "a.jpg"),)

    package = pack(make_fix(tmp_path, "PROOFFIX", proofs=proofs), into)

    assert tree(package.folder) == ["Proof", f"Proof/{BASE}-proof.jpg", f"{BASE}.nfo"]
    assert verify(package.folder).faults == ()


def test_a_manifest_may_lie_beside_a_fix(tmp_path: Path, into: Path) -> None:
    plan = make_fix(tmp_path, "NFOFIX", sfv=True, manifest=True)

    folder = pack(plan, into).folder

    assert shown(into) == sorted([plan.name, f"{plan.name}.sha256"])
    assert verify(folder).faults == ()


def test_the_payload_of_a_fix_is_not_archived(tmp_path: Path, into: Path, film: Path) -> None:
    plan = make_fix(tmp_path, "NFOFIX", payloads=(Payload(path=film, name="x.mkv"),))

    assert tree(pack(plan, into).folder) == [f"{BASE}.nfo"]


@pytest.mark.parametrize("tag", ["REPACK", "RERIP", "PROPER"])
def test_a_repack_is_a_whole_release_whose_nfo_names_the_faulty_one(
    tmp_path: Path, into: Path, tag: str
) -> None:
    whole = {"scheme": "rar", "payloads": make_plan(tmp_path).payloads}
    plan = make_fix(tmp_path, tag, **whole)

    package = pack(plan, into)

    assert tree(package.folder) == [f"{BASE}.{end}" for end in ("nfo", "r00", "r01", "rar", "sfv")]
    with pytest.raises(PackingError, match=f"does not name {FAULTY}, the release it corrects"):
        pack(replace(plan, name=f"{plan.name}2", nfo=b"Anything else\r\n"), into)


def test_a_proper_of_a_book_names_the_faulty_one_too(tmp_path: Path, into: Path) -> None:
    plan = make_plan(tmp_path, corrects=FAULTY)

    with pytest.raises(PackingError, match=r"grp-author\.title\.nfo does not name Show.*write it"):
        pack(plan, into)


@pytest.mark.parametrize("encoding", nfo.ENCODINGS)
def test_a_name_longer_than_a_line_may_be_broken(tmp_path: Path, into: Path, encoding: str) -> None:
    faulty = f"{'Long.' * 20}S01E01-GRP"
    text = f"Été\nFixes: {faulty[:70]}\n       {faulty[70:]}\n"

    plan = make_fix(tmp_path, "NFOFIX", corrects=faulty, nfo=nfo.encode(text, encoding))

    assert pack(plan, into).volumes == 0


def test_a_fix_whose_nfo_does_not_name_what_it_corrects_is_refused(
    tmp_path: Path, into: Path
) -> None:
    with pytest.raises(PackingError, match="does not name"):
        pack(make_fix(tmp_path, "NFOFIX", nfo=b"Fixes Show.S01E02\r\n"), into)

    assert shown(into) == []


def test_a_fix_of_nothing_is_refused(tmp_path: Path, into: Path) -> None:
    with pytest.raises(PackingError, match="A fix corrects a release: say which one"):
        pack(make_fix(tmp_path, "NFOFIX", corrects=""), into)


def test_a_fix_of_two_things_is_refused(tmp_path: Path, into: Path) -> None:
    plan = make_fix(tmp_path, "SAMPLEFIX", sample=True, proofs=(tmp_path / "a.jpg",))

    with pytest.raises(PackingError, match="make one fix of each"):
        pack(plan, into)


def test_a_fix_of_the_sample_without_a_sample_is_refused(
    tmp_path: Path, into: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = Payload(path=film, name=f"{BASE}.mkv")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))

    with pytest.raises(PackingError, match="No sample: ffmpeg is not installed"):
        pack(make_fix(tmp_path, "SAMPLEFIX", payloads=(video,), sample=True), into)

    assert shown(into) == []


def test_a_fix_that_was_published_is_adopted(tmp_path: Path, into: Path, film: Path) -> None:
    video = Payload(path=film, name=f"{BASE}.mkv")
    plan = make_fix(tmp_path, "SAMPLEFIX", payloads=(video,), sample=True)
    packed = pack(plan, into)

    assert adopt(plan, into) == packed

    (packed.folder / f"Sample/{BASE}-sample.mkv").unlink()
    with pytest.raises(PackingError, match=r"sample\.mkv is missing: pack again"):
        adopt(plan, into)


def test_only_a_fix_has_no_volumes() -> None:
    assert [name for name, scheme in SCHEMES.items() if scheme.is_fix] == ["fix"]
