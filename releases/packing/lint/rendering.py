"""The conformity report as text, as JSON and as SARIF. Source: docs/formats/report.md."""

import json
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from releases.packing.lint.report import DAMAGED, DAMAGED_DEMAND, DAMAGED_FIX, Report
from rules.spec import CHECKS, Severity, Violation
from rules.violation import CONFIDENCES, SECTIONS, gettext_noop

Tell = Callable[[str, Mapping[str, Any]], str]
"""Takes a template and its values, and gives a sentence in the reader's language."""

JSON_VERSION = 1
SARIF_VERSION = "2.1.0"
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.STRUCTURE: "error", Severity.ELIGIBILITY: "note"}
COLUMNS = 100
BESIDE = "../"
"""What begins the path of a file beside the release directory."""
SEVERITIES = {
    Severity.STRUCTURE: gettext_noop("structure"),
    Severity.ELIGIBILITY: gettext_noop("eligibility"),
}


def in_english(template: str, values: Mapping[str, Any]) -> str:
    return template % values


def text(report: Report, tell: Tell = in_english, columns: int = COLUMNS) -> str:
    blocks = [[report.place or report.release, summary(report, tell)]]
    blocks += [_aligned(_rows(broken, tell), columns) for broken in report.violations]
    blocks += [_remarks(report, tell)]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def summary(report: Report, tell: Tell) -> str:
    values = {"rule": report.rule, "count": len(report.violations)}
    is_noted = report.conforms and bool(report.violations)
    said = NOTED if is_noted else SUMMARIES[report.conforms]
    return tell(said[report.is_house_profile], values)


SUMMARIES = {
    True: (
        "The structure conforms to %(rule)s. Violations: %(count)d.",
        "No ruleset: house profile, which it keeps. Violations: %(count)d.",
    ),
    False: (
        "It does not conform to %(rule)s. Violations: %(count)d.",
        "No ruleset: house profile, which it does not keep. Violations: %(count)d.",
    ),
}
"""By whether the release conforms: to a published rule, to the house profile."""
NOTED = (
    "The structure conforms to %(rule)s. Noted: %(count)d.",
    "No ruleset: house profile, which it keeps. Noted: %(count)d.",
)
"""Of one that conforms, with eligibility to tell of."""


def _rows(broken: Violation, tell: Tell) -> Iterator[tuple[str, str]]:
    if broken.file:
        yield tell(gettext_noop("File"), {}), broken.file
    yield tell(gettext_noop("Problem"), {}), tell(broken.template, broken.values)
    severity = tell(SEVERITIES[broken.severity], {})
    section = section_of(broken, tell)
    yield tell(gettext_noop("Section"), {}), f"{section} ({broken.id}, {severity})"
    if broken.confidence.is_doubtful:
        yield tell(gettext_noop("Doubt"), {}), tell(CONFIDENCES[broken.confidence], {})
    yield tell(gettext_noop("Fix"), {}), tell(broken.fix, {})


def section_of(broken: Violation, tell: Tell) -> str:
    """Return the section in the reader's language, where it is not that of a text."""
    return tell(broken.section, {}) if broken.section in SECTIONS else broken.section


def _aligned(rows: Iterator[tuple[str, str]], columns: int) -> list[str]:
    found = list(rows)
    width = max(len(label) for label, _ in found) + 2
    return [
        textwrap.fill(
            value,
            columns,
            initial_indent=f"  {label:{width}}",
            subsequent_indent=" " * (width + 2),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for label, value in found
    ]


def _remarks(report: Report, tell: Tell) -> list[str]:
    remarks = [tell(note.template, note.values) for note in report.notes]
    if report.uncertain:
        template = gettext_noop("Not compared with the published text: %(checks)s.")
        remarks.append(tell(template, {"checks": ", ".join(report.uncertain)}))
    return remarks


def as_json(report: Report, tell: Tell = in_english) -> str:
    return dumped(described(report, tell))


def dumped(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def described(report: Report, tell: Tell = in_english) -> dict[str, Any]:
    """Return the JSON document of `report`."""
    return {
        "version": JSON_VERSION,
        "release": report.release,
        "rule": report.rule,
        "house_profile": report.is_house_profile,
        "summary": summary(report, tell),
        "conforms": report.conforms,
        "violations": [_violation(broken, report, tell) for broken in report.violations],
        "uncertain": list(report.uncertain),
        "notes": [tell(note.template, note.values) for note in report.notes],
    }


def _violation(broken: Violation, report: Report, tell: Tell) -> dict[str, object]:
    return {
        "id": broken.id,
        "section": section_of(broken, tell),
        "severity": broken.severity,
        "confidence": broken.confidence,
        "file": broken.file,
        "message": tell(broken.template, broken.values),
        "fix": tell(broken.fix, {}),
        "uncertain": broken.id in report.uncertain,
    }


def sarif(report: Report, tell: Tell = in_english) -> str:
    return sarif_of([report], tell)


def sarif_of(reports: Sequence[Report], tell: Tell = in_english) -> str:
    """Return a SARIF document with a run for each of `reports`."""
    runs = [_run(report, tell) for report in reports]
    return dumped({"$schema": SARIF_SCHEMA, "version": SARIF_VERSION, "runs": runs})


def _run(report: Report, tell: Tell) -> dict[str, Any]:
    rules = _sarif_rules(tell)
    places = {rule["id"]: place for place, rule in enumerate(rules)}
    driver = {"name": "packer", "semanticVersion": "1.0.0", "rules": rules}
    results = [
        _sarif_result(broken, places[broken.id], report, tell) for broken in report.violations
    ]
    properties = {"release": report.release, "rule": report.rule, "conforms": report.conforms}
    properties |= {"summary": summary(report, tell), "uncertain": list(report.uncertain)}
    return {"tool": {"driver": driver}, "results": results, "properties": properties}


def _sarif_rules(tell: Tell) -> list[dict[str, Any]]:
    rows = {DAMAGED: (DAMAGED_DEMAND, DAMAGED_FIX, Severity.STRUCTURE)}
    rows |= {name: (check.demand, check.fix, check.severity) for name, check in CHECKS.items()}
    return [
        {
            "id": name,
            "shortDescription": {"text": tell(demand, {})},
            "help": {"text": tell(fix, {})},
            "defaultConfiguration": {"level": LEVELS[severity]},
        }
        for name, (demand, fix, severity) in rows.items()
    ]


def _sarif_result(broken: Violation, place: int, report: Report, tell: Tell) -> dict[str, Any]:
    return {
        "ruleId": broken.id,
        "ruleIndex": place,
        "level": LEVELS[broken.severity],
        "message": {"text": tell(broken.template, broken.values)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(broken, report)}}}],
        "properties": {
            "section": section_of(broken, tell),
            "fix": tell(broken.fix, {}),
            "confidence": broken.confidence,
        },
    }


def _uri(broken: Violation, report: Report) -> str:
    """Return the address of a file from the directory that holds the release."""
    folder = PurePosixPath(report.place or report.release)
    is_beside = broken.file.startswith(BESIDE)
    path = folder.parent / broken.file.removeprefix(BESIDE) if is_beside else folder / broken.file
    return quote(f"{path}" if broken.file else f"{path}/", errors="surrogateescape")


def texts(reports: Sequence[Report], tell: Tell = in_english) -> str:
    return "\n\n\n".join(text(report, tell) for report in reports)


def json_of(reports: Sequence[Report], tell: Tell = in_english) -> str:
    """Return a JSON document with a list of the documents of `reports`, each with its path."""
    listed = [{"path": report.place} | described(report, tell) for report in reports]
    conforms = all(report.conforms for report in reports)
    return dumped({"version": JSON_VERSION, "conforms": conforms, "reports": listed})


FORMATS: dict[str, Callable[[Report, Tell], str]] = {
    "text": text,
    "json": as_json,
    "sarif": sarif,
}
SEVERAL: dict[str, Callable[[Sequence[Report], Tell], str]] = {
    "text": texts,
    "json": json_of,
    "sarif": sarif_of,
}
"""What writes one document of several reports."""
