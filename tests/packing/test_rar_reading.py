"""Volumes read back: ours, those of others, and what is none."""

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from isal.isal_zlib import crc32

from releases.packing import rar
from releases.packing.rar import Damaged
from releases.packing.rar.contents import MAX_BLOCKS
from tests.packing.making import (
    faults_of,
    flipped,
    make_payload,
    make_volumes,
    noise,
    read_archive,
    read_volumes,
    unsummed,
)


@pytest.fixture(params=[4, 5])
def version(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


def is_found(damaged: bytes, place: int, sound: list[rar.Contents], folder: Path) -> bool:
    """Say whether `damaged` is found to be, as the volume of that place in a sound set."""
    try:
        volume = read_archive(folder, damaged)
    except Damaged as fault:
        return "x.rar" in str(fault)
    return bool(faults_of([*sound[:place], volume, *sound[place + 1 :]]))


def test_every_flipped_byte_of_a_volume_is_found(tmp_path: Path, version: int) -> None:
    payloads = [make_payload(tmp_path, noise(500)), make_payload(tmp_path, noise(150), "two")]
    paths = make_volumes(tmp_path, payloads, 300, version)
    sound = read_volumes(paths)

    assert faults_of(sound) == []
    for place, path in enumerate(paths):
        data = path.read_bytes()
        for at in range(len(data)):
            for bit in (0x01, 0x10):
                assert is_found(flipped(data, at, bit), place, sound, tmp_path), (path.name, at)


def test_every_cut_of_a_volume_is_found(tmp_path: Path, version: int) -> None:
    paths = make_volumes(tmp_path, [make_payload(tmp_path, noise(500))], 300, version)
    sound = read_volumes(paths)

    for place, path in enumerate(paths):
        data = path.read_bytes()
        for size in range(len(data)):
            assert is_found(data[:size], place, sound, tmp_path), (path.name, size)


def test_what_follows_the_end_block_is_found(tmp_path: Path, version: int) -> None:
    data = make_volumes(tmp_path, [make_payload(tmp_path)], 300, version)[0].read_bytes()

    with pytest.raises(Damaged, match="does not end where its RAR volume ends"):
        read_archive(tmp_path, data + b"\0")


def test_a_file_cut_while_it_is_read_is_found(tmp_path: Path) -> None:
    path = tmp_path / "volume.rar"
    path.write_bytes(noise(rar.PIECE_BYTES + 1))

    with (
        rar.Tape(path, "volume.rar", lambda size: os.truncate(path, 10)) as tape,
        pytest.raises(Damaged, match=r"volume\.rar ends too early"),
    ):
        tape.skip(tape.left)


def test_a_volume_tells_what_it_holds(tmp_path: Path, version: int) -> None:
    payloads = [make_payload(tmp_path, noise(9), "é.epub"), make_payload(tmp_path, b"", "empty")]
    path = make_volumes(tmp_path, payloads, 500, version)[0]

    volume = read_volumes([path])[0]

    assert (volume.version, volume.number, volume.is_last, volume.has_end) == (
        version,
        0,
        True,
        True,
    )
    assert (volume.is_volume, volume.is_new_naming) == (True, version == 5)
    assert (volume.is_encrypted, volume.has_recovery) == (False, False)
    assert [(part.name, part.member_bytes) for part in volume.parts] == [
        ("é.epub", 9),
        ("empty", 0),
    ]
    assert unsummed(volume) == ()
    assert volume.crc == crc32(path.read_bytes())


def test_a_missing_volume_is_found(tmp_path: Path, version: int) -> None:
    paths = make_volumes(tmp_path, [make_payload(tmp_path, noise(500))], 300, version)
    one, two, three = (
        replace(found, file=name) for found, name in zip(read_volumes(paths), "123", strict=True)
    )

    assert faults_of([one, two, three]) == []
    assert faults_of([one, two]) == ["The volume after 2 is missing", "2 breaks off within a file"]
    assert "3 is volume 3 of its set where 2 is due" in faults_of([one, three])
    assert "2 does not continue the volume before it" in faults_of([two, three])
    assert "3 ends its set, yet more volumes follow" in faults_of([one, three, two])


def test_a_volume_of_another_set_is_found(tmp_path: Path, version: int) -> None:
    ours, theirs, named = (tmp_path / folder for folder in ("ours", "theirs", "named"))
    for folder in (ours, theirs, named):
        folder.mkdir()
    one, two = make_volumes(ours, [make_payload(ours, noise(300))], 300, version)
    other = make_volumes(theirs, [make_payload(theirs, noise(300, 1))], 300, version)[1]
    renamed = make_volumes(named, [make_payload(named, noise(300), "bock.epub")], 300, version)[1]

    assert faults_of(read_volumes([one, two])) == []
    assert faults_of(read_volumes([one, other])) == [
        f"{other.name} ends a file that differs from its sum"
    ]
    assert f"{renamed.name} does not continue the volume before it" in faults_of(
        read_volumes([one, renamed])
    )


def test_volumes_of_two_versions_are_no_set(tmp_path: Path) -> None:
    payload = make_payload(tmp_path, noise(300))
    old, new = (make_volumes(tmp_path, [payload], 300, version) for version in (4, 5))

    assert "set.part02.rar is of RAR 5, the first of its set of RAR 4" in faults_of(
        read_volumes([old[0], new[1]])
    )


def test_an_archive_of_nothing_but_blocks_is_refused(tmp_path: Path, version: int) -> None:
    path = make_volumes(tmp_path, [make_payload(tmp_path)], 300, version)[0]
    dialect = rar.dialect(version)
    head = path.read_bytes()[: dialect.FIRST_HEAD_BYTES]
    member = path.read_bytes()[dialect.FIRST_HEAD_BYTES : -dialect.END_BYTES]

    with pytest.raises(Damaged, match=f"x.rar has more than {MAX_BLOCKS} RAR blocks"):
        read_archive(tmp_path, head + member * MAX_BLOCKS)


def resealed(data: bytes, version: int) -> bytes:
    """Return a volume whose first member's header has the sum it should have."""
    at = rar.dialect(version).FIRST_HEAD_BYTES
    block = bytearray(data)
    if version == 4:
        size = int.from_bytes(block[at + 5 : at + 7], "little")
        block[at : at + 2] = (crc32(block[at + 2 : at + size]) & 0xFFFF).to_bytes(2, "little")
    else:
        size = 1 + block[at + 4]
        block[at : at + 4] = crc32(block[at + 4 : at + 4 + size]).to_bytes(4, "little")
    return bytes(block)


def test_what_forgers_make_of_a_volume_is_read_or_refused(tmp_path: Path, version: int) -> None:
    chance = random.Random(version)
    data = make_volumes(tmp_path, [make_payload(tmp_path, noise(99), "é")], 300, version)[
        0
    ].read_bytes()
    header = range(
        rar.dialect(version).FIRST_HEAD_BYTES, len(data) - 99 - rar.dialect(version).END_BYTES
    )
    refused = 0
    for _ in range(3000):
        forged = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            forged[chance.choice(header)] = chance.choice(
                [0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)]
            )
        try:
            faults_of([read_archive(tmp_path, resealed(bytes(forged), version))])
        except Damaged:
            refused += 1

    assert refused > 1000


def test_a_size_beyond_the_file_is_refused_at_once(tmp_path: Path, version: int) -> None:
    at = rar.dialect(version).FIRST_HEAD_BYTES
    data = bytearray(
        make_volumes(tmp_path, [make_payload(tmp_path, bytes(99))], 300, version)[0].read_bytes()
    )
    field = {4: slice(at + 7, at + 11), 5: slice(at + 7, at + 8)}[version]
    data[field] = {4: b"\xff\xff\xff\xff", 5: b"\x7f"}[version]

    with pytest.raises(Damaged, match="ends too early"):
        read_archive(tmp_path, resealed(bytes(data), version))
