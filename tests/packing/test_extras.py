"""Samples and proofs as parts of a release."""

import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from releases.packing import PackingError, Payload, Plan, adopt, pack, sfv, verify
from releases.packing.plan import Note, Package
from tests.packing.conftest import judge
from tests.packing.making import DATED, NAME, make_plan, noise, shown
from tests.packing.pictures import SECRETS, make_photograph
from tests.packing.videos import make_film

BASE = "show.s01e01-grp"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_film(tmp_path_factory.mktemp("videos") / "film.mkv", 80)


@pytest.fixture
def plan(film: Path, tmp_path: Path) -> Plan:
    """Of a television release with a sample and two proofs."""
    proofs = (make_photograph(tmp_path / "a.jpg"), make_photograph(tmp_path / "b.png"))
    return make_plan(
        tmp_path,
        scheme="rar",
        payloads=(Payload(path=film, name=f"{BASE}.mkv"),),
        volume_base=BASE,
        volume_bytes=50_000,
        sample=True,
        proofs=proofs,
    )


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def kinds(package: Package) -> list[str]:
    return [file.kind for file in package.files]


def without_ffmpeg(patch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    patch.setenv("PATH", str(tmp_path / "nothing"))


def test_sample_and_proofs_lie_in_folders_of_their_own(plan: Plan, into: Path) -> None:
    package = pack(plan, into)

    beside = {path for path in tree(package.folder) if not path.startswith(f"{BASE}.r")}
    assert beside == {
        "grp-author.title.nfo",
        f"{BASE}.sfv",
        "Sample",
        f"Sample/{BASE}-sample.mkv",
        "Proof",
        f"Proof/{BASE}-proof1.jpg",
        f"Proof/{BASE}-proof2.png",
    }
    assert kinds(package)[-4:] == ["sfv", "sample", "proof", "proof"]
    assert package.notes == ()


def test_the_sfv_lists_neither_sample_nor_proofs(plan: Plan, into: Path) -> None:
    folder = pack(plan, into).folder

    listed = {name for name, _ in sfv.parse((folder / f"{BASE}.sfv").read_bytes())}
    assert listed == {path for path in tree(folder) if path.startswith(f"{BASE}.r")}


def test_extras_are_dated_and_readable_whatever_the_mask(plan: Plan, into: Path) -> None:
    before = os.umask(0o077)
    try:
        package = pack(plan, into)
    finally:
        os.umask(before)

    midnight = datetime(DATED.year, DATED.month, DATED.day, tzinfo=UTC).timestamp()
    for file in package.files:
        status = (into / file.path).stat()
        assert (status.st_mode & 0o777, status.st_mtime) == (0o644, midnight), file.path
    for name in ("Sample", "Proof"):
        assert (package.folder / name).stat().st_mode & 0o777 == 0o755


def test_the_same_plan_gives_the_same_sample_and_proofs(plan: Plan, tmp_path: Path) -> None:
    packages = []
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        packages.append(pack(replace(plan, manifest=True), tmp_path / place))

    assert packages[0].files == packages[1].files


def test_a_release_with_extras_is_read_back_sound_and_tells_no_secret(
    plan: Plan, into: Path
) -> None:
    folder = pack(replace(plan, manifest=True), into).folder

    assert verify(folder).faults == ()
    proofs = b"".join(path.read_bytes() for path in (folder / "Proof").iterdir())
    assert [secret for secret in SECRETS if secret in proofs] == []


@pytest.mark.parametrize("kind", ["sample", "proof"])
def test_extras_that_are_damaged_before_they_are_verified_are_not_published(
    plan: Plan, into: Path, kind: str
) -> None:
    def damage(stage: str, done: int, total: int) -> None:
        if stage == "verify" and not done:
            path = next(into.glob(f".{NAME}.*/{NAME}/{kind.title()}/*"))
            path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(PackingError, match=rf"{kind}.* differs from what was written"):
        pack(plan, into, damage)

    assert shown(into) == []


def test_progress_hears_of_the_sample_between_volumes_and_descriptions(
    plan: Plan, into: Path
) -> None:
    heard: dict[str, list[tuple[int, int]]] = {}

    pack(plan, into, lambda stage, *bytes: heard.setdefault(stage, []).append(bytes))

    assert list(heard) == ["archive", "sample", "describe", "flush", "verify", "settle", "publish"]
    assert heard["describe"][-1][0] == heard["describe"][-1][1]


def test_a_packing_cancelled_while_the_sample_is_cut_leaves_nothing(plan: Plan, into: Path) -> None:
    calls = 0

    def cancel(stage: str, done: int, total: int) -> None:
        nonlocal calls
        calls += stage == "sample"
        if calls == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pack(plan, into, cancel)

    assert shown(into) == []


def test_without_ffmpeg_the_release_has_no_sample_and_a_note(
    plan: Plan, into: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_ffmpeg(monkeypatch, tmp_path)

    package = pack(plan, into)

    assert not (package.folder / "Sample").exists()
    assert [str(note) for note in package.notes] == [
        "No sample: ffmpeg is not installed. Install it, then pack again"
    ]
    assert isinstance(package.notes[0], Note)


def test_a_video_that_is_none_is_packed_without_a_sample(plan: Plan, into: Path) -> None:
    judge("ffmpeg")
    path = into.parent / "text.mkv"
    path.write_bytes(noise(1000))

    package = pack(replace(plan, payloads=(Payload(path=path, name="x.mkv"),)), into)

    assert not (package.folder / "Sample").exists()
    assert "cannot read the video" in str(package.notes[0])


def test_a_video_that_changes_while_its_sample_is_cut_is_refused(
    plan: Plan, into: Path, tmp_path: Path
) -> None:
    video = tmp_path / "video.mkv"
    shutil.copy(plan.payloads[0].path, video)

    def touch(stage: str, done: int, total: int) -> None:
        if stage == "sample":
            os.utime(video, (1, 1))

    with pytest.raises(PackingError, match="changed while it was packed"):
        pack(replace(plan, payloads=(Payload(path=video, name="x.mkv"),)), into, touch)

    assert shown(into) == []


def test_one_proof_is_not_counted_and_no_folder_is_empty(plan: Plan, into: Path) -> None:
    folder = pack(replace(plan, sample=False, proofs=plan.proofs[:1]), into).folder

    assert shown(folder / "Proof") == [f"{BASE}-proof.jpg"]
    assert not (folder / "Sample").exists()


def test_a_release_asked_for_neither_has_neither_folder(plan: Plan, into: Path) -> None:
    folder = pack(replace(plan, sample=False, proofs=()), into).folder

    assert [path for path in folder.iterdir() if path.is_dir()] == []


def test_an_unfit_proof_is_refused_before_anything_is_packed(
    plan: Plan, into: Path, tmp_path: Path
) -> None:
    small = make_photograph(tmp_path / "small.jpg", (100, 100))
    heard: list[str] = []

    with pytest.raises(PackingError, match="has 100 x 100 pixels"):
        pack(replace(plan, proofs=(small,)), into, lambda stage, *bytes: heard.append(stage))

    assert heard == []


def test_a_sample_of_no_video_is_refused(plan: Plan, into: Path) -> None:
    payload = replace(plan.payloads[0], name="book.epub")

    with pytest.raises(PackingError, match=r"There is no video .*: choose an \.mkv file"):
        pack(replace(plan, payloads=(payload,)), into)


@pytest.mark.parametrize("fields", [{"sample": True}, {"proofs": (Path("x.jpg"),)}])
def test_the_zip_scheme_has_no_place_for_extras(
    tmp_path: Path, into: Path, fields: dict[str, object]
) -> None:
    with pytest.raises(PackingError, match="packed as zip has neither sample nor proofs"):
        pack(make_plan(tmp_path, **fields), into)


def test_extras_need_their_space_too(
    plan: Plan, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    volumes = pack(replace(plan, sample=False, proofs=()), into).bytes
    free = type("Usage", (), {"free": volumes + 1000})
    monkeypatch.setattr(shutil, "disk_usage", lambda path: free)

    with pytest.raises(PackingError, match="No space left"):
        pack(replace(plan, name=f"{NAME}2", proofs=()), into)
    with pytest.raises(PackingError, match="No space left"):
        pack(replace(plan, name=f"{NAME}2", sample=False), into)


def test_the_disk_has_the_folders_of_extras_before_they_are_shown(
    plan: Plan, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, synced = os.fsync, set()

    def record(fd: int) -> None:
        if not (into / NAME).exists():
            synced.add(Path(f"/proc/self/fd/{fd}").readlink().name)
        fsync(fd)

    monkeypatch.setattr(os, "fsync", record)
    package = pack(plan, into)

    assert synced >= {"Sample", "Proof"} | {Path(file.path).name for file in package.files}


def test_a_disk_that_fails_as_the_sample_is_placed_leaves_nothing(
    plan: Plan, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename: Callable[..., None] = os.rename

    def fail(source: Path, target: Path) -> None:
        if "Sample" in str(target):
            raise OSError(errno.EIO, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(PackingError, match="The disk failed"):
        pack(plan, into)

    assert shown(into) == []


def test_adopting_a_release_takes_its_extras_over(plan: Plan, into: Path) -> None:
    packed = pack(plan, into)

    adopted = adopt(plan, into)

    assert adopted == packed


def test_adopting_a_release_without_its_sample_says_so(plan: Plan, into: Path) -> None:
    shutil.rmtree(pack(plan, into).folder / "Sample")

    notes = adopt(plan, into).notes

    assert [str(note) for note in notes] == ["No sample: none was cut when the release was packed"]


def test_adopting_a_release_without_a_proof_is_refused(plan: Plan, into: Path) -> None:
    (pack(plan, into).folder / f"Proof/{BASE}-proof1.jpg").unlink()

    with pytest.raises(PackingError, match=r"proof1\.jpg is missing: pack again"):
        adopt(plan, into)
