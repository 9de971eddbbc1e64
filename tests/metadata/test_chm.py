import random
from pathlib import Path

import pytest

from releases.metadata import analyse
from tests.metadata.helps import LCID_RUSSIAN, make_chm


def test_a_help_file_tells_its_title_language_and_topics(tmp_path: Path) -> None:
    analysis = analyse(make_chm(tmp_path / "help.chm", title="Aide générale".encode("cp1252")))

    assert analysis.format == "chm"
    assert analysis.metadata == {"title": "Aide générale", "language": "fr-FR"}
    assert analysis.sources["title"] == "CHM #SYSTEM title"
    assert analysis.mediainfo["topics"] == 2
    assert [one["path"] for one in analysis.structure] == ["more.htm", "start.html"]
    assert (analysis.valid, analysis.problems, analysis.cover) == (True, (), False)


def test_a_title_is_read_in_the_code_page_of_its_language(tmp_path: Path) -> None:
    path = make_chm(tmp_path / "help.chm", title="Справка".encode("cp1251"), lcid=LCID_RUSSIAN)

    assert analyse(path).metadata == {"title": "Справка", "language": "ru-RU"}


def test_an_older_version_has_its_content_behind_the_directory(tmp_path: Path) -> None:
    path = make_chm(tmp_path / "help.chm", version=2)

    assert analyse(path).metadata["title"] == "Some Help"


def test_help_without_topics_is_not_valid(tmp_path: Path) -> None:
    analysis = analyse(make_chm(tmp_path / "help.chm", topics=()))

    assert "no topic" in str(analysis.problems[0])


@pytest.mark.parametrize("kept", [40, 0x90, 0x800, -1])
def test_a_cut_help_file_is_told(tmp_path: Path, kept: int) -> None:
    path = make_chm(tmp_path / "help.chm")
    path.write_bytes(path.read_bytes()[:kept])

    analysis = analyse(path)

    assert not analysis.valid
    assert analysis.problems


def test_no_damage_stops_the_reader(tmp_path: Path) -> None:
    path = make_chm(tmp_path / "help.chm")
    whole, dice = path.read_bytes(), random.Random(7)
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(8):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        path.write_bytes(b"ITSF" + damaged[4:])

        assert analyse(path).format == "chm"
