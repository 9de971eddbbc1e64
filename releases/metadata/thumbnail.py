"""A cover made small, from a picture that somebody else chose."""

from io import BytesIO

from PIL import Image, ImageOps
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from releases.metadata.drawing import drawn, is_drawing

DECODERS: tuple[tuple[int, bytes, type[ImageFile]], ...] = (
    (0, b"\xff\xd8\xff", JpegImageFile),
    (0, b"\x89PNG\r\n\x1a\n", PngImageFile),
    (0, b"GIF8", GifImageFile),
    (8, b"WEBP", WebPImageFile),
)
"""Offset, bytes, and who decodes what begins so. Each further decoder is one more to attack."""
PIXEL_LIMIT = 30_000_000
"""The largest scans stay below; twice as much would not fit the memory of the child."""
SIZE = (480, 720)
BYTE_LIMIT = 128 << 10
QUALITIES = (85, 70, 50, 25, 10)

_SHRINKABLE = ("L", "LA", "RGB", "RGBA", "CMYK", "YCbCr")


def thumbnail(picture: bytes) -> bytes | None:
    """Return `picture` as a JPEG within `SIZE` and `BYTE_LIMIT`; nothing where it cannot be.

    None is for what may well be a picture, of a kind that is not decoded.
    """
    if is_drawing(picture):
        picture = _drawn(picture)
    decoder = _decoder(picture)
    if decoder is None:
        return None
    try:
        return _encoded(_opaque(_shrunk(decoder(BytesIO(picture)))))
    except Exception:  # decoders raise whatever a hostile picture makes them meet
        return b""


def _drawn(picture: bytes) -> bytes:
    try:
        return drawn(picture)
    except Exception:  # see below; a drawing may use what is not known here
        return b""


def _decoder(picture: bytes) -> type[ImageFile] | None:
    fitting = (decoder for at, magic, decoder in DECODERS if picture.startswith(magic, at))
    return next(fitting, None)


def _shrunk(image: Image.Image) -> Image.Image:
    if image.width * image.height > PIXEL_LIMIT:
        raise ValueError("too many pixels")
    whole = image if image.mode in _SHRINKABLE else _in_colours(image)
    whole.thumbnail((max(SIZE), max(SIZE)))  # it may lie on its side
    upright = ImageOps.exif_transpose(whole)
    upright.thumbnail(SIZE)
    return upright


def _in_colours(image: Image.Image) -> Image.Image:
    """Return what no average can be made of, such as indexes of a palette, as colours."""
    return image.convert("RGBA" if "transparency" in image.info else "RGB")


def _opaque(image: Image.Image) -> Image.Image:
    """Return `image` as a JPEG can hold it, on white where one could look through it."""
    if image.mode not in ("LA", "RGBA"):
        return image.convert("RGB")
    layer = image.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")


def _encoded(image: Image.Image) -> bytes:
    image.info.clear()  # comments would come along
    for quality in QUALITIES:
        target = BytesIO()
        image.save(target, "JPEG", quality=quality, optimize=True)
        if target.tell() <= BYTE_LIMIT:
            return target.getvalue()
    raise ValueError("too much detail")
