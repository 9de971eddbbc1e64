"""A page as an SVG that needs nothing else: its font is in it."""

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from itertools import groupby

from releases.packing.picture.page import (
    BASELINE,
    DARK,
    FONT,
    FONT_PX,
    Cell,
    Colours,
    Page,
    shown,
    top,
)
from releases.packing.picture.shapes import Box, shape
from rules.columns import char_width


def svg(text: str, colours: Colours = DARK, title: str = "NFO") -> str:
    """Return `text` as a picture whose text can be selected and read aloud.

    Raises:
        PackingError: it is too large.
    """
    page = Page.of(text)
    size = f'width="{page.width}" height="{page.height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {page.width} {page.height}">',
        f"<title>{escape(''.join(map(shown, title)))}</title>",
        f"<style>{_style(colours)}</style>",
        f'<rect {size} fill="{colours.paper}"/>',
        *_paths(page.boxes(), colours.ink),
        *(_text(row, top(number) + BASELINE) for number, row in enumerate(page.rows) if row),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _style(colours: Colours) -> str:
    source = f'url("data:font/woff2;base64,{_font()}")'
    return (
        f'@font-face{{font-family:"NFO";src:{source} format("woff2")}}'
        f'text{{font:{FONT_PX:.4f}px "NFO","DejaVu Sans Mono",monospace;'
        f"fill:{colours.ink};white-space:pre}}"
        ".drawn{fill:transparent}"
    )


@cache
def _font() -> str:
    return b64encode(FONT.read_bytes()).decode()


def _paths(boxes: Iterable[Box], ink: str) -> Iterator[str]:
    """Yield all boxes of one tone as one path: within it, no seam shows at any scale."""
    drawn: defaultdict[float, list[str]] = defaultdict(list)
    for box in boxes:
        width = box.right - box.left
        steps = f"M{box.left:g} {box.top:g}h{width:g}v{box.bottom - box.top:g}h{-width:g}z"
        drawn[box.tone].append(steps)
    for tone, paths in sorted(drawn.items()):
        style = f'fill="{ink}" fill-opacity="{tone:g}" shape-rendering="crispEdges"'
        yield f'<path {style} d="{"".join(paths)}"/>'


def _text(row: list[Cell], baseline: int) -> str:
    spans = (_span(kind, [*run]) for kind, run in groupby(row, key=_kind))
    return f'<text y="{baseline}" xml:space="preserve">{"".join(spans)}</text>'


def _kind(cell: Cell) -> tuple[bool, int]:
    """Say what goes into one span: what is drawn, and what keeps the width of the font.

    Anything else has a span of its own, to be brought to its width.
    """
    is_plain = len(cell.text) == 1 and char_width(cell.text) == 1 and cell.text <= "\uffff"
    return bool(shape(cell.text)), -1 if is_plain else cell.column


def _span(kind: tuple[bool, int], run: list[Cell]) -> str:
    style = ' class="drawn"' if kind[0] else ""
    width = sum(cell.width for cell in run)
    text = escape("".join(cell.text for cell in run))
    fit = f'x="{run[0].left}" textLength="{width}" lengthAdjust="spacingAndGlyphs"'
    return f"<tspan{style} {fit}>{text}</tspan>"
