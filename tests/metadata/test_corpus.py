"""The development corpus, where it lies beside the clone, judged by its own judge."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from releases.metadata import AnalysisError, Reading, read_apart

SHARED = Path(__file__).parents[3] / "shared"
CORPUS = SHARED / "corpus" / "dev"
JUDGE = SHARED / "judges" / "judge_meta.py"

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus lies outside the clone")


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the judge says of every file."""
    folder = tmp_path_factory.mktemp("corpus")
    names = [one["file"] for one in json.loads((CORPUS / "expected.json").read_text())["files"]]
    readings = read_apart(CORPUS / name for name in names)
    ours = {name: flat(reading) for name, reading in zip(names, readings, strict=True)}
    (folder / "ours.json").write_text(json.dumps(ours))
    said = subprocess.run(
        [
            *(sys.executable, JUDGE, folder / "ours.json", CORPUS / "expected.json"),
            *("--misses", "--json", folder / "verdict.json"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    verdict: dict[str, Any] = json.loads((folder / "verdict.json").read_text())
    return verdict | {"said": said.stdout}


def flat(reading: Reading) -> dict[str, Any]:
    """The analysis as the judge reads it, its structure included: nothing may leak there."""
    took = {"_seconds": reading.seconds, "_rss_mb": reading.rss_bytes / (1 << 20)}
    if isinstance(reading.outcome, AnalysisError):
        return took | {"_error": str(reading.outcome)}
    found = reading.outcome
    return found.as_json() | found.metadata | found.mediainfo | {"format": found.format} | took


def test_nothing_leaks_nothing_is_created_and_limits_hold(verdict: dict[str, Any]) -> None:
    assert verdict["bad"] == [], verdict["said"]


@pytest.mark.parametrize("field", ["format", "drm", "valid", "encrypted", "pages", "cover"])
def test_what_a_file_is_is_always_told(verdict: dict[str, Any], field: str) -> None:
    found = verdict["fields"][field]

    assert found["right"] == found["judged"] > 5, verdict["said"]


def test_core_fields_are_right_in_99_of_100(verdict: dict[str, Any]) -> None:
    right, judged = verdict["core"]

    assert right >= 0.99 * judged > 150, verdict["said"]


def test_all_fields_are_right_in_99_of_100(verdict: dict[str, Any]) -> None:
    right, judged = verdict["all"]

    assert right >= 0.99 * judged > 350, verdict["said"]
