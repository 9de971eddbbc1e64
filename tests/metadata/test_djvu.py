import random
from pathlib import Path

import pytest
from PIL import Image

from releases.metadata import analyse, djvu
from tests.metadata.helps import make_djvu

KNOWN = {
    "Title": "Carte des îles",
    "author": "Hélène Périgord; Ann Other",
    "publisher": "Phare",
    "year": "1911",
    "ISBN": "978-2-07-036822-8",
}


@pytest.mark.parametrize("pages", [1, 3])
def test_a_document_tells_what_its_annotations_say(tmp_path: Path, pages: int) -> None:
    analysis = analyse(make_djvu(tmp_path / "map.djvu", pages=pages, metadata=KNOWN))

    assert analysis.format == "djvu"
    assert analysis.metadata == {
        "title": "Carte des îles",
        "authors": ["Hélène Périgord", "Ann Other"],
        "publisher": "Phare",
        "year": 1911,
        "isbn": "9782070368228",
        "pages": pages,
    }
    assert analysis.sources["title"] == "DjVu metadata title"
    assert (analysis.mediainfo["width"], analysis.mediainfo["dpi"]) == (600, 300)
    assert (analysis.valid, analysis.cover) == (True, True)


def test_escapes_are_undone() -> None:
    said = 'title\t"A \\"quoted\\" \\303 back\\\\slash"'

    metadata, _ = djvu._metadata(said)

    assert metadata["title"] == 'A "quoted" Ã back\\slash'


def test_the_first_page_is_the_cover(tmp_path: Path) -> None:
    picture = tmp_path / "cover.png"
    picture.write_bytes(djvu.cover(make_djvu(tmp_path / "map.djvu", pages=2)))

    with Image.open(picture) as cover:
        assert max(cover.size) <= 720


@pytest.mark.parametrize("kept", [20, 60, -9])
def test_a_cut_document_is_told(tmp_path: Path, kept: int) -> None:
    path = make_djvu(tmp_path / "map.djvu", pages=3, metadata=KNOWN)
    path.write_bytes(path.read_bytes()[:kept])

    assert "cut short" in " ".join(map(str, analyse(path).problems))


def test_without_its_programs_the_pages_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_djvu(tmp_path / "map.djvu", pages=4, metadata=KNOWN)
    monkeypatch.setenv("PATH", str(tmp_path))

    analysis = analyse(path)

    assert (analysis.metadata, analysis.valid, analysis.cover) == ({"pages": 4}, True, False)
    assert djvu.cover(path) == b""


def test_no_damage_stops_the_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_djvu(tmp_path / "map.djvu", pages=3)
    monkeypatch.setenv("PATH", str(tmp_path))  # the programs would slow this down
    whole, dice = path.read_bytes(), random.Random(7)
    for _ in range(300):
        damaged = bytearray(whole[: dice.randrange(16, len(whole))])
        damaged[dice.randrange(16, max(17, len(damaged))) % len(damaged)] = dice.randrange(256)
        path.write_bytes(b"AT&TFORM" + damaged[8:12] + b"DJVM" + damaged[16:])

        assert analyse(path).format == "djvu"
