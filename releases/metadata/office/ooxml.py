"""DOCX: the parts of its package, found by their relations."""

from collections.abc import Mapping
from posixpath import dirname, join
from typing import Any
from zipfile import ZipFile

from releases.metadata import archive, fields
from releases.metadata.markup import Element, attribute, named, text
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

RELATIONS = "_rels/.rels"
PARTS = {
    "officeDocument": "word/document.xml",
    "core-properties": "docProps/core.xml",
    "extended-properties": "docProps/app.xml",
    "custom-properties": "docProps/custom.xml",
    "thumbnail": "",
}
"""Where each part lies if no relation says so."""
FACTS = {
    "version": "appversion",
    "program": "application",
    "company": "company",
}


def read(document: ZipFile, problems: list[Problem]) -> Told:
    parts = _parts(document, problems)
    if parts["officeDocument"] not in document.NameToInfo:
        missing = problem(
            "The document has no text: %(name)s is missing.",
            name=fields.clean(parts["officeDocument"]),
        )
        problems.append(missing)
    core = texts(root(document, parts["core-properties"], problems))
    extended = texts(root(document, parts["extended-properties"], problems))
    custom = root(document, parts["custom-properties"], problems)
    pages = count(first(extended, "pages"))
    return Told(
        properties=Properties(
            place=fields.clean(parts["core-properties"]),
            stated=core,
            custom=_custom(custom),
            language=None if core.get("language") else _language(document, parts, problems),
            pages=(pages, "docProps/app.xml Pages") if pages else None,
        ),
        facts=_facts(core, extended),
        picture=parts["thumbnail"],
    )


def _parts(document: ZipFile, problems: list[Problem]) -> dict[str, str]:
    """The name of each part, by the last word of the relation that leads to it."""
    found = dict(PARTS)
    relations = root(document, RELATIONS, problems)
    for relation in named(relations, "relationship") if relations is not None else ():
        kind = attribute(relation, "type").rpartition("/")[2]
        target = attribute(relation, "target").replace("\\", "/").lstrip("/")
        name = archive.resolve(document, target)
        if kind in found and name:
            found[kind] = name
    return found


def _custom(properties: Element | None) -> dict[str, str]:
    listed = named(properties, "property") if properties is not None else ()
    return {attribute(one, "name").strip().lower(): text(one) for one in listed}


def _language(document: ZipFile, parts: Mapping[str, str], problems: list[Problem]) -> Found:
    """The language of what has no other: the one its program was set to."""
    name = join(dirname(parts["officeDocument"]), "styles.xml")
    styles = root(document, name, problems)
    default = next(named(styles, "rprdefault"), None) if styles is not None else None
    stated = next(named(default, "lang"), None) if default is not None else None
    language = fields.language(attribute(stated, "val")) if stated is not None else ""
    return (language, f"{fields.clean(name)} default") if language else None


def _facts(core: Texts, extended: Texts) -> dict[str, Any]:
    told = {name: first(extended, key) for name, key in FACTS.items()}
    told |= {name: first(core, name) for name in ("created", "modified")}
    counted = {name: count(first(extended, name)) for name in ("words", "characters")}
    return {name: value for name, value in (told | counted).items() if value}
