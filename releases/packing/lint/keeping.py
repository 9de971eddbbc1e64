"""Reports as they are kept: in no language, so that whoever reads one is told in theirs."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from releases.packing.lint.report import Report
from releases.packing.plan import Note
from rules.spec import Confidence, Severity, Violation

MOST_KEPT = 500
"""Violations of one report: a hostile directory breaks a clause with each of its files."""
OMITTED = "Only the first %(most)s of %(count)s violations are kept"


def kept(report: Report, most: int = MOST_KEPT) -> dict[str, Any]:
    """Return `report` as JSON can hold it, with at most so many violations.

    Its `state` tells it in a word: conforms, broken or damaged.
    """
    count = len(report.violations)
    omitted = (Note(OMITTED, most=most, count=count),) if count > most else ()
    told = {
        "state": state(report),
        "count": count,
        "release": report.release,
        "rule": report.rule,
        "is_house_profile": report.is_house_profile,
        "violations": [_fields(broken) for broken in report.violations[:most]],
        "uncertain": report.uncertain,
        "notes": [[note.template, note.values] for note in (*report.notes, *omitted)],
        "place": report.place,
    }
    return {name: _plain(value) for name, value in told.items()}


def state(report: Report) -> str:
    if report.is_damaged:
        return "damaged"
    return "conforms" if report.conforms else "broken"


def restored(data: Mapping[str, Any]) -> Report:
    """Return the report that `kept` gave as `data`."""
    return Report(
        release=data["release"],
        rule=data["rule"],
        is_house_profile=data["is_house_profile"],
        violations=tuple(_violation(found) for found in data["violations"]),
        uncertain=tuple(data["uncertain"]),
        notes=tuple(Note(template, **values) for template, values in data["notes"]),
        place=data["place"],
    )


def _fields(broken: Violation) -> dict[str, Any]:
    return {field.name: getattr(broken, field.name) for field in fields(broken)}


def _violation(found: Mapping[str, Any]) -> Violation:
    words = {
        "severity": Severity(found["severity"]),
        "confidence": Confidence(found["confidence"]),
    }
    return Violation(**{**found, **words})


def _plain(value: Any) -> Any:
    """Return `value` as JSON holds it; what of a file name is no text is escaped."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value).encode(errors="surrogateescape").decode(errors="backslashreplace")
