"""The development corpus, where it lies beside the clone, judged by its own judge."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from releases.metadata import READERS, Analysis, analyse_apart

SHARED = Path(__file__).parents[3] / "shared"
CORPUS = SHARED / "corpus" / "dev"
JUDGE = SHARED / "judges" / "judge_meta.py"

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus lies outside the clone")


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the judge says of every file in a format that has a reader."""
    folder = tmp_path_factory.mktemp("corpus")
    truth = json.loads((CORPUS / "expected.json").read_text())["files"]
    judged = [one for one in truth if one["format"] in {*READERS, "empty"}]
    ours = {one["file"]: flat(analyse_apart(CORPUS / one["file"])) for one in judged}
    (folder / "ours.json").write_text(json.dumps(ours))
    (folder / "expected.json").write_text(json.dumps({"files": judged}))
    inputs = [folder / "ours.json", folder / "expected.json"]
    said = subprocess.run(
        [sys.executable, JUDGE, *inputs, "--misses", "--json", folder / "verdict.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    verdict: dict[str, Any] = json.loads((folder / "verdict.json").read_text())
    return verdict | {"said": said.stdout}


def flat(analysis: Analysis) -> dict[str, Any]:
    """The analysis as the judge reads it, its structure included: nothing may leak there."""
    return analysis.as_json() | analysis.metadata | analysis.mediainfo | {"format": analysis.format}


def test_nothing_leaks_and_nothing_is_created(verdict: dict[str, Any]) -> None:
    assert verdict["bad"] == []


@pytest.mark.parametrize("field", ["format", "drm", "valid"])
def test_every_format_and_protection_is_told(verdict: dict[str, Any], field: str) -> None:
    found = verdict["fields"][field]

    assert found["right"] == found["judged"] > 30, verdict["said"]


def test_core_fields_are_right_in_99_of_100(verdict: dict[str, Any]) -> None:
    right, judged = verdict["core"]

    assert right >= 0.99 * judged > 100, verdict["said"]


def test_all_fields_are_right_in_99_of_100(verdict: dict[str, Any]) -> None:
    right, judged = verdict["all"]

    assert right >= 0.99 * judged > 250, verdict["said"]
