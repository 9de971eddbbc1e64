"""The conformity report as text, as JSON and as SARIF. Source: docs/formats/report.md."""

import json
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from releases.packing.lint.report import DAMAGED, DAMAGED_DEMAND, DAMAGED_FIX, Report
from rules.spec import CHECKS, Severity, Violation
from rules.violation import gettext_noop

Tell = Callable[[str, Mapping[str, Any]], str]
"""Takes a template and its values, and gives a sentence in the reader's language."""

JSON_VERSION = 1
SARIF_VERSION = "2.1.0"
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.STRUCTURE: "error", Severity.ELIGIBILITY: "note"}
COLUMNS = 100
SEVERITIES = {
    Severity.STRUCTURE: gettext_noop("structure"),
    Severity.ELIGIBILITY: gettext_noop("eligibility"),
}


def in_english(template: str, values: Mapping[str, Any]) -> str:
    return template % values


def text(report: Report, tell: Tell = in_english, columns: int = COLUMNS) -> str:
    blocks = [[report.release, _summary(report, tell)]]
    blocks += [_aligned(_rows(broken, tell), columns) for broken in report.violations]
    blocks += [_remarks(report, tell)]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _summary(report: Report, tell: Tell) -> str:
    values = {"rule": report.rule, "count": len(report.violations)}
    template = SUMMARIES[report.is_house_profile, report.conforms]
    return tell(template, values)


SUMMARIES = {
    (False, True): "The structure conforms to %(rule)s. Violations: %(count)d.",
    (False, False): "It does not conform to %(rule)s. Violations: %(count)d.",
    (True, True): "No ruleset: house profile, which it keeps. Violations: %(count)d.",
    (True, False): "No ruleset: house profile, which it does not keep. Violations: %(count)d.",
}
"""By whether the rule is the house profile, and whether the release conforms."""


def _rows(broken: Violation, tell: Tell) -> Iterator[tuple[str, str]]:
    if broken.file:
        yield tell(gettext_noop("File"), {}), broken.file
    yield tell(gettext_noop("Problem"), {}), tell(broken.template, broken.values)
    severity = tell(SEVERITIES[broken.severity], {})
    yield tell(gettext_noop("Section"), {}), f"{broken.section} ({broken.id}, {severity})"
    yield tell(gettext_noop("Fix"), {}), tell(broken.fix, {})


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
        template = "Not compared with the published text: %(checks)s."
        remarks.append(tell(template, {"checks": ", ".join(report.uncertain)}))
    return remarks


def as_json(report: Report, tell: Tell = in_english) -> str:
    document = {
        "version": JSON_VERSION,
        "release": report.release,
        "rule": report.rule,
        "house_profile": report.is_house_profile,
        "summary": _summary(report, tell),
        "conforms": report.conforms,
        "violations": [_violation(broken, report, tell) for broken in report.violations],
        "uncertain": list(report.uncertain),
        "notes": [tell(note.template, note.values) for note in report.notes],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _violation(broken: Violation, report: Report, tell: Tell) -> dict[str, object]:
    return {
        "id": broken.id,
        "section": broken.section,
        "severity": broken.severity,
        "file": broken.file,
        "message": tell(broken.template, broken.values),
        "fix": tell(broken.fix, {}),
        "uncertain": broken.id in report.uncertain,
    }


def sarif(report: Report, tell: Tell = in_english) -> str:
    rules = _sarif_rules(tell)
    places = {rule["id"]: place for place, rule in enumerate(rules)}
    driver = {"name": "packer", "semanticVersion": "1.0.0", "rules": rules}
    results = [
        _sarif_result(broken, places[broken.id], report, tell) for broken in report.violations
    ]
    properties = {"release": report.release, "rule": report.rule, "conforms": report.conforms}
    properties |= {"summary": _summary(report, tell), "uncertain": list(report.uncertain)}
    run = {"tool": {"driver": driver}, "results": results, "properties": properties}
    document = {"$schema": SARIF_SCHEMA, "version": SARIF_VERSION, "runs": [run]}
    return json.dumps(document, ensure_ascii=False, indent=2)


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
        "properties": {"section": broken.section, "fix": tell(broken.fix, {})},
    }


def _uri(broken: Violation, report: Report) -> str:
    """Return the address of a file from the directory that holds the release."""
    path = f"{report.release}/{broken.file}"
    return quote(path.rsplit("/../", maxsplit=1)[-1], errors="surrogateescape")


FORMATS: dict[str, Callable[[Report, Tell], str]] = {
    "text": text,
    "json": as_json,
    "sarif": sarif,
}
