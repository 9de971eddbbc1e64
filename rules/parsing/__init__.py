"""Reads the text of a rule into a spec, as far as it can, and lists what it could not read.

What a text does not tell is never made up: a field has a value only where a line says so, and a
check is asked only where a line cites it. Every line that was read is given back to be checked.
No Django here. Source: docs/specs.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rules.parsing.clauses import statements
from rules.parsing.fields import FIELDS, Field, by_scheme
from rules.parsing.marks import citations
from rules.parsing.naming import Unexplained, definition, pattern, templates
from rules.parsing.words import Phrase
from rules.violation import gettext_noop

__all__ = ["LONGEST", "Finding", "Reading", "parse"]

LONGEST = 250_000
"""No rule is so long; of a longer text, the rest is not read."""
CUT = gettext_noop("Only the first %(count)d characters of the text were read.")
UNTOLD = gettext_noop("The text does not tell %(subject)s.")
UNASKED = gettext_noop("The text says nothing of %(subject)s: nothing is asked of it.")
CONTRADICTED = gettext_noop(
    "Lines %(first)d and %(second)d do not agree on %(subject)s: “%(one)s” and “%(other)s”."
)
UNEXPLAINED = gettext_noop(
    "Line %(line)d gives a directory name, of which the part “%(part)s” is not explained."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a line says of a field."""

    field: str
    value: Any
    phrase: Phrase

    def described(self) -> dict[str, Any]:
        statement = self.phrase.statement
        section = statement.section or statement.heading
        return {"line": statement.line, "quote": statement.quote, "section": section}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    spec_data: dict[str, Any]
    """For `Spec.from_dict`: what was read, and nothing else."""
    unread: list[dict[str, Any]]
    """A field, a sentence as template and values, and whether a spec needs it."""
    found: dict[str, dict[str, Any]]
    """By field: line, quoted line and section."""

    @property
    def is_complete(self) -> bool:
        return not any(one["is_needed"] for one in self.unread)


@dataclass(slots=True)
class Gathered:
    values: dict[str, Any] = field(default_factory=dict)
    first: dict[str, Finding] = field(default_factory=dict)
    unread: list[dict[str, Any]] = field(default_factory=list)


def parse(text: str, *, release_type: str = "") -> Reading:
    """Read `text`; the `release_type` that a person names wins over what it tells."""
    phrases = [Phrase(statement) for statement in statements(text[:LONGEST])]
    found: dict[str, list[Finding]] = {name: [] for name in FIELDS}
    for phrase in phrases:
        for finding in _findings(phrase):
            found[finding.field].append(finding)
    gathered = Gathered()
    for name, findings in found.items():
        _settle(FIELDS[name], findings, gathered)
    _settle_name(phrases, gathered)
    if release_type:
        gathered.values["release_type"] = release_type
    if len(text) > LONGEST:
        entry = {"field": "text", "template": CUT, "values": {"count": LONGEST}}
        gathered.unread.append(entry | {"is_needed": True})
    told = {name: one.described() for name, one in gathered.first.items()}
    checks = citations(gathered.values, told, phrases)
    return Reading(
        spec_data=gathered.values | {"checks": checks},
        unread=[*_untold(gathered), *gathered.unread],
        found=told,
    )


def _findings(phrase: Phrase) -> Iterator[Finding]:
    for name, one in FIELDS.items():
        value = one.read(phrase) if one.read else None
        if value is not None:
            yield Finding(name, value, phrase)


def _settle(one: Field, findings: list[Finding], gathered: Gathered) -> None:
    """Take the value on which all `findings` agree, or what they list together."""
    if not findings:
        return
    value = one.merge([finding.value for finding in findings])
    if value is None:
        other = next(each for each in findings if each.value != findings[0].value)
        gathered.unread.append(_contradiction(one, findings[0], other))
        return
    gathered.values[one.name] = value
    gathered.first[one.name] = findings[0]


def _contradiction(one: Field, first: Finding, other: Finding) -> dict[str, Any]:
    lines = (first.phrase.statement, other.phrase.statement)
    values = {
        "subject": one.subject,
        "first": lines[0].line,
        "second": lines[1].line,
        "one": lines[0].quote,
        "other": lines[1].quote,
    }
    return {"field": one.name, "template": CONTRADICTED, "values": values, "is_needed": True}


def _settle_name(phrases: list[Phrase], gathered: Gathered) -> None:
    """Derive the pattern of names from the templates that the text gives."""
    given = [(phrase, name) for phrase in phrases for name in templates(phrase)]
    defined = dict(filter(None, map(definition, phrases))) if given else {}
    if not given:
        return
    try:
        gathered.values["name_pattern"] = pattern((name for _, name in given), defined)
    except Unexplained as error:
        values = {"line": given[0][0].statement.line, "part": error.part}
        entry = {"field": "name_pattern", "template": UNEXPLAINED, "values": values}
        gathered.unread.append(entry | {"is_needed": True})
    else:
        gathered.first["name_pattern"] = Finding("name_pattern", None, given[0][0])


def _untold(gathered: Gathered) -> Iterator[dict[str, Any]]:
    doubted = {one["field"] for one in gathered.unread}
    for one in by_scheme(gathered.values.get("scheme")):
        if one.name not in gathered.values and one.name not in doubted:
            template = UNTOLD if one.is_needed else UNASKED
            values = {"subject": one.subject}
            yield {
                "field": one.name,
                "template": template,
                "values": values,
                "is_needed": one.is_needed,
            }
