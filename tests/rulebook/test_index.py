import os

import pytest

from rulebook import index
from rulebook.index import Entry, entries, page_text
from tests.rulebook.site import page_of, text_of


def listed(body: str) -> dict[str, Entry]:
    return {entry.name: entry for entry in entries(f"<html><body>{body}".encode())}


def said(body: str) -> list[tuple[str, str, str, int | None]]:
    return [(one.name, one.scene, one.section, one.year) for one in listed(body).values()]


def row(name: str, words: str) -> str:
    return (
        f'<li>{words} [<a href="/pics/{name}.png">p</a>/<a href="/html/{name}.html">t</a>/'
        f'<a href="/numbered_html/{name}.html">n</a>/<a href="/nfo/{name}.nfo">d</a>]</li>'
    )


def test_a_row_tells_year_section_and_addresses() -> None:
    found = listed(f"<h2>Current English Rules</h2><ul>{row('2022_EBOOK', '[2022] eBOOK')}</ul>")

    assert found["2022_EBOOK"] == Entry(
        name="2022_EBOOK",
        scene="English",
        section="eBOOK",
        year=2022,
        addresses={
            "nfo": "/nfo/2022_EBOOK.nfo",
            "html": "/html/2022_EBOOK.html",
            "numbered_html": "/numbered_html/2022_EBOOK.html",
        },
    )
    assert next(iter(found["2022_EBOOK"].addresses)) == index.RAW


@pytest.mark.parametrize(
    "heading",
    [
        "<h1>German Rules</h1>",
        "<h4>GERMAN</h4>",
        "<p><b>Ye olde German rules</b></p>",
        "<div>German</div>",
        "<table><caption>German</caption></table>",
    ],
)
def test_the_scene_is_that_of_the_nearest_heading(heading: str) -> None:
    found = said(f"<h2>English Rules</h2>{row('2001_A', '')}{heading}{row('2009_EBOOK', '')}")

    assert found == [("2001_A", "English", "A", 2001), ("2009_EBOOK", "German", "EBOOK", 2009)]


@pytest.mark.parametrize(
    ("heading", "scene"),
    [
        ("<h2>Klingon Rules</h2>", "Klingon"),
        ("<h2>Rules</h2>", "Other"),
        (f"<h2>{'x' * 200}</h2>", "x" * 32),
        ("<h2><!-- English --></h2>", "French"),
        ("", "French"),
    ],
)
def test_an_unknown_heading_is_kept_and_where_there_is_none_the_name_tells(
    heading: str, scene: str
) -> None:
    assert said(heading + row("2020_FR_TVWEB", "[2020] TV WEB")) == [
        ("2020_FR_TVWEB", scene, "TV WEB", 2020)
    ]


@pytest.mark.parametrize(
    "line",
    [
        '<p>[2020] TV WEB [<a href="/nfo/2020_WDX.nfo">d</a>]',
        '<p><a href="https://site.example/nfo/2020_WDX.nfo">[2020] TV WEB</a>',
        '<p><a href="nfo/2020_WDX.nfo">d</a> [2020] TV WEB',
        '<p>[<a href="t.html?id=2020_WDX.nfo">t</a>/<a href="n.html?id=2020_WDX.nfo">n</a>] TV WEB',
        '<table><tr><td>2020</td><td>TV WEB</td><td><a href="/html/2020_WDX.html">t</a></table>',
        '<dl><dt>[2020] Other</dt><dt>TV&nbsp;WEB<dd><a href="/html/2020_WDX.html">t</a></dl>',
        '2020 - <b>TV</b>\n WEB: <a class="x" href=" /numbered_html/2020_WDX.html ">n</a>',
        '[1999] X <a href="/nfo/A_B.nfo">d</a> [2020] TV WEB <a href="/nfo/2020_WDX.nfo">d</a>',
        '<a href="/nfo/A_B.nfo">[1999] X</a>, <a href="/nfo/2020_WDX.nfo">[2020] TV WEB</a>',
    ],
)
def test_a_row_may_be_written_in_many_ways(line: str) -> None:
    assert said(line)[-1] == ("2020_WDX", "English", "TV WEB", 2020)


def test_what_leads_elsewhere_is_no_rule() -> None:
    links = ("/", "/pics/2020_WDX.png", "/nfo/2020_WDX.txt", "/html/", "x/nfo2/a.nfo", "#", "")

    assert said("".join(f'<p><a href="{link}">[2020] X</a>' for link in links) + "<a>") == []


def test_a_name_listed_twice_is_one_rule_and_case_matters() -> None:
    found = listed(
        '<h2>English Rules</h2><p>[2022] eBOOK <a href="/nfo/2022_EBOOK.nfo">d</a>'
        '<h2>Olde English Rules</h2><p><a href="/html/2022_EBOOK.html">t</a>'
        '<p>[2022] other <a href="/nfo/2022_eBOOK.nfo">d</a>'
    )

    assert list(found) == ["2022_EBOOK", "2022_eBOOK"]
    assert list(found["2022_EBOOK"].addresses) == ["nfo", "html"]


def test_addresses_stay_as_they_are_written() -> None:
    found = listed('<p><a href="../old/nfo/2013_SDX264v1.1%20b.nfo">d</a>')

    assert found["2013_SDX264v1.1 b"].addresses == {"nfo": "../old/nfo/2013_SDX264v1.1%20b.nfo"}


@pytest.mark.parametrize(
    "page",
    [b"", b"\0" * 1000, b"no markup", b"\xff\xfe<\0h\0", b"<!DOCTYPE html>", b"&" * 5000],
    ids=range(6),
)
def test_a_page_without_rules_lists_none(page: bytes) -> None:
    assert entries(page) == []
    assert page_text(page) is None


@pytest.mark.parametrize(
    "page",
    [
        b"<div>" * 2_000_000,
        b"<" * 10_000_000,
        b'<a href="/nfo/x.nfo">' * 100_000,
        b'<a href="' + b"/nfo/" * 2_000_000 + b'">',
        b"[ " * 5_000_000 + b'<a href="/nfo/2000_X.nfo">',
        b"<pre>" + b"1\n" * 1_000_000 + b"x",
        os.urandom(1 << 10) * 10_000,
        "".join(row(f"2000_X{number}", "[2000] X") for number in range(10_000)).encode(),
    ],
    ids=range(8),
)
def test_ten_megabytes_of_anything_come_to_an_end(page: bytes) -> None:
    assert len(entries(page)) <= index.ENTRIES_MOST
    page_text(page)


# Pages of rules


@pytest.mark.parametrize("kind", [' class="nfo"', ' class="x nfo"', ""])
def test_a_page_shows_its_text(kind: str) -> None:
    assert page_text(page_of(text_of("1"), kind)) == text_of("1")


def test_line_numbers_are_cut_off() -> None:
    lines = text_of("1").rstrip("\n").split("\n")
    numbers = "\n".join(str(number) for number in range(1, len(lines) + 1))
    beside = f"<table><td><pre>{numbers}</pre><td>".encode() + page_of(text_of("1"), "")
    before = page_of("".join(f"{number:3} {line}\n" for number, line in enumerate(lines, 1)))

    assert page_text(beside) == text_of("1")
    assert page_text(before) == text_of("1")


@pytest.mark.parametrize(
    "text", ["2010 is a year\n", "1) one\n3) three\n", "1 one\ntwo\n", "9" * 5000]
)
def test_numbers_of_the_text_stay(text: str) -> None:
    assert page_text(page_of(text)) == text


def test_signs_of_markup_and_line_ends_of_the_text_stay() -> None:
    assert (
        page_text(b'<pre class="nfo">\r\n a &lt;b&gt; &amp;\r\n<!-- no -->c</pre>') == " a <b> &\nc"
    )
