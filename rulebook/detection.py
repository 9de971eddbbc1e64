"""What the name and the text of a rule tell of it. No Django here.

A proposal: the person who brings the rule confirms it.
Source: the names of scenerules.org, as docs/rules.md tells them.
"""

import re
from dataclasses import dataclass, replace
from itertools import islice

NAME_LENGTH, SECTION_LENGTH = 100, 64
SCENES = {
    "BALTIC": "Baltic",
    "DE": "German",
    "DK": "Danish",
    "ES": "Spanish",
    "FL": "Flemish",
    "FR": "French",
    "HU": "Hungarian",
    "IT": "Italian",
    "LT": "Lithuanian",
    "NL": "Dutch",
    "PL": "Polish",
    "SE": "Swedish",
    "SP": "Spanish",
    "SV": "Swedish",
}
"""By what stands between year and section; nothing stands there in English rules."""
ENGLISH = "English"
LANGUAGES = frozenset({*SCENES.values(), ENGLISH})
STEM = re.compile(r"(?P<year>\d{4}|UNK)_(?:(?P<code>[A-Z]{2})(?:[_-]|$))?(?P<section>.*)")
EXCEPTIONS = {
    "sdtvx2642k16": (2016, "TV-SD-x264"),
    "tvx2642k16": (2016, "TV-720p-x264"),
    "wdx264v1.0-ecb63c67": (None, "WDX264"),
}
"""Names that do not begin with their year."""
EXTENSION = re.compile(r"\.(?:nfo|txt|asc|diz|html?)$", re.IGNORECASE)
YEAR = re.compile(r"(?<!\d)(?:19[89]|20\d)\d(?!\d)")
BRACKETED_YEAR = re.compile(rf"[\[(]?{YEAR.pattern}[\])]?")
TITLE = re.compile(
    r"(?<![A-Za-z])the\s+(?P<scene>[a-z]+(?:\s+scene)?\s+)?(?P<section>[][\w .+/()-]{2,60}?)\s+"
    r"(?:release\s+|releasing\s+|ripping\s+)?(?:standards?|rules?|ruleset)\b",
    re.IGNORECASE,
)
"""E.g. “The 2022 eBook Releasing Standards”; the year may stand anywhere in the line."""
TITLE_LINES, LINE_LENGTH = 120, 200
TYPES = (
    ("EBOOK", re.compile(r"e-?books?", re.IGNORECASE)),
    ("TV", re.compile(r"tv|wdx|web(?!site)", re.IGNORECASE)),
    ("DOCS", re.compile(r"(?<![a-z])docs(?![a-z])|documents?", re.IGNORECASE)),
)
"""The type of what a section holds. DOX is about trainers of games, so it is none of these."""
UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Detected:
    name: str = ""
    scene: str = ""
    section: str = ""
    year: int | None = None
    release_type: str = ""


def detected(file_name: str, text: str) -> Detected:
    """Return what a file tells by its name, and by its text where the name tells nothing."""
    named, titled = from_name(file_name), from_text(text)
    found = Detected(
        name=named.name,
        scene=named.scene or titled.scene or ENGLISH,
        section=named.section or titled.section,
        year=named.year or titled.year,
    )
    return replace(found, release_type=type_of(found.section))


def from_name(file_name: str) -> Detected:
    name = rule_name(file_name)
    if name in EXCEPTIONS:
        year, section = EXCEPTIONS[name]
        return Detected(name, ENGLISH, section, year)
    parts = STEM.fullmatch(name)
    if parts is None:
        return Detected(name)
    code = parts["code"] or ""
    is_known = not code or code in SCENES
    section = parts["section"] if is_known else name.partition("_")[2]
    return Detected(
        name,
        scene=SCENES.get(code, ENGLISH),
        section=section.strip("_-.")[:SECTION_LENGTH],
        year=int(parts["year"]) if parts["year"].isdigit() else None,
    )


def rule_name(file_name: str) -> str:
    """Return the name that a rule gets from its file, e.g. ``2022_EBOOK``; empty: none fits."""
    last = re.split(r"[/\\]", file_name.strip())[-1]
    name = UNFIT.sub("_", EXTENSION.sub("", last)).strip("_")[:NAME_LENGTH]
    return name if re.search(r"[A-Za-z0-9]", name) else ""


def from_text(text: str) -> Detected:
    """Return what the first line says that looks like a title."""
    lines = (" ".join(line[:LINE_LENGTH].split()) for line in text.split("\n", TITLE_LINES))
    for line in islice(lines, TITLE_LINES):
        if title := TITLE.search(line):
            return from_title(title, line)
    return Detected()


def from_title(title: re.Match[str], line: str) -> Detected:
    words = BRACKETED_YEAR.sub(" ", f"{title['scene'] or ''}{title['section']}").split()
    scene = next((word.capitalize() for word in words if word.capitalize() in LANGUAGES), "")
    section = " ".join(word for word in words if word.capitalize() not in {*LANGUAGES, "Scene"})
    year = YEAR.search(line)
    return Detected(scene=scene, section=section.strip(" .-/"), year=int(year[0]) if year else None)


def type_of(section: str) -> str:
    """Return the type of the releases of a section; empty: none of ours."""
    return next((kind for kind, pattern in TYPES if pattern.search(section)), "")
