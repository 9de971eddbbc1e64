"""A page as a PNG."""

from functools import cache
from io import BytesIO

from PIL import Image, ImageColor, ImageDraw, ImageFont

from releases.packing.picture.page import BASELINE, DARK, FONT, FONT_PX, Cell, Colours, Page, top
from releases.packing.picture.shapes import Box, shape

FULL = 255


def png(text: str, colours: Colours = DARK) -> bytes:
    """Return `text` as an image.

    Raises:
        PackingError: it is too large.
    """
    page = Page.of(text)
    image = Image.new("L", (page.width, page.height))
    draw = ImageDraw.Draw(image)
    for box in page.boxes():
        _draw_box(draw, box)
    for number, row in enumerate(page.rows):
        for cell in row:
            _draw_text(draw, cell, top(number) + BASELINE)
    image.putpalette(_ramp(colours))
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _draw_box(draw: ImageDraw.ImageDraw, box: Box) -> None:
    corners = (round(box.left), round(box.top), round(box.right) - 1, round(box.bottom) - 1)
    draw.rectangle(corners, fill=round(FULL * box.tone))


def _draw_text(draw: ImageDraw.ImageDraw, cell: Cell, baseline: int) -> None:
    if cell.text != " " and not shape(cell.text):
        middle = cell.left + cell.width / 2
        draw.text((middle, baseline), cell.text, fill=FULL, font=_font(), anchor="ms")


@cache
def _font() -> ImageFont.FreeTypeFont:
    # The simple layout is the same everywhere, whatever else is installed.
    return ImageFont.truetype(FONT, FONT_PX, layout_engine=ImageFont.Layout.BASIC)


def _ramp(colours: Colours) -> list[int]:
    """Return the palette that leads from paper to ink."""
    paper, ink = ImageColor.getrgb(colours.paper), ImageColor.getrgb(colours.ink)
    return [
        round(dark + (light - dark) * step / FULL)
        for step in range(FULL + 1)
        for dark, light in zip(paper, ink, strict=True)
    ]
