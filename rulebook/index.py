"""The pages of the site that lists the rules, read as hostile. No Django here.

Source: docs/rules.md. The markup of the index could not be verified: `entries` is the only reader
of it, and takes whatever leads to a rule.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from lxml import etree

from rulebook import detection

Element = etree._Element

RAW, TEXT, OLD_TEXT, NUMBERED, OLD_NUMBERED = "nfo", "html", "t", "numbered_html", "n"
FORMS = (RAW, TEXT, OLD_TEXT, NUMBERED, OLD_NUMBERED)
"""How a rule is given, the most faithful first."""
ADDRESS = re.compile(r"(?:^|/)(?P<form>html|numbered_html|nfo)/(?P<stem>[^/?#]+)\.(?:html|nfo)$")
OLD_ADDRESS = re.compile(r"(?P<form>[tn])\.html\?id=(?P<stem>[^&#]+)\.nfo$")
ADDRESS_LENGTH = 200
ENTRIES_MOST = 5_000
WORDS_MOST = 300
BREAKS = frozenset({"br", "div", "dl", "hr", "li", "ol", "p", "section", "table", "tr", "ul"})
CELLS = frozenset({"td", "th", "dd"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "caption", "legend", "summary"})
SILENT = frozenset({"script", "style", "title", "head"})
HEADING = re.compile(r"\brules\b", re.IGNORECASE)
"""What a line without a link says that is a heading in all but its tag."""
HEADING_LENGTH = 80
OTHER = "Other"
SCENE_LENGTH, SECTION_LENGTH = 32, 64
MARK = re.compile(r"\[\s*(?P<year>\d{4}|UNK|\?+)\s*\]|^\W*(?P<bare>\d{4})\b", re.IGNORECASE)
"""The year of a row, as “[2022]” or first of all."""
LINKS = re.compile(r"[\[(][\s/|,ptnd]*[\])]?\s*$")
"""What is left of “[p/t/n/d]” before its first link."""
NUMBERED_LINE = re.compile(r"\s*(\d{1,7})(?:[ \t.:|]|$)")
PAGE = re.compile(
    rb"\s*(?:\xef\xbb\xbf\s*)?<(?:!--|(?:!doctype|\?xml|html|head|body|div|pre)\b)", re.IGNORECASE
)
"""How a file begins that a browser kept."""
WORD = re.compile(r"[^\W_]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A rule as the index lists it."""

    name: str
    scene: str
    section: str
    year: int | None
    addresses: Mapping[str, str]
    """As they stand in the page, by form; the most faithful first."""


@dataclass(slots=True)
class Row:
    """What is read of one stem, while the page is."""

    scene: str
    words: str
    addresses: dict[str, str] = field(default_factory=dict)

    def say(self, words: str) -> None:
        """Hear `words` too, unless it is known what the rule is about."""
        if WORD.search(words) and not section_in(self.words):
            self.words = f"{self.words} {words}"


Piece = tuple[str, str]
"""What a line is made of: ``text``, ``link`` and its address, ``label`` and the link's words."""


def entries(page: bytes) -> list[Entry]:
    """Return the rules that the index page lists, in its order, each once."""
    rows: dict[str, Row] = {}
    scene = ""
    for is_heading, pieces in lines(page):
        if not any(kind == "link" and address(text) for kind, text in pieces):
            words = " ".join("".join(text for kind, text in pieces if kind != "link").split())
            if words and (is_heading or is_like_heading(words)):
                scene = scene_of(words)
        else:
            gather(rows, pieces, scene)
    return [entry(name, row) for name, row in rows.items()]


def lines(page: bytes) -> Iterator[tuple[bool, list[Piece]]]:
    """Yield what the page shows, line by line, each with whether it is a heading."""
    pieces: list[Piece] = []
    is_heading, kind = False, "text"
    for event, element in walked(page):
        name = element.tag if isinstance(element.tag, str) else ""
        is_start = event == "start"
        if name in HEADINGS or name in BREAKS or (name == "dt" and is_start):
            yield is_heading, pieces
            pieces, is_heading = [], is_start and name in HEADINGS
        if name in CELLS:
            pieces.append((kind, " "))
        if name == "a":
            kind = "label" if is_start else "text"
            pieces += [("link", str(element.get("href") or "").strip())] if is_start else []
        shown = "" if name in SILENT and is_start else seen_text(element, is_start=is_start)
        if shown:
            pieces.append((kind, shown))
    yield is_heading, pieces


def seen_text(element: Element, *, is_start: bool) -> str:
    """Return the text that follows the start of an element, or its end; a comment has no text."""
    return str((element.text if is_start else element.tail) or "")


def walked(page: bytes) -> Iterator[tuple[str, Any]]:
    root = parsed(page)
    if root is not None:
        yield from etree.iterwalk(root, events=("start", "end", "comment", "pi"))


def parsed(page: bytes) -> Element | None:
    encoding = "utf-8" if is_utf_8(page) else None  # else what the page says
    parser = etree.HTMLParser(encoding=encoding, no_network=True, huge_tree=False, recover=True)
    try:
        return etree.fromstring(page, parser)
    except etree.XMLSyntaxError:  # nothing at all
        return None


def is_utf_8(page: bytes) -> bool:
    try:
        page.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_like_heading(words: str) -> bool:
    return len(words) <= HEADING_LENGTH and (
        HEADING.search(words) is not None or words in detection.LANGUAGES
    )


def scene_of(heading: str) -> str:
    """Return the scene that a heading names, or what it says instead."""
    words = (word.capitalize() for word in re.findall(r"[^\W\d_]+", heading))
    named = next((word for word in words if word in detection.LANGUAGES), "")
    return named or HEADING.sub("", heading).strip(" .:-")[:SCENE_LENGTH].strip() or OTHER


def gather(rows: dict[str, Row], pieces: list[Piece], scene: str) -> None:
    """Note the rules of one line: what stands before the links of each, in them, or after."""
    row, waiting = None, ""
    for kind, text in pieces:
        if kind == "link":
            row = linked(rows, text, Row(scene, waiting[-WORDS_MOST:]))
            waiting = "" if row else waiting
        elif kind == "label" and row:
            row.say(text[:WORDS_MOST])
        else:
            waiting += text
    if row:
        row.say(waiting[:WORDS_MOST])


def linked(rows: dict[str, Row], href: str, new: Row) -> Row | None:
    """Return the row of the rule that `href` leads to, if it leads to one."""
    found = address(href)
    if found is None or len(rows) >= ENTRIES_MOST:
        return None
    form, name = found
    row = rows.setdefault(name, new)
    row.addresses.setdefault(form, href)
    return row


def address(href: str) -> tuple[str, str] | None:
    """Return the form and the name of the rule that `href` leads to."""
    found = ADDRESS.search(href) or OLD_ADDRESS.search(href)
    if found is None or len(href) > ADDRESS_LENGTH:
        return None
    return found["form"], unquote(found["stem"])


def entry(name: str, row: Row) -> Entry:
    """Return what the row says of the rule, and where it is silent, what its name does."""
    named = detection.from_name(name)
    year = year_in(row.words)
    return Entry(
        name=name,
        scene=row.scene or named.scene or OTHER,
        section=section_in(row.words) or named.section or name[:SECTION_LENGTH],
        year=named.year if year is None else year,
        addresses={form: row.addresses[form] for form in FORMS if form in row.addresses},
    )


def year_in(words: str) -> int | None:
    found = MARK.search(words)
    year = (found["year"] or found["bare"]) if found else ""
    return int(year) if year.isdigit() and int(year) else None


def section_in(words: str) -> str:
    """Return the section of e.g. “[2022] eBOOK [p/t/n/d]”."""
    shown = " ".join(LINKS.sub("", words.strip()).split())
    section = " ".join(MARK.sub(" ", shown, count=1).strip(" ,;-:|/[]()").split())
    return section[:SECTION_LENGTH].strip() if WORD.search(section) else ""


def page_text(page: bytes) -> str | None:
    """Return the text of the rule that a page shows, or None where it shows none."""
    drawn = drawn_in(page)
    texts = marked(drawn) or [
        text for _kind, text in drawn if not all(word.isdigit() for word in text.split())
    ]
    return longest(texts)


def marked_text(file: bytes) -> str | None:
    """Return the text that a file shows as one of the site's pages does, or None.

    None, too, where it is no page at all, but a text.
    """
    return longest(marked(drawn_in(file))) if PAGE.match(file) else None


def drawn_in(page: bytes) -> list[tuple[str, str]]:
    """Return the class and the text of all that stands as it was typed."""
    root = parsed(page)
    found = [] if root is None else root.iter("pre")
    drawn = [(str(one.get("class") or ""), shown(one)) for one in found]
    return [(kind, text) for kind, text in drawn if text.strip()]


def marked(drawn: list[tuple[str, str]]) -> list[str]:
    return [text for kind, text in drawn if "nfo" in kind.split()]


def longest(texts: list[str]) -> str | None:
    return without_numbers(max(texts, key=len)) if texts else None


def shown(element: Element) -> str:
    text = "".join(map(str, element.itertext("*")))  # no comments
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\n")


def without_numbers(text: str) -> str:
    """Cut the line numbers off, if every line begins with its own."""
    found = text.rstrip("\n").split("\n")
    numbers = [NUMBERED_LINE.match(line) for line in found]
    for expected, number in enumerate(numbers, 1):
        if number is None or int(number[1]) != expected:
            return text
    is_counted = len(found) > 1
    cut = [line[number.end() :] for line, number in zip(found, numbers, strict=True) if number]
    return "\n".join(cut) + "\n" if is_counted else text
