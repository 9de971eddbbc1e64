import pytest

from releases.packing import NamingError, fix_name
from releases.packing.naming import parse

BOOK = "Ann.Author.Some.Book.2020.FRENCH.RETAiL.ePUB.eBook-GRP"
SHOW = "Some.Show.S01E02.The.End.FRENCH.720p.WEB.H264-GRP"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("NFOFIX", "Ann.Author.Some.Book.2020.FRENCH.RETAiL.NFOFiX.ePUB.eBook-GRP"),
        ("NFOFiX", "Ann.Author.Some.Book.2020.FRENCH.RETAiL.NFOFiX.ePUB.eBook-GRP"),
        ("DIRFIX", "Ann.Author.Some.Book.2020.FRENCH.RETAiL.DiRFiX.ePUB.eBook-GRP"),
        ("REPACK", "Ann.Author.Some.Book.2020.FRENCH.RETAiL.REPACK.ePUB.eBook-GRP"),
        ("PROPER", "Ann.Author.Some.Book.2020.FRENCH.RETAiL.PROPER.ePUB.eBook-GRP"),
    ],
)
def test_the_fix_of_an_ebook_has_its_tag_after_the_source(kind: str, name: str) -> None:
    assert fix_name(BOOK, kind) == name


@pytest.mark.parametrize(
    "kind", ["NFOFIX", "DIRFIX", "SAMPLEFIX", "PROOFFIX", "REPACK", "RERIP", "PROPER"]
)
def test_the_fix_of_a_show_has_its_tag_before_the_language(kind: str) -> None:
    assert fix_name(SHOW, kind) == f"Some.Show.S01E02.The.End.{kind}.FRENCH.720p.WEB.H264-GRP"


@pytest.mark.parametrize(
    ("name", "kind", "fix"),
    [
        (
            "Name.Vol.2.No.3.Dec.2007.SCAN.iNTERNAL.COMiC.CBZ.eBook-GRP",
            "NFOFIX",
            "Name.Vol.2.No.3.Dec.2007.SCAN.iNTERNAL.NFOFiX.COMiC.CBZ.eBook-GRP",
        ),
        ("Film.2019.DV.HDTV.x264-GRP", "PROOFFIX", "Film.2019.DV.PROOFFIX.HDTV.x264-GRP"),
        ("Show.2024.05.01.WEB.H264-GRP", "SAMPLEFIX", "Show.2024.05.01.SAMPLEFIX.WEB.H264-GRP"),
        ("Show.Part.1.PROPER.WEB.H264-GRP", "NFOFIX", "Show.Part.1.PROPER.NFOFIX.WEB.H264-GRP"),
        ("Show.S01E02.PROPER.WEB.H264-GRP", "REPACK", "Show.S01E02.PROPER.REPACK.WEB.H264-GRP"),
    ],
)
def test_a_fix_keeps_the_rest_of_the_name(name: str, kind: str, fix: str) -> None:
    assert fix_name(name, kind) == fix
    assert parse(fix).tags[-1].upper() == kind


@pytest.mark.parametrize("kind", ["REPACK", "RERIP", "PROPER"])
def test_a_second_new_copy_of_a_show_is_real(kind: str) -> None:
    first = fix_name(SHOW, kind)

    second = fix_name(first, kind)

    assert second == f"Some.Show.S01E02.The.End.REAL.{kind}.FRENCH.720p.WEB.H264-GRP"
    with pytest.raises(NamingError, match=f"no tag for one more {kind}"):
        fix_name(second, kind)


def test_a_second_repack_of_an_ebook_has_no_name() -> None:
    with pytest.raises(NamingError, match="no tag for one more REPACK"):
        fix_name(fix_name(BOOK, "REPACK"), "REPACK")


def test_a_new_copy_of_a_show_does_not_say_to_read_its_nfo() -> None:
    assert (
        fix_name("Show.S01E02.READNFO.WEB.H264-GRP", "PROPER") == "Show.S01E02.PROPER.WEB.H264-GRP"
    )
    assert fix_name("Show.S01E02.READNFO.WEB.H264-GRP", "NFOFIX").count("READNFO") == 1


@pytest.mark.parametrize("name", [BOOK, SHOW])
@pytest.mark.parametrize("kind", ["SFVFIX", "RARFIX", "SUBFIX", "", "TRACKFIX"])
def test_a_fix_that_the_rules_do_not_know_is_refused(name: str, kind: str) -> None:
    with pytest.raises(NamingError, match="is no fix of such a release: choose among NFOFIX"):
        fix_name(name, kind)


@pytest.mark.parametrize("kind", ["SAMPLEFIX", "PROOFFIX", "RERIP"])
def test_an_ebook_has_no_fix_of_what_it_never_holds(kind: str) -> None:
    with pytest.raises(NamingError, match="is no fix of such a release"):
        fix_name(BOOK, kind)


@pytest.mark.parametrize(
    ("name", "kind"), [(BOOK, "NFOFIX"), (SHOW, "DIRFIX"), (SHOW, "SAMPLEFIX"), (SHOW, "PROOFFIX")]
)
@pytest.mark.parametrize("next_kind", ["NFOFIX", "PROPER"])
def test_a_fix_is_not_fixed(name: str, kind: str, next_kind: str) -> None:
    with pytest.raises(NamingError, match="is a fix: name the release that it corrects"):
        fix_name(fix_name(name, kind), next_kind)


def test_what_is_no_release_name_has_no_fix() -> None:
    with pytest.raises(NamingError, match="is no TV name"):
        fix_name("holidays", "NFOFIX")
