"""What a phrase says of names, and the pattern that templates of directory names give.

A template is a name with placeholders, e.g. ``Show.Name.S01E02.[LANGUAGE].720p.WEB.H264-GROUP``.
"""

import re
from collections.abc import Iterable, Mapping

from rules.parsing.limits import DIRECTORY, FILE
from rules.parsing.words import Phrase, capitals

MOST_TEMPLATES = 24
MOST_PARTS = 24
LONGEST_TEMPLATE = 200
WRONG = r"\b(?:wrong|incorrect|bad|invalid|faux|fausse|incorrecte?)\b"
TAIL = re.compile(
    r"-[<\[{(]?(?:GROUP|GRP|GROUPNAME|GROUPE|group|grp|Group|Groupe|groupe)(?:\.?(?:NAME|TAG|Name|name))?[>\]})]?$"
)
PART = re.compile(r"[<\[{(][^<>\[\]{}()]*[>\]})]|[^.<>\[\]{}()]+")
WORD = r"[^\s/\\.]+"
GROUP = r"-(?P<group>[A-Za-z0-9]{2,}(?:_[A-Za-z0-9]+)*)"
YEAR = r"(?:1[4-9]|20)\d{2}"
EPISODE = r"S\d{2,}E\d{2,}(?:-?E\d{2,})*[A-Z]?"
DATE = r"\d{4}\.\d{2}\.\d{2}"
LITERALS = frozenset(
    (
        "eBook",
        "ebook",
        "WEB",
        "WEBRip",
        "WEBRIP",
        "HDTV",
        "PDTV",
        "DSR",
        "AHDTV",
        "APDTV",
        "ADSR",
        "DVDRip",
        "BluRay",
        "BDRip",
        "H264",
        "H265",
        "x264",
        "x265",
        "XviD",
        "HEVC",
        "AVC",
        "AAC",
        "RETAiL",
        "HYBRiD",
        "SCAN",
        "MAGAZiNE",
        "COMiC",
        "MANGA",
        "ePUB",
        "PDF",
        "CBZ",
        "KF8",
        "AZW",
        "MOBI",
        "PRC",
        "480p",
        "576p",
        "720p",
        "1080p",
        "2160p",
    )
)
TITLES = frozenset(
    (
        "title",
        "name",
        "show",
        "showname",
        "showtitle",
        "series",
        "seriesname",
        "author",
        "authorname",
        "publisher",
        "booktitle",
        "book",
        "movie",
        "film",
        "movietitle",
        "filmtitle",
        "magazine",
        "comic",
        "nom",
        "titre",
        "auteur",
        "editeur",
        "serie",
        "edition",
        "volume",
        "vol",
        "issue",
        "no",
        "number",
        "numero",
    )
)
EXTRAS = frozenset(
    (
        "tag",
        "tags",
        "episodetitle",
        "episodename",
        "titreepisode",
        "part",
        "country",
        "cc",
        "guest",
        "info",
        "special",
    )
)
KINDS = {
    "year": ("year", YEAR),
    "yyyy": ("year", YEAR),
    "annee": ("year", YEAR),
    "sxxeyy": ("episode", EPISODE),
    "sxxexx": ("episode", EPISODE),
    "ssxxexx": ("episode", EPISODE),
    "yyyymmdd": ("episode", DATE),
    "language": ("language", "[A-Za-z]+"),
    "lang": ("language", "[A-Za-z]+"),
    "langue": ("language", "[A-Za-z]+"),
    "source": ("source", "[A-Za-z0-9]+"),
    "class": ("category", "[A-Za-z]+"),
    "category": ("category", "[A-Za-z]+"),
    "categorie": ("category", "[A-Za-z]+"),
    "format": ("format", r"[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)?"),
    "res": ("resolution", r"\d{3,4}[pi]"),
    "resolution": ("resolution", r"\d{3,4}[pi]"),
    "codec": ("codec", "[A-Za-z0-9]+"),
}
NUMBERED = re.compile(r"s\d{2}e\d{2}", re.IGNORECASE)
DEFINED = re.compile(
    r"\b(SOURCE|CLASS|CATEGORY|FORMAT|LANGUAGE|LANG|RES|RESOLUTION|CODEC)>?\s?"
    r"(?::|=|is|are|est|must be|can be|may be)(?: either| one of)?:?\s(.{1,400})"
)


class Unexplained(Exception):
    """A part of a template that no word explains."""

    def __init__(self, part: str) -> None:
        self.part = part
        super().__init__(part)


def templates(phrase: Phrase) -> list[str]:
    """Return the templates in `phrase`, none where it says that they are wrong."""
    if re.search(WRONG, phrase.whole) or phrase.is_negated:
        return []
    words = (word.strip(",;:\"'`.") for word in phrase.raw.split())
    return [word for word in words if _is_template(word)]


def _is_template(word: str) -> bool:
    return len(word) <= LONGEST_TEMPLATE and word.count(".") > 1 and TAIL.search(word) is not None


def definition(phrase: Phrase) -> tuple[str, list[str]] | None:
    """Return the field that `phrase` lists the values of, and the values."""
    found = None if phrase.is_negated else DEFINED.search(phrase.raw)
    values = capitals(found[2]) if found else []
    return (KINDS[found[1].lower()][0], values) if found and values else None


def pattern(found: Iterable[str], defined: Mapping[str, list[str]]) -> str:
    """Return the expression of the names that are formed as one of the templates `found`.

    Raises:
        Unexplained: a part of one is no word that is known.
    """
    unique = list(dict.fromkeys(found))[:MOST_TEMPLATES]
    made = [_expression(template, defined) for template in unique]
    if len(made) == 1:
        return made[0]
    numbered = (re.sub(r"\(\?P<(\w+)>", rf"(?P<\1_{n}>", each) for n, each in enumerate(made, 1))
    return f"(?:{'|'.join(numbered)})"


def _expression(template: str, defined: Mapping[str, list[str]]) -> str:
    body = TAIL.sub("", template).replace("YYYY.MM.DD", "YYYYMMDD")
    parts = PART.findall(body)
    if len(parts) > MOST_PARTS:
        raise Unexplained(template)
    title, used, made = False, set[str](), ""
    for part in parts:
        inner = part.strip("<>[]{}().")
        kind, expression = _meaning(inner, defined, is_first=not made)
        if kind == "title":
            title = True
        elif kind == "extra":
            made += "" if "extra" in used else rf"(?:\.(?P<extra>{WORD}(?:\.{WORD})*?))??"
        else:
            named = (
                f"(?P<{kind}>{expression})" if kind and kind not in used else f"(?:{expression})"
            )
            made += rf"(?:\.{named})?" if part[0] in "[(" else rf"\.{named}"
        used.add(kind)
    if not title or not made:
        raise Unexplained(template)
    return rf"(?P<title>{WORD}(?:\.{WORD})*?){made}{GROUP}"


def _meaning(part: str, defined: Mapping[str, list[str]], *, is_first: bool) -> tuple[str, str]:
    """Return field and expression of a part; ``title`` and ``extra`` have their own."""
    word = re.sub(r"[^a-z0-9]", "", part.lower())
    if part in LITERALS:
        return "", re.escape(part)
    if NUMBERED.fullmatch(part):
        return "episode", EPISODE
    if word in TITLES:
        return ("title" if is_first else "extra"), ""
    if word in EXTRAS:
        return "extra", ""
    if word not in KINDS:
        raise Unexplained(part)
    kind, expression = KINDS[word]
    values = defined.get(kind, [])
    return kind, "|".join(map(re.escape, values)) if values else expression


def name_characters(phrase: Phrase) -> str | None:
    if not phrase.is_about(DIRECTORY) or phrase.is_about(FILE):
        return None
    found = re.search(r"(?=[^.]{0,40}A-Z)(?=[^.]{0,40}a-z)[^.]{0,40}0-9(.*)", phrase.raw)
    if found is None:
        return None
    tail = re.sub(r"A-Z|a-z", "", found[1])
    words = {
        "dot": ".",
        "period": ".",
        "point": ".",
        "underscore": "_",
        "dash": "-",
        "hyphen": "-",
        "tiret": "-",
    }
    signs = {sign for sign in "._-" if re.search(rf"(?:^|[\s0-9._,-]){re.escape(sign)}", tail)}
    signs |= {sign for word, sign in words.items() if re.search(rf"\b{word}", tail.lower())}
    return "A-Za-z0-9" + "".join(sign for sign in "._-" if sign in signs)


def tagged_lower_case(phrase: Phrase) -> bool | None:
    if not phrase.is_about(FILE):
        return None
    if phrase.says(
        r"\b(?:mixed|upper|capitals?|majuscules?)\b", r"\b(?:may|can|allowed|optional|peuvent)\b"
    ):
        return None if phrase.is_negated else False
    is_asked = phrase.says(r"\blower ?-?case\b|\bminuscules?\b", r"\bgroup\w*\b|\btag\b")
    return True if is_asked and not phrase.is_negated else None
