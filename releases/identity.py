"""What tells a release from others, whatever way it is spelled. No Django here.

Source: docs/duplicates.md.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from anyascii import anyascii

from releases.description import PERIODICALS
from releases.metadata import fields
from releases.packing import naming

ARTICLES = {
    "en": ("the", "a", "an"),
    "fr": ("le", "la", "les", "l", "un", "une", "des"),
    "de": ("der", "die", "das", "ein", "eine"),
    "es": ("el", "la", "los", "las", "un", "una"),
    "it": ("il", "lo", "la", "i", "gli", "le", "l", "un", "una", "uno"),
    "nl": ("de", "het", "een"),
    "pt": ("o", "a", "os", "as", "um", "uma"),
}
CONJUNCTIONS = {"fr": "et", "de": "und", "es": "y", "it": "e", "nl": "en", "pt": "e"}
ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    "tenth",
)
EDITIONS = ("edition", "editions", "ed", "edn", "auflage", "edicion", "edizione", "editie")
APOSTROPHE = re.compile("['\u2018\u2019\u02bc]")
EPISODE_NUMBER = re.compile("[0-9]+")
SOURCES = naming.SOURCES

INTERNAL = "INTERNAL"
MENDS = ("REPACK", "RERIP", "PROPER", "REAL")
FIXES = ("NFOFIX", "DIRFIX", "SAMPLEFIX", "PROOFFIX")
NO_VERSION = frozenset((INTERNAL, *MENDS, *FIXES, "READNFO", "SOURCE.SAMPLE"))
"""The tags that make no other version of a work, as a director's cut is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What tells a release from others."""

    name: str
    group: str
    work: str = ""
    """See `work_key`."""
    title: str = ""
    """Normalised."""
    isbn: str = ""
    sha256: str = ""
    edition: str = ""
    year: int = 0
    """0 where it is unknown, or a part of the work."""
    language: str = "en"
    form: str = ""
    """The format of the payload; of a video its resolution and format."""
    source: str = ""
    """One of `SOURCES`; nothing for a video."""
    tags: frozenset[str] = frozenset()
    """Of `NO_VERSION`."""
    nfo: str = ""
    """Where it counts what it names."""


def identity(release_type: str, name: str, metadata: Mapping[str, Any], **known: str) -> Identity:
    """Return what tells the release `name` from others.

    `known` is what the metadata do not say: `group`, `form` (the real type of the payload) and
    `sha256`.
    """
    of_type = video if release_type == "TV" else book
    return of_type(name, metadata, **known)


def book(
    name: str, metadata: Mapping[str, Any], *, group: str, form: str, sha256: str = ""
) -> Identity:
    try:
        parsed = naming.parse_ebook(name)
        source, tags = parsed.source, parsed.tags
    except naming.NamingError:
        source, tags = text(metadata, "source") or SOURCES[0], ()
    is_periodical = text(metadata, "category") in PERIODICALS
    return Identity(
        name=name,
        group=group,
        work=work_key(metadata),
        title=normal(text(metadata, "title"), language(metadata)),
        isbn="" if is_periodical else fields.isbn(text(metadata, "isbn")),
        sha256=sha256,
        edition=edition(text(metadata, "edition")),
        year=0 if is_periodical else year(metadata),
        language=language(metadata),
        form=form.upper(),
        source=source,
        tags=frozenset(map(str.upper, tags)),
    )


def video(
    name: str, metadata: Mapping[str, Any], *, group: str, form: str, sha256: str = ""
) -> Identity:
    try:
        parsed = naming.parse_tv(name)
        tags = frozenset(map(str.upper, parsed.tags))
        forms = (parsed.resolution, parsed.format)
    except naming.NamingError:
        tags = frozenset()
        forms = (text(metadata, "resolution"), text(metadata, "tv_format"))
    return Identity(
        name=name,
        group=group,
        work=episode_key(metadata),
        title=normal(text(metadata, "title"), language(metadata)),
        sha256=sha256,
        edition=" ".join(sorted(tags - NO_VERSION)),
        language=language(metadata),
        form=" ".join(filter(None, forms)),
        tags=tags & NO_VERSION,
    )


def work_key(metadata: Mapping[str, Any]) -> str:
    """Return the key of a book, or of an issue of a periodical; nothing where it has no title."""
    title = normal(text(metadata, "title"), language(metadata))
    if not title:
        return ""
    if text(metadata, "category") in PERIODICALS:
        return key("periodical", title, *issue(metadata))
    makers = people(text(metadata, "author") or text(metadata, "publisher"))
    return key("book", title, makers or year(metadata))


def issue(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what tells an issue from the others: its numbers and year, else its date."""
    day = text(metadata, "issue_date")
    volume, issue = number(text(metadata, "volume")), number(text(metadata, "issue"))
    return (volume, issue, day[:4]) if issue else (volume, day or str(year(metadata)))


def episode_key(metadata: Mapping[str, Any]) -> str:
    """Return the key of an episode or a film; nothing where its title is unknown."""
    title = normal(text(metadata, "title"), language(metadata))
    numbers = EPISODE_NUMBER.sub(lambda one: str(int(one[0])), text(metadata, "episode").upper())
    return key("video", title, numbers.replace("-", "")) if title and numbers else ""


def text(metadata: Mapping[str, Any], name: str) -> str:
    return str(metadata.get(name) or "")


def language(metadata: Mapping[str, Any]) -> str:
    """Return the language without its country; English where none is said, as in names."""
    return fields.language(text(metadata, "language")).partition("-")[0] or "en"


def year(metadata: Mapping[str, Any]) -> int:
    return fields.year(text(metadata, "year")) or 0


def normal(text: str, language: str = "en") -> str:
    """Return `text` so that two spellings of it are equal.

    Case, diacritics, punctuation, spaces, the article it begins with, and whether `and` is
    written or drawn make no difference. Scripts other than Latin are transliterated.
    """
    dropped = {"and", CONJUNCTIONS.get(language, "and")}
    found = words(text)
    told = [word for word in found if word not in dropped] or found
    if len(told) > 1 and told[0] in ARTICLES.get(language, ()):
        told = told[1:]
    return re.sub(r"(?<![0-9]) | (?![0-9])", "", " ".join(told))


def words(text: str) -> list[str]:
    """Return the words of `text` in small letters, initials that follow each other as one."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    heard = "".join(anyascii(char) or written(char) for char in bare).lower()
    initials = re.sub(r"\b([^\W\d_])[\W_]+(?=[^\W\d_]\b)", r"\1", heard)
    return re.findall(r"[^\W_]+", initials)


def written(char: str) -> str:
    """Return `char` where it is a letter that ASCII cannot tell; nothing where it is a sign."""
    return char if char.isalnum() else ""


def people(text: str) -> str:
    """Return the names in `text`, in whatever order they and their parts stand."""
    found = words(APOSTROPHE.sub("", text))
    return " ".join(sorted(word for word in found if word not in ("and", "et", "und")))


def edition(text: str) -> str:
    """Return what tells one edition from another; nothing for the first."""
    numbers = {word: str(count) for count, word in enumerate(ORDINALS, 1)}
    found = (re.sub(r"(?<=[0-9])(?:st|nd|rd|th|e|eme)\Z", "", word) for word in words(text))
    told = [numbers.get(word, word) for word in found if word not in EDITIONS]
    return " ".join([] if told == ["1"] else told)


def number(text: str) -> str:
    """Return the number of an issue without the zeros that it begins with."""
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", text.lower())


def key(*parts: object) -> str:
    """Return 32 hexadecimal digits that are equal where all `parts` are."""
    return blake2b("\0".join(map(str, parts)).encode(), digest_size=16).hexdigest()
