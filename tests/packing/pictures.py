"""Small real photographs, with all that cameras and editors add."""

import struct
from io import BytesIO
from pathlib import Path
from typing import Any
from zlib import crc32

from PIL import Image, ImageCms, PngImagePlugin

GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F
SECRETS = (b"Hidden Camera", b"hidden comment", b"hidden xmp", b"hidden iptc", b"hidden trailer")


def make_photograph(path: Path, size: tuple[int, int] = (640, 480), **options: Any) -> Path:
    """Write a photograph that tells who took it, and where; its format is that of the name."""
    picture = Image.radial_gradient("L").resize(size).convert(options.pop("mode", "RGB"))
    orientation = options.pop("orientation", 1)
    is_png = path.suffix == ".png"
    extras = {"pnginfo": png_texts()} if is_png else {"comment": SECRETS[1], "xmp": SECRETS[2]}
    picture.save(path, exif=exif(orientation), icc_profile=profile(), **extras | options)
    if not is_png:
        path.write_bytes(with_segment(path.read_bytes(), 0xED, b"Photoshop 3.0\0" + SECRETS[3]))
    with path.open("ab") as file:
        file.write(SECRETS[4])
    return path


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[MAKER] = SECRETS[0].decode()
    made[ORIENTATION] = orientation
    made.get_ifd(GPS)[2] = (48.0, 51.0, 30.0)
    return made


def png_texts() -> PngImagePlugin.PngInfo:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", SECRETS[1].decode())
    texts.add_itxt("XML:com.adobe.xmp", SECRETS[2].decode())
    texts.add_text("Author", SECRETS[3].decode(), zip=True)
    texts.add(b"tIME", bytes(7))
    return texts


def with_segment(data: bytes, marker: int, payload: bytes) -> bytes:
    """Return the JPEG `data` with one more segment, right after its beginning."""
    return data[:2] + struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload + data[2:]


def with_chunk(data: bytes, kind: bytes, payload: bytes) -> bytes:
    """Return the PNG `data` with one more chunk, right after its first."""
    chunk = struct.pack(">I", len(payload)) + kind + payload
    return data[:33] + chunk + struct.pack(">I", crc32(kind + payload)) + data[33:]


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image
