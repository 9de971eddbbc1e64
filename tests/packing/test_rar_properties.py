"""What holds of every RAR set, whatever the sizes, the counts and the names."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
import rarfile
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from releases.packing import NamingError, Payload, naming, rar
from releases.packing.rar import Member
from tests.packing.making import faults_of, make_volumes, noise, read_volumes

VERSIONS = (4, 5)
GIB = 1 << 30


def check_layout(members: Sequence[Member], volume_bytes: int, version: int) -> int:
    """Check all that holds of a layout, and return how many volumes it has."""
    volumes = rar.layout(members, volume_bytes, version)
    assert rar.count(members, volume_bytes, version) == len(volumes)
    assert [volume.number for volume in volumes] == list(range(len(volumes)))
    assert [volume.is_last for volume in volumes] == [False] * (len(volumes) - 1) + [True]
    for volume in volumes:
        check_volume(volume, volume_bytes, version)
    for volume, following in pairwise(volumes):
        check_fullness(volume, following, volume_bytes)
    check_members(members, [part for volume in volumes for part in volume.parts])
    return len(volumes)


def check_volume(volume: rar.Volume, volume_bytes: int, version: int) -> None:
    dialect = rar.dialect(version)
    head = dialect.HEAD_BYTES if volume.number else dialect.FIRST_HEAD_BYTES
    assert volume.parts[0].at == head
    assert all(one.end == other.at for one, other in pairwise(volume.parts))
    assert volume.size <= volume_bytes
    assert all(part.size or not part.member.size for part in volume.parts)


def check_fullness(volume: rar.Volume, following: rar.Volume, volume_bytes: int) -> None:
    """Check that a volume is full, unless the next member found no room in it."""
    part = following.parts[0]
    room = volume_bytes - volume.size
    assert room == 0 or (part.is_first and part.data_at - part.at + min(part.member.size, 1) > room)


def check_members(members: Sequence[Member], parts: Sequence[rar.Part]) -> None:
    """Check that each byte of each member is in one part, in order."""
    assert [part.member for part in parts if part.is_first] == list(members)
    for one, other in pairwise(parts):
        assert one.is_last == other.is_first
        assert one.is_last or one.offset + one.size == other.offset
    assert not parts or parts[-1].is_last


@st.composite
def exact_fits(draw: st.DrawFn) -> tuple[Member, int, int, int]:
    """Draw a member that all but fills a number of volumes: volume_bytes, version, that number."""
    version = draw(st.sampled_from(VERSIONS))
    dialect = rar.dialect(version)
    count = draw(st.integers(1, dialect.MAX_VOLUMES))
    volume_bytes = draw(st.sampled_from([100, 127, 128, 1000, 16_384, 50_000_000, 5 * GIB]))
    member = Member("a", count * volume_bytes)
    room = volume_bytes - dialect.HEAD_BYTES - dialect.file_bytes(member) - dialect.END_BYTES
    extra = dialect.HEAD_BYTES - dialect.FIRST_HEAD_BYTES
    full = Member("a", count * room + extra)
    assume(dialect.file_bytes(full) == dialect.file_bytes(member))
    return full, volume_bytes, version, count


@given(fit=exact_fits(), more=st.integers(-2, 2))
def test_one_more_volume_is_taken_exactly_when_it_must(
    fit: tuple[Member, int, int, int], more: int
) -> None:
    full, volume_bytes, version, count = fit
    member = Member("a", full.size + more)
    dialect = rar.dialect(version)
    assume(member.size > 0 and dialect.file_bytes(full) == dialect.file_bytes(member))

    assert rar.count([member], volume_bytes, version) == count + (more > 0)
    if count < 200:
        assert check_layout([member], volume_bytes, version) == count + (more > 0)


@pytest.mark.parametrize(("version", "count"), [(4, 901), (5, 9999)])
def test_sets_are_laid_out_up_to_the_last_name(version: int, count: int) -> None:
    dialect = rar.dialect(version)
    room = 100 - dialect.HEAD_BYTES - dialect.file_bytes(Member("a", 400_000)) - dialect.END_BYTES

    assert check_layout([Member("a", count * room)], 100, version) == count


near_volumes = st.builds(
    lambda volumes, less: volumes * 500 - less, st.integers(1, 4), st.integers(0, 90)
)
sizes = st.one_of(st.just(0), st.integers(1, 3000), near_volumes)


@given(
    version=st.sampled_from(VERSIONS),
    sizes=st.lists(sizes, min_size=1, max_size=12),
    volume_bytes=st.one_of(st.just(500), st.integers(110, 700)),
)
def test_several_members_are_laid_out_without_a_gap(
    version: int, sizes: list[int], volume_bytes: int
) -> None:
    members = [Member(f"file{place}", size) for place, size in enumerate(sizes)]

    check_layout(members, volume_bytes, version)


@given(
    version=st.sampled_from(VERSIONS),
    size=st.sampled_from([2 * GIB, 4 * GIB, 8 * GIB]),
    more=st.integers(-2, 2),
    volume_bytes=st.sampled_from([50_000_000, 2 * GIB, 4 * GIB + 100, 1 << 40]),
)
def test_a_member_beyond_gibibytes_is_laid_out_without_a_gap(
    version: int, size: int, more: int, volume_bytes: int
) -> None:
    check_layout([Member("a", size + more), Member("b", 5)], volume_bytes, version)


def is_payload_name(name: str) -> bool:
    try:
        naming.check_payload_name(name)
    except NamingError:
        return False
    return True


scripts = st.characters(exclude_categories=["Cs", "Cc"])
file_names = st.text(scripts, min_size=1, max_size=40).filter(is_payload_name)


@settings(max_examples=200)
@given(name=file_names, version=st.sampled_from(VERSIONS))
def test_names_in_any_script_come_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, version: int
) -> None:
    folder = tmp_path_factory.mktemp("names")
    (folder / "file").write_bytes(b"x")

    path = make_volumes(folder, [Payload(path=folder / "file", name=name)], 2000, version)[0]

    assert read_volumes([path])[0].parts[0].name == name
    with rarfile.RarFile(path) as archive:
        assert archive.namelist() == [name]
        assert archive.read(name) == b"x"


Tree = dict[str, "int | Tree"]
"""Names, and sizes of files or what lies in folders."""
plain_names = st.text("abcdé世", min_size=1, max_size=3)
trees: st.SearchStrategy[Tree] = st.recursive(
    st.dictionaries(plain_names, st.integers(0, 2500), max_size=4),
    lambda below: st.dictionaries(plain_names, st.one_of(st.integers(0, 600), below), max_size=4),
    max_leaves=6,
)


def plant(tree: Tree, folder: Path) -> None:
    folder.mkdir()
    for name, inside in tree.items():
        if isinstance(inside, int):
            (folder / name).write_bytes(noise(inside, inside))
        else:
            plant(inside, folder / name)


def grown(folder: Path) -> dict[str, int | None]:
    """Return the size of each file of a tree, nothing for folders, by its path in the archive."""
    found = [folder, *folder.rglob("*")]
    return {
        str(path.relative_to(folder.parent)): None if path.is_dir() else path.stat().st_size
        for path in found
    }


@settings(max_examples=60)
@given(tree=trees, version=st.sampled_from(VERSIONS), volume_bytes=st.integers(150, 1500))
def test_a_tree_comes_back(
    tmp_path_factory: pytest.TempPathFactory, tree: Tree, version: int, volume_bytes: int
) -> None:
    folder = tmp_path_factory.mktemp("trees")
    plant(tree, folder / "top")

    payload = Payload(path=folder / "top", name="top")
    paths = make_volumes(folder, [payload], volume_bytes, version)

    volumes = read_volumes(paths)
    assert faults_of(volumes) == []
    parts = [part for volume in volumes for part in volume.parts if part.is_last]
    assert {part.name: None if part.is_folder else part.member_bytes for part in parts} == grown(
        folder / "top"
    )
    with rarfile.RarFile(paths[0]) as archive:
        for entry in archive.infolist():
            path = folder / entry.filename
            assert entry.is_dir() == path.is_dir()
            assert entry.is_dir() or archive.read(entry) == path.read_bytes()
