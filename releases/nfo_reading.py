"""What the text of an NFO tells of the work, whoever wrote it. No Django here.

Lines like ``Title ....: The Time Machine`` are read, in a box or not; what has no label is passed
over.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from releases.metadata import fields
from releases.packing import naming

EDGES = "│║┃|█▌▐▓▒░╎┆┇┊┋¦*#"
MOST_COLUMNS = 500
"""A longer line is none that a person wrote."""
MOST_LINES = 20_000
MOST_CHARACTERS = 1000
"""Of one value."""
LABELLED = re.compile(
    r"(?P<label>[^\W\d_][\w '/()-]{0,24}?)(?P<dots>[ .·_\-]*)[:=](?P<gap>\s*)(?P<value>\S.*)?"
)
LABELS = {
    "title": "title titre titel titulo titolo",
    "author": "author authors auteur auteurs autor autoren autore writer by",
    "publisher": "publisher editeur éditeur verlag editorial editore",
    "year": "year annee année jahr ano año anno published publication pubdate",
    "language": "language languages langue sprache idioma lingua taal lang",
    "isbn": "isbn isbn10 isbn13",
    "edition": "edition édition auflage edicion",
    "series": "series serie série reihe",
    "genre": "genre category-genre",
    "source": "source quelle fuente fonte",
    "volume": "volume vol tome band",
    "issue": "issue number no numero numéro ausgabe",
    "issue_date": "dated issuedate",
    "url": "url link lien sourcelink homepage website site",
    "episode": "episode épisode folge",
    "episode_title": "named episodetitle",
    "resolution": "resolution résolution",
}
"""By field, the words that label it: small letters, without spaces."""
FIELD_OF = {word: name for name, words in LABELS.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Told:
    label: str
    value: str


def read_fields(text: str) -> dict[str, Any]:
    """Return what `text` tells, by field of the metadata, each value as it is kept there.

    Of what is told twice, the first counts.
    """
    found: dict[str, Any] = {}
    for told in labelled_values(text):
        name = field_of(told.label)
        value = meant(name, told.value) if name and name not in found else ""
        if value:
            found[name] = value
    return found


def field_of(label: str) -> str:
    return FIELD_OF.get(re.sub(r"[^\w]", "", label).lower(), "")


def meant(name: str, value: str) -> Any:
    """Return `value` as the field `name` keeps it; nothing where it cannot be one."""
    read = READERS.get(name)
    known = fields.known(value, MOST_CHARACTERS)
    return read(known) if read else known


def language_of(value: str) -> str:
    return fields.language(value) or fields.language(value.partition(" ")[0])


def source_of(value: str) -> str:
    found = (one for one in naming.SOURCES if re.search(rf"\b{one}\b", value, re.IGNORECASE))
    return next(found, "")


def url_of(value: str) -> str:
    address = value.replace(" ", "")  # a line may have been too short for it
    return address if re.match(r"https?://[^\s/]+", address) else ""


def episode_of(value: str) -> str:
    return value if re.fullmatch(naming.EPISODE, value) else ""


READERS: dict[str, Callable[[str], Any]] = {
    "year": fields.year,
    "language": language_of,
    "isbn": fields.isbn,
    "source": source_of,
    "url": url_of,
    "episode": episode_of,
}


def labelled_values(text: str) -> Iterator[Told]:
    """Yield each label with its value, put together from the lines that it takes."""
    label, value, column = "", "", 0
    for line in text.split("\n")[:MOST_LINES]:
        inner = unframed(line[: MOST_COLUMNS + 1])
        found = LABELLED.fullmatch(inner.strip()) if len(line) <= MOST_COLUMNS else None
        if found and found["value"] and is_label(found):
            yield from [Told(label, value)] if label else []
            label, value = found["label"].strip(), found["value"].strip()
            column = inner.index(found["value"])
        elif label and column and is_continued(inner, column):
            value = f"{value} {inner.strip()}"[:MOST_CHARACTERS]
        elif label:
            yield Told(label, value)
            label = ""
    if label:
        yield Told(label, value)


def is_label(found: re.Match[str]) -> bool:
    """Tell a label from the scheme of an address, and from the middle of a sentence."""
    return not found["value"].startswith("//") and (bool(found["dots"]) or bool(found["gap"]))


def is_continued(inner: str, column: int) -> bool:
    """Tell whether a line goes on below the value that began at `column`."""
    return bool(inner.strip()) and not inner[: max(column - 1, 1)].strip()


def unframed(line: str) -> str:
    """Return `line` without the edges of a box around it; what is in it keeps its column."""
    bare = line.rstrip()
    if bare and bare[-1] in EDGES:
        bare = bare[:-1].rstrip()
    lead = len(bare) - len(bare.lstrip())
    if bare[lead : lead + 1] and bare[lead] in EDGES:
        bare = f"{bare[:lead]} {bare[lead + 1 :]}"
    return bare
