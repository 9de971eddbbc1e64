"""Which releases are one too many, as a table."""

from dataclasses import replace
from typing import Any

import pytest

from releases.duplicates import Kind, Verdict, likeness
from releases.identity import Identity, identity

BOOK = {"title": "Some Book", "author": "Ann Author", "year": 2020, "language": "en"}
ISBN, OTHER_ISBN = "9780306406157", "9780140328721"
SHOW = {"title": "Some Show", "episode": "S01E02"}
WEB = "Some.Show.S01E02.720p.WEB.H264-GRP"


def book(tags: str = "RETAiL.ePUB", group: str = "GRP", **known: Any) -> Identity:
    """Return the identity of a book: `tags` stand in its name from the source on."""
    said = {"form": known.pop("form", "epub"), "sha256": known.pop("sha256", "")}
    name = f"Ann.Author.Some.Book.2020.{tags}.eBook-{group}"
    return identity("EBOOK", name, BOOK | known, group=group, **said)


def magazine(**known: Any) -> Identity:
    metadata = {"title": "The Magazine", "category": "MAGAZiNE", "year": 2012} | known
    return identity(
        "EBOOK", "Magazine.2012.RETAiL.MAGAZiNE.eBook-GRP", metadata, group="GRP", form="pdf"
    )


def show(name: str = WEB, **known: Any) -> Identity:
    group = name.rpartition("-")[2]
    said = {"form": "mkv", "sha256": known.pop("sha256", "")}
    return identity("TV", name, SHOW | known, group=group, **said)


def of_show(tags: str, group: str = "GRP") -> str:
    return f"Some.Show.S01E02.{tags}.720p.WEB.H264-{group}"


SAME = {"sha256": "a" * 64}
D, Q, A = Verdict.DUPLICATE, Verdict.DOUBTFUL, Verdict.ALLOWED
F, N, W = Kind.FILE, Kind.ISBN, Kind.WORK
PAIRS: list[tuple[str, Identity, Identity, tuple[Kind, Verdict] | None]] = [
    ("the same work", book(), book(), (W, D)),
    ("by another group", book(), book(group="ABC"), (W, D)),
    ("spelled otherwise", book(title="SOME-BOOK"), book(author="Author, Ann"), (W, D)),
    ("another title", book(title="Other Book"), book(), None),
    ("another author", book(author="Bob Writer"), book(), None),
    ("another language", book(language="fr"), book(), (W, A)),
    ("a country is no language", book(language="en-GB"), book(), (W, D)),
    ("another format", book("RETAiL", form="pdf"), book(), (W, A)),
    ("another edition", book(edition="2nd"), book(), (W, A)),
    ("the same edition", book(edition="2nd ed."), book(edition="Second"), (W, D)),
    ("the first edition", book(edition="First edition"), book(), (W, D)),
    ("another year", book(year=1999), book(), (W, Q)),
    ("no year", book(year=None), book(), (W, D)),
    ("another ISBN", book(isbn=ISBN), book(isbn=OTHER_ISBN), (W, Q)),
    ("an ISBN more", book(isbn=ISBN), book(), (W, D)),
    ("one ISBN", book(isbn=ISBN), book(isbn=ISBN), (N, D)),
    ("ten digits", book(isbn="0-306-40615-2"), book(isbn=ISBN), (N, D)),
    ("one ISBN, another year", book(isbn=ISBN, year=1999), book(isbn=ISBN), (N, D)),
    ("one ISBN, a subtitle", book(isbn=ISBN, title="Some Book: Tales"), book(isbn=ISBN), (N, D)),
    ("one ISBN, another title", book(isbn=ISBN, title="Cooking"), book(isbn=ISBN), (N, Q)),
    ("one ISBN, a translation", book(isbn=ISBN, language="fr"), book(isbn=ISBN), (N, A)),
    ("one ISBN, another format", book(isbn=ISBN, form="mobi"), book(isbn=ISBN), (N, A)),
    ("a wrong ISBN is none", book(isbn="9780306406158"), book(isbn="9780306406158"), (W, D)),
    ("retail after scan", book(), book("SCAN.ePUB"), (W, A)),
    ("retail after hybrid", book(), book("HYBRiD.ePUB"), (W, A)),
    ("hybrid after scan", book("HYBRiD.ePUB"), book("SCAN.ePUB"), (W, A)),
    ("scan after retail", book("SCAN.ePUB"), book(), (W, D)),
    ("scan after hybrid", book("SCAN.ePUB"), book("HYBRiD.ePUB"), (W, D)),
    ("scan after scan", book("SCAN.ePUB"), book("SCAN.ePUB"), (W, D)),
    ("scan after retail of another year", book("SCAN.ePUB", year=1999), book(), (W, Q)),
    ("retail after scan of one ISBN", book(isbn=ISBN), book("SCAN.ePUB", isbn=ISBN), (N, A)),
    ("internal", book("RETAiL.iNTERNAL.ePUB", group="ABC"), book(), (W, A)),
    ("after an internal", book(), book("RETAiL.iNTERNAL.ePUB"), (W, A)),
    (
        "internal twice in a group",
        book("RETAiL.iNTERNAL.ePUB"),
        book("RETAiL.iNTERNAL.ePUB"),
        (W, D),
    ),
    (
        "internal of two groups",
        book("RETAiL.iNTERNAL.ePUB", group="ABC"),
        book("RETAiL.iNTERNAL.ePUB"),
        (W, A),
    ),
    ("proper", book("RETAiL.PROPER.ePUB", group="ABC"), book(), (W, A)),
    ("proper of a better source", book("SCAN.PROPER.ePUB", group="ABC"), book(), (W, A)),
    ("proper twice", book("RETAiL.PROPER.ePUB"), book("RETAiL.PROPER.ePUB"), (W, D)),
    ("after a proper", book(), book("RETAiL.PROPER.ePUB"), (W, D)),
    ("repack of one's own", book("RETAiL.REPACK.ePUB"), book(), (W, A)),
    ("repack of another group's", book("RETAiL.REPACK.ePUB", group="ABC"), book(), (W, D)),
    ("repack of a proper", book("RETAiL.REPACK.ePUB"), book("RETAiL.PROPER.ePUB"), (W, A)),
    ("repack twice", book("RETAiL.REPACK.ePUB"), book("RETAiL.REPACK.ePUB"), (W, D)),
    ("a fix", book("RETAiL.NFOFiX.ePUB"), book(), (W, A)),
    ("after a fix", book(), book("RETAiL.DiRFiX.ePUB"), (W, A)),
    ("a fix twice", book("RETAiL.NFOFiX.ePUB"), book("RETAiL.NFOFiX.ePUB"), (W, D)),
    ("read the NFO", book("RETAiL.READNFO.ePUB"), book(), (W, D)),
    ("the same file", book(**SAME), book(title="Other", **SAME), (F, D)),
    ("the same file, said to be better", book(**SAME), book("SCAN.ePUB", **SAME), (F, D)),
    ("the same file, said to be French", book(language="fr", **SAME), book(**SAME), (F, D)),
    ("the same file, repacked", book("RETAiL.REPACK.ePUB", **SAME), book(**SAME), (F, A)),
    ("the same file, internal", book("RETAiL.iNTERNAL.ePUB", **SAME), book(**SAME), (F, A)),
    ("a file as a show", book(**SAME), show(**SAME), (F, D)),
    ("an issue", magazine(issue="7"), magazine(issue="07", title="Magazine"), (W, D)),
    ("another issue", magazine(issue="7"), magazine(issue="8"), None),
    ("an issue of another year", magazine(issue="7", issue_date="2011"), magazine(issue="7"), None),
    ("a dated issue", magazine(issue_date="2012-03"), magazine(issue_date="2012-03"), (W, D)),
    ("an ISBN of magazines", magazine(isbn=ISBN, issue="1"), magazine(isbn=ISBN, issue="2"), None),
    ("an episode", show(), show(), (W, D)),
    ("an episode of another group", show(), show(WEB.replace("GRP", "ABC")), (W, D)),
    ("another episode", show(episode="S01E03"), show(), None),
    ("another resolution", show(WEB.replace("720p", "1080p")), show(), (W, A)),
    ("another video format", show(WEB.replace("WEB.H264", "HDTV.x264")), show(), (W, A)),
    ("a dubbed episode", show(language="de"), show(), (W, A)),
    ("an extended cut", show(of_show("EXTENDED")), show(), (W, A)),
    ("the same cut", show(of_show("EXTENDED")), show(of_show("EXTENDED")), (W, D)),
    ("an internal episode", show(of_show("INTERNAL")), show(), (W, A)),
    ("a proper episode", show(of_show("PROPER", "ABC")), show(), (W, A)),
    ("a real proper", show(of_show("REAL.PROPER", "ABC")), show(of_show("PROPER")), (W, A)),
    ("a rerip of another group", show(of_show("RERIP", "ABC")), show(), (W, D)),
    ("a rerip", show(of_show("RERIP")), show(), (W, A)),
    ("a book is no film", book(title="Some Show"), show(), None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("new", "other", "expected"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS]
)
def test_what_stands_beside_what(
    new: Identity, other: Identity, expected: tuple[Kind, Verdict] | None
) -> None:
    alike = likeness(new, other)

    assert (alike and (alike.kind, alike.verdict)) == expected
    if alike:
        assert "%" not in alike.template % alike.values
        assert alike.verdict == A or alike.fix


def test_a_proper_owes_a_name_and_a_reason_until_its_nfo_gives_them() -> None:
    other = book()
    proper = book("RETAiL.PROPER.ePUB", group="ABC")
    telling = replace(proper, nfo=f"Mends {other.name}")

    silent, named = likeness(proper, other), likeness(telling, other)

    assert silent is not None
    assert named is not None
    assert "give the reason" in silent.fix
    assert named.fix == ""
