"""What releases are sought by, and where it stands in what a list shows. No Django here.

A release keeps its words folded: without capitals, accents and signs. What is sought is folded
the same way, and each part of it must stand in them. That needs neither triggers nor an index
for words, of which MariaDB's has no parts of words and takes long for those that all have.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from releases import identity

MOST_KEPT = 640
"""Characters of the words of a release: as many as an index of MariaDB bears beside the rest."""
MOST_PARTS, MOST_LETTERS = 12, 500
"""Of what is sought; what follows is passed over."""
PART = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    is_marked: bool = False


def kept(*texts: str) -> str:
    """Return each word of `texts` once, folded."""
    found = dict.fromkeys(word for text in texts for word in identity.words(text))
    return " ".join(found)[:MOST_KEPT]


def parts(text: str) -> list[str]:
    """Return what must stand in the words of a release; `*` parts it as any sign does."""
    plain = unicodedata.normalize("NFKC", text[:MOST_LETTERS])
    folded = (part for word in PART.findall(plain) for part in identity.words(word))
    return list(dict.fromkeys(folded))[:MOST_PARTS]


def marked(text: str, sought: Iterable[str]) -> list[Piece]:
    """Return `text` in pieces, those marked that read as one of `sought` does."""
    if not (wanted := list(sought)):
        return [Piece(text)] if text else []
    folded, places = folded_places(text)
    marks = {
        place
        for part in wanted
        for hit in re.finditer(re.escape(part), folded)
        for place in places[hit.start() : hit.end()]
    }
    for place, char in enumerate(text):
        if unicodedata.combining(char) and place - 1 in marks:
            marks.add(place)
    return list(pieces(text, marks))


def folded_places(text: str) -> tuple[str, list[int]]:
    """Return `text` folded, and of each character which of `text` it came from."""
    folded, places = [], []
    for place, char in enumerate(text):
        told = "".join(identity.words(char)) or ("" if unicodedata.combining(char) else " ")
        folded.append(told)
        places += [place] * len(told)
    return "".join(folded), places


def pieces(text: str, marks: set[int]) -> Iterator[Piece]:
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or (place in marks) != (start in marks):
            yield Piece(text[start:place], start in marks)
            start = place
