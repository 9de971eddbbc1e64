import os
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from releases.packing import PackingError, proof
from tests.packing.pictures import (
    GPS,
    SECRETS,
    exif,
    make_photograph,
    opened,
    with_chunk,
    with_segment,
)

BASE = "Show.S01E01-GRP"


def prepared(image: Path) -> bytes:
    ((_, data),) = proof.prepare([image], BASE)
    return data


def refused(image: Path) -> str:
    with pytest.raises(PackingError) as refusal:
        prepared(image)
    return str(refusal.value)


@pytest.mark.parametrize("name", ["photo.jpg", "photo.png"])
def test_a_proof_tells_nothing_of_its_maker(tmp_path: Path, name: str) -> None:
    photograph = make_photograph(tmp_path / name)
    before = opened(photograph.read_bytes())
    assert before.getexif().get_ifd(GPS)

    data = prepared(photograph)

    after = opened(data)
    assert not after.getexif()
    assert not after.getexif().get_ifd(GPS)
    assert after.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "icc_profile"}
    assert [secret for secret in SECRETS if secret in data] == []


@pytest.mark.parametrize("name", ["photo.jpg", "photo.png"])
def test_a_proof_looks_as_it_did(tmp_path: Path, name: str) -> None:
    photograph = make_photograph(tmp_path / name)
    before = opened(photograph.read_bytes())

    after = opened(prepared(photograph))

    assert after.tobytes() == before.tobytes()
    assert after.info["icc_profile"] == before.info["icc_profile"]


@pytest.mark.parametrize(
    ("mode", "options"),
    [("RGB", {"progressive": True}), ("L", {}), ("CMYK", {}), ("RGB", {"restart_marker_rows": 1})],
    ids=["progressive", "grey", "printed", "restarting"],
)
def test_every_kind_of_jpeg_keeps_its_pixels(
    tmp_path: Path, mode: str, options: dict[str, Any]
) -> None:
    photograph = make_photograph(tmp_path / "p.jpg", mode=mode, **options)

    data = prepared(photograph)

    assert opened(data).tobytes() == opened(photograph.read_bytes()).tobytes()
    assert not opened(data).getexif()


@pytest.mark.parametrize("mode", ["RGBA", "P", "1", "I;16"])
def test_every_kind_of_png_keeps_its_pixels(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "p.png"
    Image.radial_gradient("L").resize((640, 480)).convert(mode).save(path, exif=exif())

    assert opened(prepared(path)).tobytes() == opened(path.read_bytes()).tobytes()


def test_the_same_proof_comes_of_what_was_stripped_already(tmp_path: Path) -> None:
    once = tmp_path / "once.jpg"
    once.write_bytes(prepared(make_photograph(tmp_path / "p.jpg")))

    assert prepared(once) == once.read_bytes()


def test_proofs_are_named_after_the_release_and_counted(tmp_path: Path) -> None:
    jpeg, png = make_photograph(tmp_path / "A.JPG"), make_photograph(tmp_path / "b.png")

    one = [name for name, _ in proof.prepare([jpeg], BASE)]
    two = [name for name, _ in proof.prepare([jpeg, png], BASE)]

    assert one == ["show.s01e01-grp-proof.jpg"]
    assert two == ["show.s01e01-grp-proof1.jpg", "show.s01e01-grp-proof2.png"]


def test_the_content_says_what_an_image_is_and_not_its_name(tmp_path: Path) -> None:
    png = make_photograph(tmp_path / "p.png").rename(tmp_path / "p.jpg")

    ((name, _),) = proof.prepare([png], BASE)

    assert name.endswith(".png")


@pytest.mark.parametrize("name", ["p.gif", "p.webp", "p.bmp", "p.tiff"])
def test_other_formats_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.new("RGB", (640, 480)).save(path)

    assert refused(path) == f"The proof {path} is neither JPEG nor PNG: convert it"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.jpg"
    path.touch()

    assert "is neither JPEG nor PNG" in refused(path)


@pytest.mark.parametrize("size", [(639, 480), (640, 479), (479, 640)])
@pytest.mark.parametrize("name", ["p.jpg", "p.png"])
def test_too_small_a_proof_is_refused(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    path = make_photograph(tmp_path / name, size)

    assert refused(path) == (
        f"The proof {path} has {size[0]} x {size[1]} pixels and needs at least 640 x 480: "
        "take a larger one"
    )


def test_an_upright_photograph_is_large_enough_the_other_way_round(tmp_path: Path) -> None:
    assert opened(prepared(make_photograph(tmp_path / "p.jpg", (480, 640)))).size == (480, 640)


@pytest.mark.parametrize("name", ["p.jpg", "p.png"])
def test_a_photograph_that_is_shown_turned_is_refused(tmp_path: Path, name: str) -> None:
    path = make_photograph(tmp_path / name, orientation=6)

    assert refused(path) == (
        f"The proof {path} is turned by its EXIF data, which are removed: "
        "rotate its pixels and save it first"
    )


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_orientation_is_read_in_either_order_of_bytes(tmp_path: Path, order: str) -> None:
    sign = b"II*\0" if order == "<" else b"MM\0*"
    directory = struct.pack(f"{order}IH HHIHH", 8, 1, 0x0112, 3, 1, 8, 0)
    path = tmp_path / "p.jpg"
    Image.new("RGB", (640, 480)).save(path, exif=b"Exif\0\0" + sign + directory)

    assert "is turned" in refused(path)


@pytest.mark.parametrize(
    "data",
    [b"", b"II*\0", b"nonsense", b"MM\0*\0\0\0\x08\xff\xff", b"MM\0*\0\0\0\x08\0\1" + bytes(12)],
)
def test_exif_that_is_damaged_or_knows_no_orientation_goes_too(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "p.jpg"
    Image.new("RGB", (640, 480)).save(path, exif=b"Exif\0\0" + data)

    assert b"Exif" not in prepared(path)


def test_a_thumbnail_goes_too(tmp_path: Path) -> None:
    path = make_photograph(tmp_path / "p.jpg")
    thumbnail = b"JFIF\0" + bytes([1, 1, 0, 0, 1, 0, 1, 1, 1]) + b"RGB"
    path.write_bytes(with_segment(path.read_bytes(), 0xE0, thumbnail))

    assert prepared(path).count(b"JFIF") == 1


@pytest.mark.parametrize("marker", [0xE2, 0xE3, 0xEE, 0xEF, 0xF0, 0xFD, 0xFE])
def test_a_segment_that_no_decoder_needs_goes(tmp_path: Path, marker: int) -> None:
    path = make_photograph(tmp_path / "p.jpg")
    path.write_bytes(with_segment(path.read_bytes(), marker, b"hidden elsewhere"))

    assert b"hidden" not in prepared(path)


def test_a_remark_between_two_scans_goes(tmp_path: Path) -> None:
    path = make_photograph(tmp_path / "p.jpg", progressive=True)
    data = path.read_bytes()
    at = data.rindex(b"\xff\xda")
    path.write_bytes(data[:at] + b"\xff\xff\xfe\x00\x08hidden" + data[at:])

    assert b"hidden" not in prepared(path)
    assert opened(prepared(path)).tobytes() == opened(data).tobytes()


def test_a_run_of_bytes_that_could_begin_a_marker_is_looked_at_once(tmp_path: Path) -> None:
    path = make_photograph(tmp_path / "p.jpg")
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"\xff\xda")] + b"\xff\xda\0\2" + b"\xff" * 10_000_000)

    assert "is damaged" in refused(path)


def test_more_segments_than_any_photograph_has_are_refused(tmp_path: Path) -> None:
    path = make_photograph(tmp_path / "p.jpg")
    data = path.read_bytes()
    path.write_bytes(data[:2] + b"\xff\xfe\0\2" * (proof.MAX_PIECES + 1) + data[2:])

    assert "is damaged" in refused(path)


def test_a_chunk_that_no_decoder_needs_goes(tmp_path: Path) -> None:
    path = make_photograph(tmp_path / "p.png")
    path.write_bytes(with_chunk(path.read_bytes(), b"prVt", b"hidden elsewhere"))

    assert b"hidden" not in prepared(path)


@pytest.mark.parametrize("name", ["p.jpg", "p.png"])
def test_an_image_cut_short_anywhere_is_refused(tmp_path: Path, name: str) -> None:
    path = make_photograph(tmp_path / name)
    data = path.read_bytes().removesuffix(SECRETS[4])
    for length in {*range(8, len(data), max(1, len(data) // 50)), len(data) - 1}:
        path.write_bytes(data[:length])
        assert refused(path) == f"The proof {path} is damaged: choose another copy of it"


def test_a_flipped_byte_of_a_png_is_found(tmp_path: Path) -> None:
    path = make_photograph(tmp_path / "p.png")
    data = path.read_bytes().removesuffix(SECRETS[4])
    for at in {*range(8, len(data), max(1, len(data) // 50)), *range(len(data) - 12, len(data))}:
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert "is damaged" in refused(path)


def test_an_image_whose_pixels_cannot_be_decoded_is_refused(tmp_path: Path) -> None:
    path = make_photograph(tmp_path / "p.png")
    data = with_chunk(path.read_bytes(), b"IDAT", b"no deflated data")
    path.write_bytes(data)

    assert "is damaged" in refused(path)


@pytest.mark.parametrize("name", ["p.jpg", "p.png"])
def test_an_image_of_two_sizes_is_refused(tmp_path: Path, name: str) -> None:
    """A decoder might believe the larger one."""
    path = make_photograph(tmp_path / name)
    data = path.read_bytes()
    size = struct.pack(">BHHB", 8, 60_000, 60_000, 0)
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    is_png = name.endswith("png")
    path.write_bytes(
        with_chunk(data, b"IHDR", header) if is_png else with_segment(data, 0xC0, size)
    )

    assert "is damaged" in refused(path)


@pytest.mark.parametrize("name", ["p.jpg", "p.png"])
def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.new("1" if name == "p.png" else "L", (10_000, 5_001)).save(path)

    assert refused(path) == f"The proof {path} has more than 50000000 pixels: save it smaller"


def test_a_proof_of_too_many_bytes_is_refused(tmp_path: Path) -> None:
    path = make_photograph(tmp_path / "p.jpg")
    os.truncate(path, 20_000_001)

    assert refused(path) == f"The proof {path} has more than 20000000 bytes: save it smaller"


def test_a_proof_that_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link.jpg").symlink_to(make_photograph(tmp_path / "p.jpg"))
    os.mkfifo(tmp_path / "pipe.jpg")

    assert "is not there: put it back" in refused(tmp_path / "nowhere.jpg")
    assert "links and devices are not packed" in refused(tmp_path / "link.jpg")
    assert "links and devices are not packed" in refused(tmp_path / "pipe.jpg")
    assert "is neither JPEG nor PNG" in refused(tmp_path)
