"""Files to pack, as large as wanted."""

import random
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from tests.books import make_epub, make_video

VOID, LENGTH_BYTES, LENGTH_MARK = b"\xec", 8, 0x01
PIECE, PART = 1 << 20, 64 << 20
DATE = (2020, 1, 1, 0, 0, 0)


def make_book(folder: Path, size: int) -> Path:
    path = folder / f"book{size}.epub"
    make_epub(path, title="Some Book", authors=["Ann Author"], year=2020)
    noise = random.Random(size)  # noqa: S311  # the same each time
    with ZipFile(path, "a") as archive:
        for at in range(0, size, PART):
            entry = ZipInfo(f"OEBPS/noise{at}.bin", DATE)
            archive.writestr(entry, noise.randbytes(min(PART, size - at)), ZIP_STORED)
    return path


def make_episode(folder: Path, size: int) -> Path:
    """Make a video that is long for what no player shows: an element of noise."""
    path = make_video(folder / "A.Show.S01E01.720p.HDTV.x264-XYZ.mkv")
    noise = random.Random(size)  # noqa: S311  # the same each time
    with path.open("ab") as file:
        file.write(VOID + bytes([LENGTH_MARK]) + size.to_bytes(LENGTH_BYTES - 1, "big"))
        for _ in range(size // PIECE):
            file.write(noise.randbytes(PIECE))
        file.write(noise.randbytes(size % PIECE))
    return path
