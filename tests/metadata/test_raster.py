import struct
from io import BytesIO

import pytest
from PIL import Image

from releases.metadata import raster


def encoded(form: str, **options: bool) -> bytes:
    target = BytesIO()
    Image.new("RGB", (300, 200), "red").save(target, form, **options)
    return target.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "AVIF"])
def test_pictures_are_known_by_their_first_bytes(form: str) -> None:
    assert raster.is_picture(encoded(form))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_the_size_stands_in_the_header(form: str) -> None:
    assert raster.size(encoded(form)) == (300, 200)


def test_the_size_stands_in_the_header_of_other_dialects() -> None:
    extended = b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + b"\x2b\1\0\xc7\0\0"

    assert raster.size(encoded("JPEG", progressive=True)) == (300, 200)
    assert raster.size(encoded("WEBP", lossless=True)) == (300, 200)
    assert raster.size(extended) == (300, 200)


@pytest.mark.parametrize("content", [b"", b"text", b"<svg/>", b"RIFF\0\0\0\0AVI ", b"\xff\xd8\xff"])
def test_no_size_is_known_of_what_does_not_tell(content: bytes) -> None:
    assert raster.size(content) == (0, 0)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_half_a_header_tells_no_size(form: str) -> None:
    whole = encoded(form)

    for length in range(40):
        assert raster.size(whole[:length]) in [(0, 0), (300, 200)]


def test_a_page_larger_than_any_real_one_is_a_bomb() -> None:
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"

    assert raster.is_bomb(png + struct.pack(">II", 60_000, 60_000))
    assert not raster.is_bomb(png + struct.pack(">II", 7_000, 10_000))


def test_markers_of_jpeg_may_be_filled_up() -> None:
    frame = b"\xff\xff\xff\xc2\0\x0b\x08" + struct.pack(">HH", 5, 7)

    assert raster.size(b"\xff\xd8\xff\x01\xff\xd0\xff\xe1\0\x04ab" + frame) == (7, 5)
