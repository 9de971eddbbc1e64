"""A page as a PNG, drawn by a process of its own: texts of others may ask for much."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from releases.packing.apart import Limits, run
from releases.packing.picture.page import DARK, MAX_COLUMNS, MAX_ROWS, Colours
from releases.packing.plan import PackingError

LIMITS = Limits(memory_bytes=1 << 30, cpu_s=20, wall_s=30, file_bytes=64 << 20)
_ROOT = Path(__file__).parents[3]
_CODE = f"""
import sys
sys.path.insert(0, {str(_ROOT)!r})
from releases.packing.picture.child import draw
draw(*sys.argv[1:])
"""


def png_apart(text: str, colours: Colours = DARK, tick: Callable[[], None] = lambda: None) -> bytes:
    """Return `text` as an image; see `releases.packing.apart.run` for `tick`.

    Raises:
        PackingError: it is too large, or drawing it took too much.
    """
    with tempfile.TemporaryDirectory(prefix="packer-picture-") as folder:
        source, target = Path(folder, "nfo"), Path(folder, "png")
        source.write_bytes(text.encode("utf-8", "replace"))
        drawing = [sys.executable, "-I", "-B", "-c", _CODE, str(source), str(target)]
        if run([*drawing, colours.ink, colours.paper], LIMITS, tick) is None:
            raise PackingError(
                "The NFO cannot be drawn: at most %(rows)s lines and %(columns)s columns can be",
                rows=MAX_ROWS,
                columns=MAX_COLUMNS,
            )
        return target.read_bytes()


def draw(source: str, target: str, ink: str, paper: str) -> None:
    """Draw the text of one file into another. For the child."""
    from releases.packing.picture.raster import png  # noqa: PLC0415 - only the child needs Pillow

    text = Path(source).read_bytes().decode()
    Path(target).write_bytes(png(text, Colours(ink=ink, paper=paper)))
