import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulebook.detection import Detected, detected, from_text, rule_name


@pytest.mark.parametrize(
    ("file_name", "scene", "section", "year", "kind"),
    [
        ("2022_EBOOK.nfo", "English", "EBOOK", 2022, "EBOOK"),
        ("2020_WDX.nfo", "English", "WDX", 2020, "TV"),
        ("2020_WDX_unformatted.nfo", "English", "WDX_unformatted", 2020, "TV"),
        ("sdtvx2642k16.nfo", "English", "TV-SD-x264", 2016, "TV"),
        ("tvx2642k16.nfo", "English", "TV-720p-x264", 2016, "TV"),
        ("wdx264v1.0-ecb63c67.nfo", "English", "WDX264", None, "TV"),
        ("2005_FR-TV.nfo", "French", "TV", 2005, "TV"),
        ("2004_FR_TVv2", "French", "TVv2", 2004, "TV"),
        ("2011_FR_DVDR.nfo", "French", "DVDR", 2011, ""),
        ("2009_DE_EBOOK.nfo", "German", "EBOOK", 2009, "EBOOK"),
        ("2012_PL_SDx264.nfo", "Polish", "SDx264", 2012, ""),
        ("2010_SP.nfo", "Spanish", "", 2010, ""),
        ("2009_DOX.nfo", "English", "DOX", 2009, ""),
        ("UNK_ISOaRIP.nfo", "English", "ISOaRIP", None, ""),
        ("2014_X264-ANIME.nfo", "English", "X264-ANIME", 2014, ""),
        ("2007_XX_YY.nfo", "English", "XX_YY", 2007, ""),
        (r"C:\rules\2012_EBOOK.NFO", "English", "EBOOK", 2012, "EBOOK"),
    ],
)
def test_a_name_tells(
    file_name: str, scene: str, section: str, year: int | None, kind: str
) -> None:
    found = detected(file_name, "")

    assert (found.scene, found.section, found.year) == (scene, section, year)
    assert found.release_type == kind


@pytest.mark.parametrize(
    ("text", "scene", "section", "year"),
    [
        ("   ║  The 2022 eBook Releasing Standards  ║", "", "eBook", 2022),
        ("The eBook Standards [2024]", "", "eBook", 2024),
        ("\n\n*** THE FRENCH TV RULES 2011 ***", "French", "TV", 2011),
        ("The German scene eBook release rules", "German", "eBook", None),
        ("Nothing is said here", "", "", None),
    ],
)
def test_a_title_tells(text: str, scene: str, section: str, year: int | None) -> None:
    assert from_text(text) == Detected(scene=scene, section=section, year=year)


def test_a_name_wins_over_a_title() -> None:
    found = detected("2011_FR_DVDR.nfo", "The 2022 eBook Standards")

    assert found == Detected("2011_FR_DVDR", "French", "DVDR", 2011, "")


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("Our rules (new).txt", "Our_rules_new"),
        ("...", ""),
        ("", ""),
        ("x" * 300 + ".nfo", "x" * 100),
    ],
)
def test_a_name_is_made_of_that_of_the_file(file_name: str, name: str) -> None:
    assert rule_name(file_name) == name


@given(st.text(), st.text())
def test_no_text_breaks_it(file_name: str, text: str) -> None:
    found = detected(file_name, text)

    assert len(found.name) <= 100
    assert len(found.section) <= 64


def test_long_texts_take_no_time() -> None:
    for text in ("the " * 250_000, "the a" * 200_000, "The " + "x " * 500_000, "\n" * 1_000_000):
        detected("a.nfo", text)
