"""From what is known of a work to the names and texts of its release. No Django here.

`metadata` is a flat mapping of the wizard's fields: texts, but for `year`, a number.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from babel import Locale

from releases.metadata import fields
from releases.packing import naming
from releases.templating.reading import gettext_noop

EXTENSIONS = {
    "azw3": ("azw3", "azw", "kf8"),
    "djvu": ("djvu", "djv"),
    "fb2": ("fb2", "fbz", "zip"),
    "heic": ("heic", "heif"),
    "html": ("html", "htm", "xhtml"),
    "jpg": ("jpg", "jpeg"),
    "kfx": ("kfx", "azw"),
    "m2ts": ("m2ts", "mts"),
    "mobi": ("mobi", "prc", "azw"),
    "mov": ("mov", "qt"),
    "mp4": ("mp4", "m4v"),
    "mpg": ("mpg", "mpeg", "vob"),
    "ogg": ("ogg", "ogv"),
    "ts": ("ts", "m2t"),
    "txt": ("txt", "text"),
    "wmv": ("wmv", "asf"),
}
"""The extensions that go with the real types of files that have several, the usual one first."""

FORMAT_TAGS = {
    "epub": "ePUB",
    "cbz": "CBZ",
    "azw3": "KF8",
    "azw": "AZW",
    "mobi": "MOBI",
    "prc": "PRC",
}
"""How a dirname says the format; PDF and documents are not said."""

SOURCES = naming.SOURCES
PERIODICALS = (*naming.CATEGORIES, "NEWSPAPER")
CATEGORIES = ("TECHNICAL", *PERIODICALS)
"""What is no book named after its author. No dirname says TECHNICAL or NEWSPAPER."""
ISSUE_DATE = re.compile("([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12][0-9]|3[01]))?)?")


def extensions(form: str) -> tuple[str, ...]:
    """Return the extensions that go with the real type `form`, the usual one first."""
    return EXTENSIONS.get(form, (form,))


def language_name(tag: str, locale: str = "en") -> str:
    """Return e.g. ``French`` for ``fr-CA`` or ``fre``; an unknown one is returned as it is."""
    code = fields.language(tag).partition("-")[0]
    return str(Locale.parse(locale).languages.get(code, tag))


def language_tag(tag: str) -> str:
    """Return the LANGUAGE of a dirname: nothing for English, else the letters of its full name."""
    name = language_name(tag)
    return "" if name == "English" else naming.spelled_language(name)


def release_name(release_type: str, metadata: Mapping[str, Any], *, form: str, group: str) -> str:
    """Return the dirname that `metadata` make for a file of the real type `form`.

    Raises:
        NamingError: a field that the name needs is missing, or cannot stand in one.
    """
    return NAMES[release_type](metadata, form, group)


def ebook_name(metadata: Mapping[str, Any], form: str, group: str) -> str:
    category = text(metadata, "category")
    is_periodical = category in PERIODICALS
    year, month, day = issue_date(metadata) if is_periodical else (0, 0, 0)
    need(metadata, "title", *([] if year else ["year"]))
    return naming.EbookName(
        title=ebook_head(metadata),
        volume=text(metadata, "volume") if is_periodical else "",
        issue=text(metadata, "issue") if is_periodical else "",
        day=day,
        month=month,
        year=year or year_of(metadata),
        language=language_tag(text(metadata, "language")),
        source=text(metadata, "source") or SOURCES[0],
        tags=naming.read_tags(text(metadata, "tags"), naming.EBOOK_TAGS),
        category="" if category in ("TECHNICAL", "NEWSPAPER") else category,
        format=FORMAT_TAGS.get(form, ""),
        group=group,
    ).build()


def ebook_head(metadata: Mapping[str, Any]) -> str:
    """Return who stands first, the title and the edition, dotted."""
    author, publisher = text(metadata, "author"), text(metadata, "publisher")
    firsts = {"": author or publisher, "TECHNICAL": publisher or author}
    first = naming.words(firsts.get(text(metadata, "category"), ""))
    title = naming.spelled(text(metadata, "title"))
    return naming.joined(first, title, naming.words(text(metadata, "edition")))


def issue_date(metadata: Mapping[str, Any]) -> tuple[int, int, int]:
    """Return year, month and day of an issue; 0 for what is not said.

    Raises:
        NamingError: it is no date, or not the day that the name of a newspaper needs.
    """
    said = text(metadata, "issue_date")
    found = ISSUE_DATE.fullmatch(said)
    year, month, day = (int(number or 0) for number in found.groups()) if found else (0, 0, 0)
    if said and not naming.is_date(year, month or 1, day or 1):
        raise naming.NamingError(
            gettext_noop("%(date)s is no date of an issue: write YYYY-MM-DD, YYYY-MM or YYYY."),
            date=said,
        )
    if text(metadata, "category") == "NEWSPAPER" and not day:
        raise naming.NamingError(
            gettext_noop("A newspaper is named by its day: give the issue date as YYYY-MM-DD.")
        )
    return year, month, day


def year_of(metadata: Mapping[str, Any]) -> int:
    try:
        return int(metadata["year"])
    except (TypeError, ValueError) as error:
        raise naming.NamingError(
            gettext_noop("The year must be a number, not %(year)s."), year=metadata["year"]
        ) from error


def document_name(metadata: Mapping[str, Any], form: str, group: str) -> str:
    category = "TECHNICAL" if metadata.get("category") == "TECHNICAL" else ""
    return ebook_name(dict(metadata) | {"category": category}, "pdf", group)


def tv_name(metadata: Mapping[str, Any], form: str, group: str) -> str:
    need(metadata, "title", "episode", "tv_format")
    episode = text(metadata, "episode")
    is_film = episode.isdecimal()
    return naming.TvName(
        title=naming.spelled(text(metadata, "title")),
        year=int(episode) if is_film else None,
        episode="" if is_film else episode,
        episode_title=naming.words(text(metadata, "episode_title")),
        tags=naming.read_tags(text(metadata, "tags"), naming.TV_TAGS),
        language=language_tag(text(metadata, "language")),
        resolution=text(metadata, "resolution"),
        format=text(metadata, "tv_format"),
        group=group,
    ).build()


def text(metadata: Mapping[str, Any], name: str) -> str:
    return str(metadata.get(name) or "")


NAMES = {"EBOOK": ebook_name, "DOCS": document_name, "TV": tv_name}


def tv_metadata(name: str) -> dict[str, Any]:
    """Return what a file name formed like a TV release tells; empty where it is not."""
    try:
        parsed = naming.parse_tv(name)
    except naming.NamingError:
        return {}
    told = {
        "title": (parsed.head if parsed.episode else parsed.title).replace(".", " "),
        "episode": parsed.episode or str(parsed.year),
        "episode_title": parsed.episode_title.replace(".", " "),
        "tags": " ".join(parsed.tags),
        "language": naming.languages().get(parsed.language, "") if parsed.language else "",
        "resolution": parsed.resolution,
        "tv_format": parsed.format,
    }
    return {name: value for name, value in told.items() if value}


def need(metadata: Mapping[str, Any], *names: str) -> None:
    missing = [name for name in names if not metadata.get(name)]
    if missing:
        raise naming.NamingError(
            gettext_noop("The name of the release needs: %(fields)s."), fields=", ".join(missing)
        )


def diz_lines(metadata: Mapping[str, Any], name: str, released_on: dt.date) -> tuple[str, ...]:
    """Return what file_id.diz says below its counter."""
    author = text(metadata, "author") or text(metadata, "publisher")
    volume, issue = text(metadata, "volume"), text(metadata, "issue")
    told = ("issue_date", "episode", "resolution", "tv_format", "year", "source")
    facts = [volume and f"Vol. {volume}", issue and f"No. {issue}"]
    facts += [text(metadata, key) for key in told]
    lines = [text(metadata, "title") or name, f"by {author}" if author else ""]
    lines += [" ".join(filter(None, facts)), released_on.isoformat(), name.rpartition("-")[2]]
    return tuple(filter(None, lines))
