"""ODT: its metadata, its default language and its encryption."""

from collections.abc import Iterator, Mapping
from typing import Any
from zipfile import ZipFile

from releases.metadata import fields
from releases.metadata.markup import Element, attribute, local, named, text
from releases.metadata.office.properties import (
    Found,
    Properties,
    Texts,
    Told,
    count,
    first,
    root,
    texts,
)
from releases.metadata.problem import Problem, problem

META, STYLES, CONTENT = "meta.xml", "styles.xml", "content.xml"
MANIFEST = "META-INF/manifest.xml"
PICTURE = "Thumbnails/thumbnail.png"


def read(document: ZipFile, problems: list[Problem]) -> Told:
    locked = {*_locked(root(document, MANIFEST, problems))}
    if not locked and CONTENT not in document.NameToInfo:
        missing = problem("The document has no text: %(name)s is missing.", name=CONTENT)
        problems.append(missing)
    meta = None if META in locked else root(document, META, problems)
    stated, counted = texts(meta), _counted(meta)
    return Told(
        properties=Properties(
            place=META,
            stated=stated,
            custom=dict(_custom(meta)),
            writer="initial-creator",
            language=None if locked or stated.get("language") else _language(document, problems),
            pages=(counted["page-count"], f"{META} page-count")
            if "page-count" in counted
            else None,
        ),
        facts=_facts(meta, stated, counted),
        picture="" if PICTURE in locked else PICTURE,
        drm="ODF password" if locked else "",
    )


def _locked(manifest: Element | None) -> Iterator[str]:
    """The entries that are encrypted, each for itself."""
    for entry in named(manifest, "file-entry") if manifest is not None else ():
        if next(named(entry, "encryption-data"), None) is not None:
            yield attribute(entry, "full-path")


def _custom(meta: Element | None) -> Iterator[tuple[str, str]]:
    """What the user defined; calibre defines fields of its own, `opf.series`."""
    for one in named(meta, "user-defined") if meta is not None else ():
        yield attribute(one, "name").strip().lower().removeprefix("opf."), text(one)


def _language(document: ZipFile, problems: list[Problem]) -> Found:
    """The language of paragraphs that name none: the one its program was set to."""
    styles = root(document, STYLES, problems)
    for style in named(styles, "default-style") if styles is not None else ():
        if attribute(style, "family") == "paragraph":
            language = next(filter(None, map(_tag, named(style, "text-properties"))), "")
            return (language, f"{STYLES} default") if language else None
    return None


def _tag(stated: Element) -> str:
    language, country = attribute(stated, "language"), attribute(stated, "country")
    return fields.language(f"{language}-{country}") or fields.language(language)


def _counted(meta: Element | None) -> dict[str, int]:
    statistics = None if meta is None else next(named(meta, "document-statistic"), None)
    found = statistics.items() if statistics is not None else ()
    counts = {local(str(name)): count(str(value)) for name, value in found}
    return {name: number for name, number in counts.items() if number}


def _facts(meta: Element | None, stated: Texts, counted: Mapping[str, int]) -> dict[str, Any]:
    told = {
        "version": "" if meta is None else fields.clean(attribute(meta, "version")),
        "program": first(stated, "generator"),
        "created": first(stated, "creation-date"),
        "modified": first(stated, "date"),
        "words": counted.get("word-count"),
        "characters": counted.get("character-count"),
    }
    return {name: value for name, value in told.items() if value}
