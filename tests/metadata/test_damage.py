"""A thousand damaged files of every format, read as any file is: each is answered."""

import io
import random
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import py7zr
import pytest
from PIL import Image

from releases.metadata import Analysis, analyse, read_apart
from tests.books import make_epub, make_mobi, make_video, write_zip
from tests.metadata.helps import make_chm, make_djvu
from tests.metadata.kindle import make_kindle
from tests.metadata.mp4 import make_mp4
from tests.metadata.offices import make_docx, make_odt
from tests.metadata.pdfs import make_pdf
from tests.metadata.rars import write_rar4, write_rar5

COUNT = 1000
COMIC_INFO = b"<ComicInfo><Title>A Title</Title><Series>Some</Series><Number>2</Number></ComicInfo>"
FICTION_BOOK = (
    b'<?xml version="1.0"?><FictionBook><description><title-info><book-title>A Title</book-title>'
    b"<lang>en</lang></title-info></description><body/></FictionBook>"
)
RICH_TEXT = rb"{\rtf1\ansi\ansicpg1252{\info{\title A Title}{\author Ann \'c9}}\uc1 text \u233?}"
DRAWN_TEXT = b"\xdb\xdb\xb2 Title: A Title\r\n" * 20


def picture(kind: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (60, 90), "red").save(target, kind)
    return target.getvalue()


def comic() -> dict[str, bytes]:
    return {"ComicInfo.xml": COMIC_INFO, "1.jpg": picture("JPEG"), "2.png": picture("PNG")}


def write_tar(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        for name, data in comic().items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


def write_7z(path: Path) -> None:
    with py7zr.SevenZipFile(path, "w") as archive:
        for name, data in comic().items():
            archive.writestr(data, name)


def written(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


MAKERS: dict[str, Callable[[Path], object]] = {
    "azw3": lambda path: make_kindle(path, version=8, images=[picture("JPEG")]),
    "cb7": write_7z,
    "cbr": lambda path: write_rar5(path, comic()),
    "cbt": write_tar,
    "cbz": lambda path: write_zip(path, comic()),
    "chm": make_chm,
    "djvu": lambda path: make_djvu(path, metadata={"Title": "A Title"}),
    "docx": lambda path: make_docx(path, "<dc:title>A Title</dc:title>"),
    "epub": lambda path: make_epub(path, entries={"OEBPS/cover.png": picture("PNG")}),
    "fb2": written(FICTION_BOOK),
    "jpg": written(picture("JPEG")),
    "mkv": lambda path: make_video(path, title="A Title", languages=["fr"]),
    "mobi": make_mobi,
    "mp4": lambda path: path.write_bytes(make_mp4()),
    "nfo": written(DRAWN_TEXT),
    "odt": lambda path: make_odt(path, "<dc:title>A Title</dc:title>"),
    "pdf": lambda path: make_pdf(path, info={"Title": "A Title"}, pages=2),
    "rar": lambda path: write_rar4(path, {"file.bin": bytes(1000)}),
    "rtf": written(RICH_TEXT),
    "txt": written("Été à la plage\n".encode("cp1252") * 20),
    "zip": lambda path: write_zip(path, {"file.bin": bytes(1000)}),
}
"""Who makes a file whose name ends so."""


def flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        changed[chance.randrange(len(content))] = chance.randrange(256)
    return bytes(changed)


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(1, len(content))]


def swapped(content: bytes, chance: random.Random) -> bytes:
    """Return `content` with two pieces of it in each other's place."""
    a, b, c, d = sorted(chance.randrange(len(content) + 1) for _ in range(4))
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def repeated(content: bytes, chance: random.Random) -> bytes:
    """Return `content` with a piece of it twice."""
    begin, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    return content[:end] + content[begin:end] + content[end:]


DAMAGES = (flipped, flipped, cut, swapped, repeated)


def damaged(folder: Path) -> Iterator[Path]:
    chance = random.Random(0)
    wholes: dict[str, bytes] = {}
    for number in range(COUNT):
        ending = list(MAKERS)[number % len(MAKERS)]
        path = folder / f"{number}.{ending}"
        if ending not in wholes:
            MAKERS[ending](path)
            wholes[ending] = path.read_bytes()
        path.write_bytes(chance.choice(DAMAGES)(wholes[ending], chance))
        yield path


@pytest.mark.parametrize("ending", MAKERS)
def test_what_is_to_be_damaged_is_whole(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"whole.{ending}"
    MAKERS[ending](path)

    analysis = analyse(path)

    assert (analysis.valid, [*map(str, analysis.problems)]) == (True, [])
    assert analysis.format not in {"unknown", "empty"}


@pytest.mark.slow
def test_no_damage_is_left_without_an_answer(tmp_path: Path) -> None:
    paths = list(damaged(tmp_path))

    answers = dict(zip(paths, read_apart(paths, wants_covers=True), strict=True))

    assert len(answers) == COUNT
    assert failed(answers) == {}
    invalid = [reading for reading in answers.values() if not reading.analysis().valid]
    assert len(invalid) > COUNT / 4
    assert all(reading.analysis().problems for reading in invalid)


def failed(answers: dict[Path, Any]) -> dict[str, str]:
    """Return what was not analysed, each with its reason."""
    return {
        path.name: str(reading.outcome)
        for path, reading in answers.items()
        if not isinstance(reading.outcome, Analysis)
    }
