from base64 import b64encode
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from releases.metadata import read_apart
from releases.metadata.thumbnail import thumbnail
from tests.books import PACKAGE, make_epub, make_package

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' viewBox="0 0 200 300">'
)
RED = '<rect width="200" height="300" fill="red"/>'


def red_png() -> bytes:
    target = BytesIO()
    Image.new("RGB", (20, 30), "red").save(target, "PNG")
    return target.getvalue()


def colours(jpeg: bytes | None) -> set[str]:
    """Return which of red and white the corners and the middle are."""
    assert jpeg
    with Image.open(BytesIO(jpeg)) as image:
        assert image.size == (480, 720)
        places = [(2, 2), (477, 717), (240, 360)]
        greens = [image.convert("RGB").getpixel(place)[1] for place in places]  # type: ignore[index]
    return {"white" if green > 200 else "red" for green in greens}


def test_a_drawing_becomes_a_thumbnail() -> None:
    assert colours(thumbnail(f"{HEAD}{RED}</svg>".encode())) == {"red"}


def test_pixels_within_a_drawing_are_shown() -> None:
    source = f"data:image/png;base64,{b64encode(red_png()).decode()}"
    image = f'<image width="200" height="300" xlink:href="{source}"/>'

    assert colours(thumbnail(f"{HEAD}{image}</svg>".encode())) == {"red"}


@pytest.mark.parametrize("scheme", ["", "file://"])
@pytest.mark.parametrize("name", ["href", "xlink:href"])
def test_no_file_is_read_for_a_drawing(tmp_path: Path, scheme: str, name: str) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(red_png())
    image = f'<image width="200" height="300" {name}="{scheme}{secret}"/>'
    inner = f'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="300">{image}</svg>'
    nested = b64encode(inner.encode()).decode()
    wrapped = f'<image width="200" height="300" {name}="data:image/svg+xml;base64,{nested}"/>'

    assert colours(thumbnail(f"{HEAD}{image}</svg>".encode())) == {"white"}
    assert colours(thumbnail(f"{HEAD}{wrapped}</svg>".encode())) == {"white"}


def test_a_drawing_that_multiplies_costs_its_book_no_more_than_the_cover(tmp_path: Path) -> None:
    uses = "".join(
        f'<g id="g{n}">' + f'<use xlink:href="#g{n - 1}"/>' * 40 + "</g>" for n in range(1, 8)
    )
    bomb = f'{HEAD}<defs><g id="g0">{RED}</g>{uses}</defs><use xlink:href="#g7"/></svg>'
    package = make_package().replace("cover.png", "cover.svg").replace("image/png", "image/svg+xml")
    entries = {PACKAGE: package.encode(), "OEBPS/cover.svg": bomb.encode()}
    book = make_epub(tmp_path / "book.epub", entries=entries)

    (reading,) = read_apart([book], wants_covers=True)

    assert reading.analysis().metadata["title"] == "A Book"
    assert reading.seconds < 30
