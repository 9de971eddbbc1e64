from pathlib import Path

from releases.metadata import analyse
from tests.books import PACKAGE, make_epub, make_package

NAVIGATION = (
    b'<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>'
    b'<nav epub:type="toc"><h1>Contents</h1><ol><li><a href="c1.xhtml">One</a>'
    b'<ol><li><a href="c1.xhtml#a">Inner</a></li></ol></li><li><a href="c2.xhtml">Two</a></li></ol>'
    b'</nav><nav epub:type="page-list"><ol><li><a href="c1.xhtml#p1">1</a></li></ol></nav>'
    b"</body></html>"
)
NCX = (
    b'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>'
    b"<navPoint><navPoint/></navPoint><navPoint/><navPoint/></navMap>"
    b"<pageList><pageTarget/><pageTarget/></pageList></ncx>"
)
NCX_ITEM = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>'
NUMBER_OF_PAGES = '<meta property="schema:numberOfPages">321</meta>'
REFINED_ROLE = '<meta refines="#{0}" property="role">{1}</meta>'


def test_chapters_and_pages_are_counted_in_the_navigation(tmp_path: Path) -> None:
    analysis = analyse(make_epub(tmp_path / "a.epub", entries={"OEBPS/nav.xhtml": NAVIGATION}))

    assert (analysis.metadata["chapters"], analysis.metadata["pages"]) == (2, 1)
    assert analysis.sources["chapters"] == "EPUB nav toc"


def test_the_ncx_counts_where_the_navigation_lists_nothing(tmp_path: Path) -> None:
    package = make_package().replace("</manifest>", NCX_ITEM).encode()
    entries = {PACKAGE: package, "OEBPS/toc.ncx": NCX}

    analysis = analyse(make_epub(tmp_path / "a.epub", entries=entries))

    assert (analysis.metadata["chapters"], analysis.metadata["pages"]) == (3, 2)
    assert analysis.sources["pages"] == "EPUB NCX pagelist"


def test_the_number_of_pages_that_is_stated_wins(tmp_path: Path) -> None:
    entries = {"OEBPS/nav.xhtml": NAVIGATION}

    analysis = analyse(make_epub(tmp_path / "a.epub", statements=NUMBER_OF_PAGES, entries=entries))

    assert analysis.metadata["pages"] == 321
    assert analysis.sources["pages"] == "OPF schema:numberOfPages"


def test_a_broken_navigation_costs_the_counts_alone(tmp_path: Path) -> None:
    analysis = analyse(make_epub(tmp_path / "a.epub", entries={"OEBPS/nav.xhtml": b"\0 no page"}))

    assert "chapters" not in analysis.metadata
    assert analysis.metadata["title"] == "A Book"


def test_translators_illustrators_and_another_title_are_told(tmp_path: Path) -> None:
    statements = (
        '<dc:contributor id="t">Zoë Müller</dc:contributor>'
        '<dc:creator id="i">Ill Ustrator</dc:creator><dc:title id="s">Book</dc:title>'
        + REFINED_ROLE.format("t", "trl")
        + REFINED_ROLE.format("i", "ill")
        + '<meta refines="#s" property="title-type">short</meta>'
    )

    analysis = analyse(make_epub(tmp_path / "a.epub", statements=statements))

    assert analysis.metadata["translators"] == ["Zoë Müller"]
    assert analysis.metadata["illustrators"] == ["Ill Ustrator"]
    assert analysis.metadata["authors"] == ["Ann Author"]
    assert (analysis.metadata["title"], analysis.metadata["alternative_title"]) == (
        "A Book",
        "Book",
    )
