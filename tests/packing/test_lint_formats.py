import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from releases.packing.lint import Report
from releases.packing.lint.rendering import FORMATS, as_json, sarif, text
from releases.packing.plan import Note
from rules.spec import CHECKS, Confidence, Severity, Violation

NAME = "Author.Title.2020.RETAiL.eBook-GRP"
WIDE = Violation(
    "nfo-width",
    "NFO",
    Severity.STRUCTURE,
    "Line %(number)d of the NFO has %(length)d columns.",
    {"number": 3, "length": 81},
    "Break the long lines of the NFO.",
    "grp title.nfo",
)
UNLINKED = Violation("source-link", "NFO", Severity.ELIGIBILITY, "No link.", {}, "Add the address.")
LOST = Violation(
    "damaged", "Integrity", Severity.STRUCTURE, "It is damaged", {}, "Pack again.", f"../{NAME}.sfv"
)


def report(*violations: Violation, **fields: Any) -> Report:
    defaults: dict[str, Any] = {"release": NAME, "rule": "2022_EBOOK", "is_house_profile": False}
    return Report(**defaults | fields, violations=violations)


def test_text_puts_each_violation_in_aligned_rows() -> None:
    lines = text(report(WIDE, UNLINKED)).splitlines()

    assert lines == [
        NAME,
        "It does not conform to 2022_EBOOK. Violations: 2.",
        "",
        "  File     grp title.nfo",
        "  Problem  Line 3 of the NFO has 81 columns.",
        "  Section  NFO (nfo-width, structure)",
        "  Fix      Break the long lines of the NFO.",
        "",
        "  Problem  No link.",
        "  Section  NFO (source-link, eligibility)",
        "  Fix      Add the address.",
    ]


def test_a_number_that_could_not_be_compared_is_doubted_where_it_stands() -> None:
    judged = report(replace(WIDE, confidence=Confidence.UNVERIFIED))

    assert "  Doubt    could not be compared with the published text" in text(judged).splitlines()
    (result,) = run_of(judged)["results"]
    assert result["properties"]["confidence"] == "unverified"


def test_the_section_of_a_text_is_told_as_it_stands() -> None:
    judged = report(replace(WIDE, section="100% sure"))

    assert "  Section  100% sure (nfo-width, structure)" in text(judged).splitlines()


def test_long_sentences_are_broken_under_their_beginning() -> None:
    lines = text(report(WIDE), columns=30).splitlines()

    assert "  Problem  Line 3 of the NFO" in lines
    assert "           has 81 columns." in lines


@pytest.mark.parametrize(
    ("violations", "is_house_profile", "said"),
    [
        ([], False, "The structure conforms to 2022_EBOOK. Violations: 0."),
        ([UNLINKED], False, "The structure conforms to 2022_EBOOK. Noted: 1."),
        ([], True, "No ruleset: house profile, which it keeps. Violations: 0."),
        ([UNLINKED], True, "No ruleset: house profile, which it keeps. Noted: 1."),
        ([WIDE], True, "No ruleset: house profile, which it does not keep. Violations: 1."),
    ],
)
def test_no_conformity_to_an_unpublished_rule_is_claimed(
    violations: list[Violation], is_house_profile: bool, said: str
) -> None:
    judged = report(*violations, is_house_profile=is_house_profile)

    assert text(judged).splitlines()[1] == said
    assert json.loads(as_json(judged))["summary"] == said


def test_text_says_what_was_not_judged() -> None:
    judged = report(uncertain=("volume-size",), notes=(Note("No %(what)s", what="ffmpeg"),))

    assert text(judged).splitlines()[-2:] == [
        "No ffmpeg",
        "Not compared with the published text: volume-size.",
    ]


def test_json_has_its_documented_shape() -> None:
    judged = report(
        replace(WIDE, confidence=Confidence.UNVERIFIED),
        replace(UNLINKED, confidence=Confidence.RESTATED),
        uncertain=("nfo-width",),
        notes=(Note("No %(what)s", what="ffmpeg"),),
    )

    assert json.loads(as_json(judged)) == {
        "version": 1,
        "release": NAME,
        "rule": "2022_EBOOK",
        "house_profile": False,
        "summary": "It does not conform to 2022_EBOOK. Violations: 2.",
        "conforms": False,
        "violations": [
            {
                "id": "nfo-width",
                "section": "NFO",
                "severity": "structure",
                "file": "grp title.nfo",
                "message": "Line 3 of the NFO has 81 columns.",
                "fix": "Break the long lines of the NFO.",
                "uncertain": True,
                "confidence": "unverified",
            },
            {
                "id": "source-link",
                "section": "NFO",
                "severity": "eligibility",
                "file": "",
                "message": "No link.",
                "fix": "Add the address.",
                "uncertain": False,
                "confidence": "restated",
            },
        ],
        "uncertain": ["nfo-width"],
        "notes": ["No ffmpeg"],
    }


def run_of(judged: Report) -> dict[str, Any]:
    document = json.loads(sarif(judged))
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("sarif-2.1.0.json")
    (run,) = document["runs"]
    return dict(run)


def test_sarif_describes_every_check() -> None:
    rules = run_of(report())["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == ["damaged", *CHECKS]
    for rule in rules:
        assert rule["shortDescription"]["text"].endswith(".")
        assert rule["help"]["text"].endswith(".")
        assert rule["defaultConfiguration"]["level"] in {"error", "note"}


def test_sarif_results_point_at_their_rule_and_their_file() -> None:
    run = run_of(report(LOST, WIDE, UNLINKED))

    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
    assert [result["level"] for result in run["results"]] == ["error", "error", "note"]
    assert [address(result) for result in run["results"]] == [
        f"{NAME}.sfv",
        f"{NAME}/grp%20title.nfo",
        f"{NAME}/",
    ]
    assert unquote(address(run["results"][1])) == f"{NAME}/{WIDE.file}"


def address(result: dict[str, Any]) -> str:
    (location,) = result["locations"]
    return str(location["physicalLocation"]["artifactLocation"]["uri"])


DESCRIPTOR = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "shortDescription": {"required": ["text"]},
        "help": {"required": ["text"]},
        "defaultConfiguration": {"properties": {"level": {"enum": ["note", "warning", "error"]}}},
    },
    "additionalProperties": False,
}
RESULT = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": -1},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": {"type": "object", "required": ["text"]},
        "locations": {"type": "array", "items": {"required": ["physicalLocation"]}},
        "properties": {"type": "object"},
    },
    "additionalProperties": False,
}
DRIVER = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "semanticVersion": {"type": "string"},
        "rules": {"type": "array", "items": DESCRIPTOR},
    },
    "additionalProperties": False,
}
RUN = {
    "type": "object",
    "required": ["tool"],
    "properties": {
        "tool": {"required": ["driver"], "properties": {"driver": DRIVER}},
        "results": {"type": "array", "items": RESULT},
        "properties": {"type": "object"},
    },
    "additionalProperties": False,
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": RUN},
    },
    "additionalProperties": False,
}
"""What SARIF 2.1.0 says of all that we write, and nothing else: its objects are closed."""


def test_sarif_points_at_files_whose_names_are_no_text() -> None:
    broken = replace(LOST, file="a\udcff.sfv")

    (result,) = run_of(report(broken))["results"]

    assert address(result) == f"{NAME}/a%FF.sfv"


def test_sarif_keeps_to_what_its_schema_requires() -> None:
    jsonschema.validate(json.loads(sarif(report(LOST, WIDE, UNLINKED))), SARIF)


def test_every_format_speaks_the_language_of_its_reader() -> None:
    for render in FORMATS.values():
        said = render(report(WIDE), lambda template, values: f"« {template % values} »")

        assert "« Line 3 of the NFO has 81 columns. »" in said
        assert "« Break the long lines of the NFO. »" in said


def test_every_check_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs/formats/report.md").read_text()

    assert [check for check in CHECKS if f"| `{check}` |" not in text] == []
