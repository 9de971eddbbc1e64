import random
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from releases.metadata import analyse, read_apart
from releases.metadata.thumbnail import BYTE_LIMIT, SIZE, thumbnail
from tests.books import make_epub

ORIENTATION = 0x0112


def picture(kind: str, image: Image.Image, **options: Any) -> bytes:
    target = BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def plain(mode: str = "RGB", size: tuple[int, int] = (960, 1440)) -> Image.Image:
    return Image.new(mode, size, "red" if mode in {"RGB", "RGBA", "P"} else 1)


def opened(jpeg: bytes | None) -> Image.Image:
    assert jpeg
    return Image.open(BytesIO(jpeg), formats=["JPEG"])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_picture_becomes_a_small_jpeg(kind: str) -> None:
    small = opened(thumbnail(picture(kind, plain())))

    assert (small.size, small.mode) == (SIZE, "RGB")
    red, green, blue = small.getpixel((200, 200))  # type: ignore[misc]
    assert (red > 250, green < 5, blue < 5) == (True, True, True)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_understood(mode: str) -> None:
    assert opened(thumbnail(picture("PNG", plain(mode)))).size == SIZE


def test_a_picture_in_the_colours_of_print_is_understood() -> None:
    assert opened(thumbnail(picture("JPEG", plain("CMYK")))).mode == "RGB"


def test_proportions_are_kept_and_nothing_is_blown_up() -> None:
    wide, little = plain(size=(2000, 500)), plain(size=(30, 40))

    assert opened(thumbnail(picture("PNG", wide))).size == (480, 120)
    assert opened(thumbnail(picture("PNG", little))).size == (30, 40)


def test_a_photograph_on_its_side_is_put_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6

    small = opened(thumbnail(picture("JPEG", plain(size=(1440, 960)), exif=exif)))

    assert small.size == SIZE
    assert not small.getexif()


def test_what_one_could_look_through_is_on_white() -> None:
    small = opened(thumbnail(picture("PNG", Image.new("RGBA", (10, 10), (255, 0, 0, 0)))))

    assert small.getpixel((5, 5)) == (255, 255, 255)


def test_the_picture_with_most_detail_stays_within_the_limit() -> None:
    noise = Image.frombytes("RGB", SIZE, random.Random(0).randbytes(3 * SIZE[0] * SIZE[1]))

    assert 10_000 < len(thumbnail(picture("PNG", noise)) or b"") <= BYTE_LIMIT


def test_remarks_in_a_picture_do_not_come_along() -> None:
    told = thumbnail(picture("JPEG", plain(), comment=b"hunter2"))

    assert told
    assert b"hunter2" not in told


def chunk(kind: bytes, content: bytes) -> bytes:
    sums = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + sums


def huge_png() -> bytes:
    """A few kilobytes that announce 3.6 thousand million pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(1 << 20)))
    return b"\x89PNG\r\n\x1a\n" + header + rows + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture",
        picture("BMP", plain(size=(10, 10))),
        picture("TIFF", plain(size=(10, 10))),
    ],
    ids=["nothing", "text", "BMP", "TIFF"],
)
def test_other_kinds_are_not_decoded(content: bytes) -> None:
    assert thumbnail(content) is None


@pytest.mark.parametrize(
    "content", [picture("PNG", plain(size=(8000, 4000))), huge_png()], ids=["many", "endless"]
)
def test_pictures_of_too_many_pixels_are_not_decoded(content: bytes) -> None:
    assert thumbnail(content) == b""


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_damage_gives_a_jpeg_or_nothing(kind: str) -> None:
    noise = Image.frombytes("RGB", (64, 64), random.Random(0).randbytes(3 * 64 * 64))
    whole, chance = picture(kind, noise), random.Random(1)
    for _ in range(100):
        content = bytearray(whole[: chance.randrange(len(whole))])
        for _ in range(min(4, len(content))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        told = thumbnail(bytes(content))
        assert not told or opened(told).width <= SIZE[0]


def test_the_cover_of_a_book_is_sent_along(tmp_path: Path) -> None:
    entries = {"OEBPS/cover.png": picture("PNG", plain())}
    book = make_epub(tmp_path / "book.epub", entries=entries)

    (reading,) = read_apart([book], wants_covers=True)

    assert opened(reading.cover).size == SIZE
    assert reading.analysis() == analyse(book)
    assert reading.analysis().cover


def test_a_cover_that_cannot_be_decoded_is_none(tmp_path: Path) -> None:
    entries = {"OEBPS/cover.png": huge_png()}
    book = make_epub(tmp_path / "book.epub", entries=entries)
    assert analyse(book).cover

    (reading,) = read_apart([book], wants_covers=True)

    assert (reading.cover, reading.analysis().cover) == (b"", False)
    assert reading.analysis().metadata == analyse(book).metadata


def test_a_cover_of_another_kind_stays_one_without_a_picture(tmp_path: Path) -> None:
    entries = {"OEBPS/cover.png": b"RIFF of another kind"}
    book = make_epub(tmp_path / "book.epub", entries=entries)

    (reading,) = read_apart([book], wants_covers=True)

    assert (reading.cover, reading.analysis().cover) == (b"", True)


def test_a_cover_is_sent_only_where_it_is_wanted(tmp_path: Path) -> None:
    entries = {"OEBPS/cover.png": picture("PNG", plain())}
    book = make_epub(tmp_path / "book.epub", entries=entries)

    (reading,) = read_apart([book])

    assert (reading.cover, reading.analysis().cover) == (b"", True)


def test_the_largest_picture_fits_the_memory_of_the_child(tmp_path: Path) -> None:
    entries = {"OEBPS/cover.png": picture("PNG", plain("RGBA", (5_000, 6_000)))}
    book = make_epub(tmp_path / "book.epub", entries=entries)

    (reading,) = read_apart([book], wants_covers=True)

    assert opened(reading.cover).size == (480, 576)
