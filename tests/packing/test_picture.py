"""NFOs as pictures: what is drawn where."""

import re
import unicodedata
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from lxml import etree
from PIL import Image

from releases.actions.making import METADATA_FIELDS
from releases.packing import PackingError, nfo, picture
from releases.packing.picture import raster
from releases.packing.picture.page import BASELINE, FONT, MARGIN
from releases.packing.picture.shapes import CELL_HEIGHT, CELL_WIDTH, shape
from releases.seeds import TEMPLATES
from releases.templating import render
from tests import specimens

CP437 = bytes(range(32, 256)).decode("cp437").replace("\x7f", "") + "".join(nfo.GLYPHS.values())
DIAGONALS = [*map(chr, range(0x2571, 0x2574))]
BOXES = [char for char in map(chr, range(0x2500, 0x2580)) if char not in DIAGONALS]
BLOCKS = [*map(chr, range(0x2580, 0x25A0))]
PLAIN = picture.Colours(ink="#ffffff", paper="#000000")
SVG = "{http://www.w3.org/2000/svg}"


def drawn(text: str, colours: picture.Colours = PLAIN) -> Image.Image:
    """Return the picture of `text` without its margin."""
    image = Image.open(BytesIO(picture.png(text, colours))).convert("RGB")
    return image.crop((MARGIN, MARGIN, image.width - MARGIN, image.height - MARGIN))


def rows(text: str) -> list[str]:
    """Return the rows of pixels of `text`, # where there is nothing but ink."""
    image = drawn(text).convert("L")
    data, width = image.tobytes(), image.width
    pixels = "".join("#" if tone == 255 else "." for tone in data)
    return [pixels[at : at + width] for at in range(0, len(pixels), width)]


def tree(text: str, title: str = "NFO") -> etree._Element:
    return etree.fromstring(picture.svg(text, title=title).encode())


def texts(tree: etree._Element) -> list[str]:
    return ["".join(map(str, row.itertext())) for row in tree.iter(f"{SVG}text")]


def spans(text: str) -> list[tuple[str | None, ...]]:
    return [
        (span.text, span.get("x"), span.get("textLength"), span.get("class"))
        for span in tree(text).iter(f"{SVG}tspan")
    ]


def test_blocks_join_without_a_gap() -> None:
    assert set("".join(rows("███\n█▀▄\n███"))) == {"#", "."}
    assert set("".join(rows("███\n███"))) == {"#"}


@pytest.mark.parametrize(
    ("one", "other"),
    [("▀", "▄"), ("▌", "▐"), ("▚", "▞"), ("▛", "▗"), ("▙", "▝"), ("▜", "▖"), ("▟", "▘")],
)
def test_halves_and_quarters_complete_one_another(one: str, other: str) -> None:
    for upper, lower in zip(rows(one), rows(other), strict=True):
        assert all({*pair} == {"#", "."} for pair in zip(upper, lower, strict=True))


@pytest.mark.parametrize(
    ("blocks", "share"),
    [("▁▂▃▄▅▆▇█", 1), ("▏▎▍▌▋▊▉█", 1), ("▔", 8), ("▕", 8)],
)
def test_eighths_grow_step_by_step(blocks: str, share: int) -> None:
    filled = [sum(row.count("#") for row in rows(block)) for block in blocks]

    assert filled == sorted({*filled})
    assert filled[-1] * share == pytest.approx(CELL_WIDTH * CELL_HEIGHT, rel=0.25)


@pytest.mark.parametrize(("char", "tone"), [("░", 64), ("▒", 128), ("▓", 191), ("█", 255)])
def test_shades_are_even_tones(char: str, tone: int) -> None:
    assert drawn(char * 2).getcolors() == [(2 * CELL_WIDTH * CELL_HEIGHT, (tone, tone, tone))]


FRAMES = [
    "┌─┬─┐\n│ │ │\n├─┼─┤\n└─┴─┘",
    "╔═╦═╗\n║ ║ ║\n╠═╬═╣\n╚═╩═╝",
    "╒═╤═╕\n│ │ │\n╞═╪═╡\n╘═╧═╛",
    "╓─╥─╖\n║ ║ ║\n╟─╫─╢\n╙─╨─╜",
    "┏━┳━┓\n┃ ┃ ┃\n┣━╋━┫\n┗━┻━┛",
    "╭─┰─╮\n│ ┃ │\n┝━╋━┥\n╰─┸─╯",
]


@pytest.mark.parametrize("frame", FRAMES)
def test_frames_are_closed_around_what_they_hold(frame: str) -> None:
    inside = flooded(rows(frame), CELL_WIDTH * 3 // 2, CELL_HEIGHT * 3 // 2)

    assert CELL_WIDTH * CELL_HEIGHT < len(inside) < 4 * CELL_WIDTH * CELL_HEIGHT


def flooded(pixels: list[str], x: int, y: int) -> set[tuple[int, int]]:
    """Return what can be reached over paper from one of `pixels`."""
    reached, edge = {(x, y)}, [(x, y)]
    while edge:
        x, y = edge.pop()
        for point in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            is_inside = 0 <= point[0] < len(pixels[0]) and 0 <= point[1] < len(pixels)
            if is_inside and point not in reached and pixels[point[1]][point[0]] == ".":
                reached.add(point)
                edge.append(point)
    return reached


EDGES: dict[str, tuple[str, Callable[[list[str]], str]]] = {
    "up": ("│┃║", lambda pixels: pixels[0]),
    "down": ("│┃║", lambda pixels: pixels[-1]),
    "left": ("─━═", lambda pixels: "".join(row[0] for row in pixels)),
    "right": ("─━═", lambda pixels: "".join(row[-1] for row in pixels)),
}


@pytest.mark.parametrize("edge", EDGES)
def test_every_line_ends_where_that_of_the_next_cell_begins(edge: str) -> None:
    straight, at_edge = EDGES[edge]
    known = {at_edge(rows(line)) for line in straight}

    assert len(known) == 3
    for char in BOXES:
        found = at_edge(rows(char))
        assert "#" not in found or found in known, unicodedata.name(char)


@pytest.mark.parametrize(
    ("char", "middle"),
    [
        ("┼", "..##.. ..##.. ###### ###### ..##.. ..##.."),
        ("╬", "##..## ##..## ...... ...... ##..## ##..##"),
        ("╪", "###### ###### ..##.. ..##.. ###### ######"),
        ("╤", "###### ###### ...... ...... ###### ######"),
        ("╔", "###### ###### ##.... ##.... ##..## ##..##"),
        ("╒", "..#### ..#### ..##.. ..##.. ..#### ..####"),
        ("╟", "##..## ##..## ##..## ##..## ##..## ##..##"),
        ("┗", ".####. .##### .##### .##### .##### ......"),
    ],
)
def test_what_lines_are_like_where_they_meet(char: str, middle: str) -> None:
    assert " ".join(row[2:8] for row in rows(char)[7:13]) == middle


def test_every_character_of_the_code_page_has_a_shape_or_a_glyph() -> None:
    font = raster._font()
    missing = bytes(font.getmask("\uffff"))

    lacking = [
        char
        for char in [*CP437, *DIAGONALS]
        if not shape(char) and bytes(font.getmask(char)) == missing
    ]
    assert lacking == []


def test_characters_keep_to_their_cells() -> None:
    for char in CP437.replace(" ", "").replace("\u00a0", ""):
        columns = [
            at for row in rows(f"  {char}  ") for at, pixel in enumerate(row) if pixel == "#"
        ]
        assert all(2 * CELL_WIDTH - 2 <= at <= 3 * CELL_WIDTH + 1 for at in columns), char


def test_wide_characters_take_two_cells() -> None:
    assert drawn("世界").size == (4 * CELL_WIDTH, CELL_HEIGHT)
    assert spans("a世界│") == [
        ("a", "10", "10", None),
        ("世", "20", "20", None),
        ("界", "40", "20", None),
        ("│", "60", "10", "drawn"),
    ]


def test_what_combines_shares_a_cell() -> None:
    assert [text for text, *_ in spans("e\u0301q\u0338\u0307y")] == ["é", "q\u0338\u0307", "y"]
    assert [text for text, *_ in spans("\u0301a")] == ["\u0301", "a"]


def test_the_svg_says_the_text_in_its_place() -> None:
    text = " a\tb  \n\n█ <b> & \"c\" 'd'"

    found = texts(tree(text))

    assert found == [" a      b", "█ <b> & \"c\" 'd'"]
    assert [row.get("y") for row in tree(text).iter(f"{SVG}text")] == [
        str(MARGIN + BASELINE),
        str(MARGIN + BASELINE + 2 * CELL_HEIGHT),
    ]


def test_the_svg_needs_nothing_from_outside_and_runs_nothing() -> None:
    found = picture.svg(
        "<script>alert(1)</script>\n<a href='http://example.org'>", title="</title>"
    )

    elements = {
        element.tag.removeprefix(SVG) for element in etree.fromstring(found.encode()).iter()
    }
    assert elements <= {"svg", "title", "style", "rect", "path", "text", "tspan"}
    assert re.findall(r"url\(\"(.{15})", found) == ["data:font/woff2"]
    assert " href" not in found.replace("&lt;a href", "")


def test_control_characters_are_shown_or_replaced() -> None:
    text = "\x07\x0c\x00\u202e\ud800\u00a0!"

    found = texts(tree(text, title=text))

    assert found == ["• \ufffd\ufffd\ufffd !"]
    assert drawn(text).width == 7 * CELL_WIDTH


def test_boxes_that_go_on_are_drawn_as_one() -> None:
    paths = [path.get("d") for path in tree("██ ██ ▀▀▄▄").iter(f"{SVG}path")]

    assert paths is not None
    assert "".join(map(str, paths)).count("M") == 4


def test_both_pictures_are_as_large_and_in_the_colours_asked_for() -> None:
    text = "a\n████"

    for colours in (picture.DARK, picture.LIGHT):
        image = Image.open(BytesIO(picture.png(text, colours))).convert("RGB")
        svg = etree.fromstring(picture.svg(text, colours).encode())
        assert [svg.get("width"), svg.get("height")] == [str(side) for side in image.size]
        assert image.getpixel((0, 0)) == rgb(colours.paper)
        assert image.getpixel((MARGIN, MARGIN + CELL_HEIGHT)) == rgb(colours.ink)
        assert {path.get("fill") for path in svg.iter(f"{SVG}path")} == {colours.ink}


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def test_the_same_text_gives_the_same_bytes() -> None:
    text = "\n".join([CP437, *BOXES, *BLOCKS])

    assert picture.png(text) == picture.png(text)
    assert picture.svg(text) == picture.svg(text)


def test_what_ends_in_empty_lines_ends_before_them() -> None:
    assert drawn("\na\n \n\n").size == (CELL_WIDTH, 2 * CELL_HEIGHT)


def test_an_empty_text_is_a_small_empty_picture() -> None:
    assert Image.open(BytesIO(picture.png(""))).size == (2 * MARGIN, CELL_HEIGHT + 2 * MARGIN)
    assert [*tree("").iter(f"{SVG}text")] == []


@pytest.mark.parametrize("text", ["x\n" * 4001, "x" * 401, "世" * 201, ("x" * 399 + "\n") * 1000])
def test_what_is_too_large_is_refused(text: str) -> None:
    for draw in (picture.svg, picture.png):
        with pytest.raises(PackingError, match="too large for a picture"):
            draw(text)


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", '#000000"/><script>', "#000000\n"])
def test_no_other_colour_is_taken(colour: str) -> None:
    with pytest.raises(PackingError, match="is no colour"):
        picture.Colours(ink="#000000", paper=colour)


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.nfo")), ids=lambda path: path.stem)
def test_the_shipped_templates_are_drawn_whole(path: Path) -> None:
    text = render(path.read_text("utf-8"), specimens.BOOK | dict.fromkeys(METADATA_FIELDS, "Épée"))

    found = texts(tree(text))

    assert found == [line.rstrip() for line in text.splitlines() if line.strip()]
    assert drawn(text).width <= 80 * CELL_WIDTH


def test_the_font_has_its_licence_beside_it() -> None:
    licence = FONT.with_suffix(".LICENSE").read_text()

    assert "Bitstream Vera" in licence
    assert "Permission is hereby granted" in licence
