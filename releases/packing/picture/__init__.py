"""NFOs as pictures: characters on a grid, lines and blocks joined. Source: docs/formats/nfo.md."""

from releases.packing.picture.child import png_apart
from releases.packing.picture.page import DARK, LIGHT, Colours
from releases.packing.picture.raster import png
from releases.packing.picture.vector import svg

__all__ = ["DARK", "LIGHT", "Colours", "png", "png_apart", "svg"]
