import errno
import fcntl
import hashlib
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count, pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from releases.packing import PackingError, Payload, Plan, adopt, crew, pack, sfv, verify
from releases.packing.engine import workshops
from tests.packing.making import DATED, NAME, make_payload, make_plan, noise, shown

STEM = "grp-author.title"
ALL_THREE = sorted([NAME, f"{NAME}.sfv", f"{NAME}.sha256"])
FOLDER_OF = {
    "zip": ["file_id.diz", f"{STEM}.nfo", "grp12301.zip", "grp12302.zip", "grp12303.zip"],
    "rar": [f"{STEM}.{end}" for end in ("nfo", "r00", "r01", "rar", "sfv")],
}
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("scheme", ["zip", "rar"])
def test_the_folder_holds_what_the_scheme_says_and_nothing_else(
    tmp_path: Path, into: Path, scheme: str
) -> None:
    package = pack(make_plan(tmp_path, scheme=scheme), into)

    assert shown(into) == [NAME]
    assert shown(package.folder) == FOLDER_OF[scheme]
    assert package.volumes == 3
    assert package.bytes == sum(path.stat().st_size for path in package.folder.iterdir())


def test_each_zip_holds_one_volume_its_description_and_the_nfo(tmp_path: Path, into: Path) -> None:
    plan = make_plan(tmp_path)

    folder = pack(plan, into).folder

    for disk, volume in enumerate(["grp12301.rar", "grp12301.r00", "grp12301.r01"], 1):
        with zipfile.ZipFile(folder / f"grp1230{disk}.zip") as archive:
            assert archive.namelist() == [volume, "file_id.diz", f"{STEM}.nfo"]
            counter = f"DISK: [{disk:02}/03]\r\n".encode()
            assert archive.read("file_id.diz") == counter + b"Author\r\nTitle\r\n"
            assert archive.read(f"{STEM}.nfo") == plan.nfo
    assert (folder / "file_id.diz").read_bytes().startswith(b"DISK: [01/03]\r\n")
    assert (folder / f"{STEM}.nfo").read_bytes() == plan.nfo


@pytest.mark.parametrize("scheme", ["zip", "rar"])
def test_sums_asked_for_lie_beside_the_folder(tmp_path: Path, into: Path, scheme: str) -> None:
    package = pack(make_plan(tmp_path, scheme=scheme, sfv=True, manifest=True), into)

    beside = [f"{NAME}.sha256"] + ([f"{NAME}.sfv"] if scheme == "zip" else [])
    assert shown(into) == sorted([NAME, *beside])
    assert shown(package.folder) == FOLDER_OF[scheme]
    for file in package.files:
        data = (into / file.path).read_bytes()
        assert len(data) == file.size
        assert crc32(data) == int(file.crc32, 16)
        assert hashlib.sha256(data).hexdigest() == file.sha256


def test_the_sfv_of_rar_volumes_lists_them_in_order(tmp_path: Path, into: Path) -> None:
    folder = pack(make_plan(tmp_path, scheme="rar"), into).folder

    assert sfv.parse((folder / f"{STEM}.sfv").read_bytes()) == [
        (name, crc32((folder / name).read_bytes()))
        for name in (f"{STEM}.rar", f"{STEM}.r00", f"{STEM}.r01")
    ]


@pytest.mark.parametrize("scheme", ["zip", "rar"])
def test_the_same_plan_gives_the_same_bytes(tmp_path: Path, scheme: str) -> None:
    plan = make_plan(tmp_path, scheme=scheme, sfv=True, manifest=True)
    packages = []
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        packages.append(pack(plan, tmp_path / place))

    assert packages[0].files == packages[1].files


def test_files_are_dated_and_readable_whatever_the_mask(tmp_path: Path, into: Path) -> None:
    before = os.umask(0o077)
    try:
        package = pack(make_plan(tmp_path, sfv=True, manifest=True), into)
    finally:
        os.umask(before)

    midnight = datetime(DATED.year, DATED.month, DATED.day, tzinfo=UTC).timestamp()
    for file in package.files:
        status = (into / file.path).stat()
        assert (status.st_mode & 0o777, status.st_mtime) == (0o644, midnight)
    assert package.folder.stat().st_mode & 0o777 == 0o755


def test_progress_counts_every_byte_of_every_stage(tmp_path: Path, into: Path) -> None:
    heard: dict[str, list[tuple[int, int]]] = {}
    payload = make_payload(tmp_path, noise(1_000_000))
    plan = make_plan(tmp_path, payloads=(payload,), volume_bytes=600_000, manifest=True)

    package = pack(plan, into, lambda stage, *bytes: heard.setdefault(stage, []).append(bytes))

    assert list(heard) == [
        "archive",
        "describe",
        "flush",
        "verify",
        "settle",
        "publish",
    ]
    for stage in ("archive", "describe", "flush", "verify", "settle"):
        done = [done for done, _ in heard[stage]]
        assert done[0] == 0
        assert done[-1] == heard[stage][0][1]
        assert all(a <= b for a, b in pairwise(done))
    assert heard["archive"][-1] == (1_000_000, 1_000_000)
    assert heard["verify"][-1][0] == package.bytes - package.files[-1].size
    assert heard["settle"][-1][0] == package.bytes


def test_memory_does_not_grow_with_the_payload(tmp_path: Path, into: Path) -> None:
    path = tmp_path / "book.epub"
    with path.open("wb") as file:
        file.truncate(40_000_000)
    payload = Payload(path=path, name="book.epub")

    tracemalloc.start()
    pack(make_plan(tmp_path, payloads=(payload,), volume_bytes=5_000_000), into)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 8_000_000


def test_each_byte_is_written_once(tmp_path: Path, into: Path) -> None:
    payload = make_payload(tmp_path, noise(3_000_000))
    plan = make_plan(tmp_path, payloads=(payload,), volume_bytes=1_000_000, manifest=True)

    before = bytes_written()
    package = pack(plan, into)

    # The manifest is built aside, then copied; the process writes little else.
    assert bytes_written() - before < package.bytes + 10_000


def bytes_written() -> int:
    counters = Path("/proc/self/io").read_text().split()
    return int(counters[counters.index("wchar:") + 1])


def test_a_release_whose_payload_is_empty_is_packed(tmp_path: Path, into: Path) -> None:
    package = pack(make_plan(tmp_path, payloads=(make_payload(tmp_path, b""),)), into)

    assert package.volumes == 1
    assert verify(into / NAME).faults == ()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"scheme": "tar"}, "tar is no way to pack: choose one of zip, rar"),
        ({"payloads": ()}, "There is nothing to pack"),
        ({"nfo": b""}, "The NFO grp-author.title.nfo is empty"),
        ({"nfo_name": "readme.txt"}, "end it with .nfo"),
        ({"nfo_name": "../x.nfo"}, "cannot name a file of a release"),
        ({"name": "../escape"}, "cannot name a file of a release"),
        ({"name": ""}, "cannot name a file of a release"),
        ({"volume_base": "grp1234"}, "use one to six letters and digits"),
        ({"volume_base": "a/b"}, "cannot name a file of a release"),
        ({"volume_bytes": 50}, "cannot hold the headers of book.epub: choose larger volumes"),
        ({"max_volumes": 2}, "3 volumes of 1000 bytes would be needed and 2 are allowed"),
        ({"max_volumes": 900, "volume_bytes": 100}, "and 99 are allowed: choose larger volumes"),
        ({"dated": date(1979, 1, 1)}, "choose a day from 1980 to 2107"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused(
    tmp_path: Path, into: Path, fields: dict[str, Any], said: str
) -> None:
    plan = replace(make_plan(tmp_path), **fields)

    with pytest.raises(PackingError, match=said):
        pack(plan, into)

    assert shown(into) == []


@pytest.mark.parametrize("names", [("../x", "y"), ("Book.pdf", "book.PDF"), ("", "y")])
def test_payload_names_that_cannot_stand_are_refused(
    tmp_path: Path, into: Path, names: tuple[str, str]
) -> None:
    path = make_payload(tmp_path).path
    payloads = tuple(Payload(path=path, name=name) for name in names)

    with pytest.raises(PackingError, match="rename"):
        pack(make_plan(tmp_path, payloads=payloads), into)


def sparse(folder: Path, size: int) -> Payload:
    path = folder / "huge.mkv"
    with path.open("wb") as file:
        file.truncate(size)
    return Payload(path=path, name="huge.mkv")


def test_a_payload_larger_than_the_free_space_is_refused_at_once(
    tmp_path: Path, into: Path
) -> None:
    plan = make_plan(
        tmp_path, scheme="rar", payloads=(sparse(tmp_path, 8 << 40),), volume_bytes=1 << 40
    )

    with pytest.raises(PackingError, match=r"No space left in .*: \d+ bytes are needed and \d+"):
        pack(plan, into)

    assert shown(into) == []


def test_a_zip_beyond_four_gibibytes_is_refused(tmp_path: Path, into: Path) -> None:
    plan = make_plan(tmp_path, payloads=(sparse(tmp_path, 1 << 32),), volume_bytes=1 << 33)

    with pytest.raises(PackingError, match="choose smaller volumes"):
        pack(plan, into)


def test_a_target_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    plan = make_plan(tmp_path)

    with pytest.raises(PackingError, match="is not there: make the folder first"):
        pack(plan, tmp_path / "nowhere")
    with pytest.raises(PackingError, match="is not a folder"):
        pack(plan, plan.payloads[0].path)


@pytest.mark.parametrize("taken", [NAME, f"{NAME}.sfv", f"{NAME}.sha256"])
def test_what_exists_already_is_left_alone(tmp_path: Path, into: Path, taken: str) -> None:
    (into / taken).write_bytes(b"mine")

    with pytest.raises(PackingError, match=f"{taken} exists already"):
        pack(make_plan(tmp_path), into)

    assert shown(into) == [taken]
    assert (into / taken).read_bytes() == b"mine"


def test_a_dangling_link_is_left_alone(tmp_path: Path, into: Path) -> None:
    (into / NAME).symlink_to(tmp_path / "nowhere")

    with pytest.raises(PackingError, match="exists already"):
        pack(make_plan(tmp_path), into)


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), SystemExit(), OSError("Cancelled"), PackingError("Cancelled")]
)
@pytest.mark.parametrize("stage", ["archive", "describe", "flush", "verify", "settle", "publish"])
def test_whatever_progress_raises_ends_the_packing_and_leaves_nothing(
    tmp_path: Path, into: Path, stage: str, error: BaseException
) -> None:
    def cancel(now: str, done: int, total: int) -> None:
        if now == stage and (done or stage == "publish"):
            raise error

    with pytest.raises(type(error)) as raised:
        pack(make_plan(tmp_path, sfv=True, manifest=True), into, cancel)

    assert raised.value is error
    assert shown(into) == []


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one thread do everything, so that what happens meanwhile happens in between."""
    monkeypatch.setattr(crew, "HANDS", 1)


def once(act: Callable[[], object]) -> Callable[[str, int, int], None]:
    """Return a progress that does `act` at the first byte archived."""
    pending = [act]

    def progress(stage: str, done: int, total: int) -> None:
        if done and pending:
            pending.pop()()

    return progress


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    "change",
    [
        lambda path: os.truncate(path, 10),
        append,
        lambda path: os.utime(path, (1, 1)),
        lambda path: (path.parent / "other").rename(path),
    ],
    ids=["shrinks", "grows", "is touched", "is replaced"],
)
def test_a_payload_that_changes_while_it_is_packed_is_refused(
    tmp_path: Path, into: Path, change: Callable[[Path], None]
) -> None:
    payload = make_payload(tmp_path, noise(700_000))
    make_payload(tmp_path, noise(700_000), "other")
    plan = make_plan(tmp_path, payloads=(payload,), volume_bytes=400_000)

    with pytest.raises(PackingError, match="changed while it was packed: pack again"):
        pack(plan, into, once(lambda: change(payload.path)))

    assert shown(into) == []


@pytest.mark.usefixtures("alone")
def test_a_payload_that_grows_after_its_last_byte_was_read_is_refused(
    tmp_path: Path, into: Path
) -> None:
    plan = make_plan(tmp_path, volume_bytes=5000)

    with pytest.raises(PackingError, match="changed while it was packed"):
        pack(plan, into, once(lambda: append(plan.payloads[0].path)))


@pytest.mark.usefixtures("alone")
def test_a_payload_that_becomes_a_link_while_it_is_packed_is_refused(
    tmp_path: Path, into: Path
) -> None:
    plan = make_plan(tmp_path)
    path = plan.payloads[0].path

    def link() -> None:
        path.symlink_to(path.rename(tmp_path / "elsewhere"))

    with pytest.raises(PackingError, match="has become a link"):
        pack(plan, into, once(link))

    assert shown(into) == []


@pytest.mark.usefixtures("alone")
def test_a_payload_that_goes_while_it_is_packed_is_refused(tmp_path: Path, into: Path) -> None:
    plan = make_plan(tmp_path)

    with pytest.raises(PackingError, match="is not there: put it back"):
        pack(plan, into, once(plan.payloads[0].path.unlink))

    assert shown(into) == []


def test_what_is_damaged_before_it_is_verified_is_not_published(tmp_path: Path, into: Path) -> None:
    def damage(stage: str, done: int, total: int) -> None:
        if stage == "verify" and not done:
            (path,) = into.glob(f".{NAME}.*/{NAME}/grp12302.zip")
            append(path)

    with pytest.raises(PackingError, match=r"grp12302\.zip is no whole ZIP"):
        pack(make_plan(tmp_path), into, damage)

    assert shown(into) == []


def test_a_damaged_manifest_is_not_published(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    utime = os.utime

    def damage(fd: int, times: tuple[float, float]) -> None:
        utime(fd, times)
        if Path(f"/proc/self/fd/{fd}").readlink().suffix == ".sha256":
            os.pwrite(fd, b"?", 0)

    monkeypatch.setattr(os, "utime", damage)
    with pytest.raises(PackingError, match=r"sha256 differs from what was written"):
        pack(make_plan(tmp_path, manifest=True), into)

    assert shown(into) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid():
        pytest.skip("Only root may mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], check=True)
    yield disk
    subprocess.run(["umount", disk], check=True)


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


@pytest.mark.usefixtures("alone")
def test_a_disk_that_fills_up_ends_the_packing_and_it_works_once_there_is_space(
    tmp_path: Path, small_disk: Path
) -> None:
    payload = make_payload(tmp_path, noise(2_000_000))
    plan = make_plan(tmp_path, payloads=(payload,), volume_bytes=500_000)

    with pytest.raises(PackingError, match=r"No space left to write .*: free some"):
        pack(plan, small_disk, once(lambda: fill(small_disk)))
    assert shown(small_disk) == ["filler"]

    with pytest.raises(PackingError, match=r"bytes are needed and \d+ are free"):
        pack(plan, small_disk)

    (small_disk / "filler").unlink()
    pack(plan, small_disk)
    assert verify(small_disk / NAME).faults == ()


def test_a_disk_that_may_only_be_read_is_named(tmp_path: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)

    with pytest.raises(PackingError, match="lies on a disk that may only be read"):
        pack(make_plan(tmp_path), small_disk)


KILLED = """
import os, pickle, signal, sys
from releases.packing import pack

plan, into, when = pickle.loads(bytes.fromhex(sys.argv[1]))

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def progress(stage, done, total):
    if stage == when and done:
        die()

def hook(event, args):
    if event == when:
        die()

sys.addaudithook(hook)
pack(plan, into, progress)
"""


def pack_and_die(plan: Plan, into: Path, when: str) -> None:
    """Pack in a process that is killed at a stage, or at an event of the interpreter."""
    task = pickle.dumps((plan, into, when)).hex()
    done = subprocess.run([sys.executable, "-c", KILLED, task], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("when", ["archive", "describe", "flush", "verify", "settle", "os.rename"])
def test_a_killed_packing_shows_no_release_and_is_swept_by_the_next(
    tmp_path: Path, into: Path, when: str
) -> None:
    plan = make_plan(tmp_path, sfv=True, manifest=True)

    pack_and_die(plan, into, when)

    assert not (into / NAME).exists()
    assert list(into.glob(f".{NAME}.*"))
    pack(plan, into)
    assert shown(into) == ALL_THREE
    assert verify(into / NAME).faults == ()


def test_a_packing_killed_after_publishing_has_made_its_release(tmp_path: Path, into: Path) -> None:
    plan = make_plan(tmp_path, sfv=True, manifest=True)

    pack_and_die(plan, into, "shutil.rmtree")

    assert verify(into / NAME).faults == ()
    with pytest.raises(PackingError, match="exists already"):
        pack(plan, into)
    assert shown(into) == ALL_THREE
    assert verify(into / NAME).faults == ()


def test_sweeping_spares_what_the_killed_packing_did_not_write(tmp_path: Path, into: Path) -> None:
    plan = make_plan(tmp_path, sfv=True, manifest=True)
    pack_and_die(plan, into, "verify")
    (into / f"{NAME}.sfv").write_bytes(b"mine")

    with pytest.raises(PackingError, match="sfv exists already"):
        pack(plan, into)

    assert shown(into) == [f"{NAME}.sfv"]


def test_sweeping_spares_the_workshops_of_other_releases(tmp_path: Path, into: Path) -> None:
    others = [f".{NAME}.v2.0123abcd", f".{NAME}.notes", ".Other-GRP.0123abcd"]
    for name in others:
        (into / name).mkdir()

    pack(make_plan(tmp_path), into)

    assert shown(into) == sorted([*others, NAME])


@pytest.mark.parametrize("sums", [True, False])
def test_of_two_packings_at_once_one_wins_and_the_other_leaves_nothing(
    tmp_path: Path, into: Path, sums: bool
) -> None:
    plan = make_plan(tmp_path, sfv=sums, manifest=sums)

    with pytest.raises(PackingError, match="exists already"):
        pack(plan, into, once(lambda: pack(plan, into)))

    assert shown(into) == (ALL_THREE if sums else [NAME])
    assert verify(into / NAME).faults == ()


def test_a_name_taken_at_the_last_moment_leaves_nothing_of_ours(tmp_path: Path, into: Path) -> None:
    def take(stage: str, done: int, total: int) -> None:
        if stage == "publish":
            (into / f"{NAME}.sha256").write_bytes(b"theirs")

    with pytest.raises(PackingError, match="sha256 exists already"):
        pack(make_plan(tmp_path, sfv=True, manifest=True), into, take)

    assert shown(into) == [f"{NAME}.sha256"]


def test_a_disk_that_fails_as_the_release_is_shown_hides_it_again(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def fail(fd: int) -> None:
        if (into / NAME).exists():
            raise OSError(errno.EIO, "Input/output error")
        fsync(fd)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(PackingError, match="The disk failed"):
        pack(make_plan(tmp_path, sfv=True, manifest=True), into)

    assert shown(into) == []


def test_the_disk_has_all_of_a_release_before_it_is_shown(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync
    synced: list[tuple[str, bool]] = []

    def record(fd: int) -> None:
        synced.append((Path(f"/proc/self/fd/{fd}").readlink().name, (into / NAME).exists()))
        fsync(fd)

    monkeypatch.setattr(os, "fsync", record)
    package = pack(make_plan(tmp_path, sfv=True, manifest=True), into)

    before = {name for name, is_shown in synced if not is_shown}
    assert before == {Path(file.path).name for file in package.files} | {NAME, into.name}
    assert [name for name, is_shown in synced if is_shown] == [into.name]


def test_a_workshop_swept_before_it_is_held_is_made_anew(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold: Callable[[Path], int | None] = workshops._hold
    sweeps = [shutil.rmtree]

    def hold_too_late(shop: Path) -> int | None:
        if sweeps:
            sweeps.pop()(shop)
        return hold(shop)

    monkeypatch.setattr(workshops, "_hold", hold_too_late)

    assert pack(make_plan(tmp_path), into).volumes == 3
    assert shown(into) == [NAME]


def test_a_workshop_swept_while_it_is_locked_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlink(lock: int, how: int) -> None:
        (tmp_path / ".lock").unlink()

    monkeypatch.setattr(fcntl, "flock", unlink)

    assert workshops._hold(tmp_path) is None


def test_calls_that_do_less_than_asked_are_repeated(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pwrite, preadv = os.pwrite, os.preadv
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: pwrite(fd, data[:700], at))
    monkeypatch.setattr(os, "preadv", lambda fd, buffers, at: preadv(fd, [buffers[0][:300]], at))

    pack(make_plan(tmp_path), into)

    assert verify(into / NAME).faults == ()


CALLS = ["open", "close", "pwrite", "preadv", "readv", "fsync", "fchmod", "utime", "fstat"]
CALLS += ["mkdir", "chmod", "rename", "lstat", "stat"]


class Calls:
    """Counts calls to the system, and fails the one of a given number."""

    def __init__(self, failing: int, patch: pytest.MonkeyPatch) -> None:
        self.failing = failing
        self.made = 0
        for name in CALLS:
            patch.setattr(os, name, self.counted(getattr(os, name)))

    def counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **options: Any) -> Any:
            self.made += 1
            if self.made == self.failing:
                raise OSError(errno.EIO, "Input/output error")
            return call(*args, **options)

        return counting


def pack_with_a_failing_call(number: int, plan: Plan, into: Path) -> tuple[bool, bool]:
    """Return whether that many calls were made, and whether the release was packed."""
    with pytest.MonkeyPatch.context() as patch:
        calls = Calls(number, patch)
        try:
            pack(plan, into)
        except PackingError:
            return True, False
    return calls.made >= number, True


@pytest.mark.slow
@pytest.mark.parametrize("hands", [1, 2])
def test_whichever_call_to_the_system_fails_a_release_is_whole_or_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hands: int
) -> None:
    monkeypatch.setattr(crew, "HANDS", hands)
    plan = make_plan(tmp_path, sfv=True, manifest=True, volume_bytes=2000)
    refused = 0
    for number in count(1):
        into = tmp_path / str(number)
        into.mkdir()
        has_failed, is_packed = pack_with_a_failing_call(number, plan, into)
        if not is_packed:
            refused += 1
            assert not set(ALL_THREE) & set(shown(into))
            pack(plan, into)
        assert verify(into / NAME).faults == ()
        if not has_failed:
            break
    assert refused > 100


@pytest.mark.parametrize("scheme", ["zip", "rar"])
def test_adopting_a_published_release_tells_what_packing_it_told(
    tmp_path: Path, into: Path, scheme: str
) -> None:
    plan = make_plan(tmp_path, scheme=scheme, sfv=True, manifest=True)
    packed = pack(plan, into)

    adopted = adopt(plan, into)

    assert sorted(adopted.files, key=str) == sorted(packed.files, key=str)
    assert (adopted.folder, adopted.volumes) == (packed.folder, packed.volumes)


def test_adopting_a_damaged_release_is_refused(tmp_path: Path, into: Path) -> None:
    plan = make_plan(tmp_path)
    volume = pack(plan, into).folder / "grp12302.zip"
    volume.write_bytes(volume.read_bytes()[:-1])

    with pytest.raises(PackingError, match=r"grp12302\.zip"):
        adopt(plan, into)


def test_adopting_a_release_that_lacks_a_volume_is_refused(tmp_path: Path, into: Path) -> None:
    plan = make_plan(tmp_path)
    (pack(plan, into).folder / "grp12303.zip").unlink()

    with pytest.raises(PackingError):
        adopt(plan, into)


def test_adopting_a_release_of_another_plan_is_refused(tmp_path: Path, into: Path) -> None:
    plan = make_plan(tmp_path)
    pack(replace(plan, volume_bytes=2000), into)

    with pytest.raises(PackingError, match=r"grp12303\.zip is missing: pack again"):
        adopt(plan, into)
