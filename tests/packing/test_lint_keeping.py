"""Reports that are kept, several in one document, and directories that fill no memory."""

import json
import resource
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest

from releases.packing.lint import Report, kept, lint, observe, restored
from releases.packing.lint.rendering import SEVERAL, as_json
from releases.packing.plan import Note
from releases.packing.rar import Damaged
from releases.packing.verify import readings, verify
from rules.shipped import read_rule
from rules.spec import Violation
from tests.packing.test_lint_formats import LOST, SARIF, UNLINKED, WIDE, address, report

REPORTS = [
    report(WIDE, UNLINKED, notes=(Note("No %(what)s", what="ffmpeg"),), uncertain=("nfo-width",)),
    report(place="old/Other-GRP", release="Other-GRP"),
    report(LOST, place=f"old/{WIDE.id}"),
]


@pytest.mark.parametrize("judged", REPORTS)
def test_a_kept_report_says_the_same(judged: Report) -> None:
    again = restored(json.loads(json.dumps(kept(judged))))

    assert as_json(again) == as_json(judged)
    assert {f.name: getattr(again, f.name) for f in fields(Report) if f.name != "notes"} == {
        f.name: getattr(judged, f.name) for f in fields(Report) if f.name != "notes"
    }


def test_a_kept_report_tells_itself_in_a_word() -> None:
    states = [kept(judged)["state"] for judged in REPORTS]

    assert states == ["broken", "conforms", "damaged"]
    assert kept(report(UNLINKED))["state"] == "conforms"


def test_names_that_are_no_text_can_be_kept() -> None:
    broken = Violation(
        "damaged", "", LOST.severity, "%(file)s", {"file": Path("a\udcff")}, "", "a\udcff"
    )

    data = json.dumps(kept(report(broken)), ensure_ascii=False).encode()

    assert restored(json.loads(data)).violations[0].message == "a\\xff"


def test_of_too_many_violations_the_first_are_kept_and_all_counted() -> None:
    data = kept(report(*[WIDE] * 12), 10)

    again = restored(data)
    assert (len(again.violations), data["count"]) == (10, 12)
    assert [str(note) for note in again.notes] == ["Only the first 10 of 12 violations are kept"]


def test_several_reports_are_one_json_document() -> None:
    said = json.loads(SEVERAL["json"](REPORTS, lambda template, values: template % values))

    assert [one["path"] for one in said["reports"]] == ["", "old/Other-GRP", "old/nfo-width"]
    assert [one["conforms"] for one in said["reports"]] == [False, True, False]
    assert not said["conforms"]
    assert said["version"] == 1


def test_several_reports_are_the_runs_of_one_sarif_document() -> None:
    said = json.loads(SEVERAL["sarif"](REPORTS, lambda template, values: template % values))

    jsonschema.validate(said, SARIF)
    assert len(said["runs"]) == 3
    assert address(said["runs"][2]["results"][0]) == f"old/{LOST.file.removeprefix('../')}"


def test_several_reports_are_texts_that_follow_each_other() -> None:
    said = SEVERAL["text"](REPORTS[1:], lambda template, values: template % values)

    assert [line for line in said.splitlines() if line.startswith("old/")] == [
        "old/Other-GRP",
        "old/nfo-width",
    ]


def names_of(found: Sequence[object]) -> list[str]:
    return [str(one) for one in found]


def test_the_texts_of_a_directory_are_kept_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "MAX_TEXTS_BYTES", 250)
    for number in range(3):
        (tmp_path / f"{number}.nfo").write_bytes(b"x" * 100)

    verdict = verify(tmp_path)

    assert sum(len(one.contents.text) for one in verdict.readings) == 200
    (note,) = names_of(verdict.notes)
    assert note.endswith(".nfo is longer than what is read here: its text was not judged")


def test_a_budget_is_taken_once() -> None:
    budget = readings.Budget()

    assert budget.has_room_for_text(readings.MAX_TEXT_BYTES)
    assert not budget.has_room_for_text(readings.MAX_TEXT_BYTES + 1)
    assert budget.has_room_for_entries(readings.MAX_ENTRIES)
    assert not budget.has_room_for_entries(1)


def test_more_files_than_a_release_can_hold_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "MAX_FILES", 2)
    for number in range(3):
        (tmp_path / f"{number}.r00").touch()

    with pytest.raises(Damaged, match="holds more files than can be listed here"):
        observe(tmp_path)


def test_thousands_of_lists_and_files_are_judged_in_little_memory(tmp_path: Path) -> None:
    """Each list against each file would be nine million findings."""
    for number in range(3000):
        (tmp_path / f"{number}.sfv").write_bytes(b"a.r00 00000000\r\n")
        (tmp_path / f"{number}.r00").write_bytes(b"no volume")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    found = lint(tmp_path, read_rule("2020_WDX").spec)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 << 10
    assert len(found.violations) < 100_000
    assert not found.conforms
