import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import translation

from cli.exits import Exit
from packer_site import commands
from releases.packing import pack
from tests.packing.making import NAME, make_payload, make_plan

NFO = b"Title\r\nReleased: 2024-05-01\r\nLanguage: English\r\nhttps://example.org/title\r\n"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    into = tmp_path / "out"
    into.mkdir()
    payloads = (make_payload(tmp_path, name="grp-title.epub"),)
    plan = make_plan(tmp_path, nfo=NFO, payloads=payloads, volume_bytes=5_000_000, sfv=True)
    return pack(plan, into).folder


def lint(*arguments: object) -> int:
    return commands.run(["lint", *map(str, arguments)])


def test_a_conforming_release_is_called_so(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lint(release) == Exit.DONE

    said = capsys.readouterr()
    assert said.out.startswith(f"{NAME}\nThe structure conforms to 2022_EBOOK. Violations: 0.\n")
    assert said.err == ""


def test_what_is_broken_is_named_with_what_to_do(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (release / "file_id.diz").unlink()

    assert lint(release) == Exit.NOT_CONFORMING

    said = capsys.readouterr().out
    assert "The directory holds 0 file_id.diz, where one is due." in said
    assert "Put the file_id.diz of the first ZIP in the directory, and no other." in said


def test_only_eligibility_is_no_obstacle(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (*release.glob("*.zip"), *release.glob("*.nfo")):
        path.write_bytes(path.read_bytes().replace(b"https://", b"address "))

    lint(release, "--json")

    severities = {
        one["id"]: one["severity"] for one in json.loads(capsys.readouterr().out)["violations"]
    }
    assert severities["source-link"] == "eligibility"


@pytest.mark.parametrize("arguments", [["--json"], ["--format", "json"]])
def test_the_report_is_one_json_document(
    arguments: list[str], release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (release / "ad.txt").write_text("ad")

    assert lint(release, *arguments) == Exit.NOT_CONFORMING

    said = json.loads(capsys.readouterr().out)
    assert [(one["id"], one["file"]) for one in said["violations"]] == [("file-loose", "ad.txt")]
    assert not said["conforms"]


def test_the_report_is_a_sarif_document(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lint(release, "--format", "sarif") == Exit.DONE

    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert run["results"] == []


def test_a_rule_may_be_named(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lint(release, "--profile", "2020_WDX", "--json") == Exit.NOT_CONFORMING

    assert json.loads(capsys.readouterr().out)["rule"] == "2020_WDX"


def test_an_unknown_rule_is_refused(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        lint(release, "--profile", "1999_NONE")

    assert ended.value.code == Exit.INVALID
    assert "2022_EBOOK" in capsys.readouterr().err


def test_documents_are_said_to_have_no_ruleset(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    payloads = (make_payload(tmp_path, name="grp-paper.odt"),)
    name = "Press.Paper.2020.RETAiL.eBook-GRP"
    plan = make_plan(tmp_path, name=name, nfo=NFO, payloads=payloads, volume_bytes=5_000_000)

    assert lint(pack(plan, tmp_path / "out").folder) == Exit.DONE

    assert "No ruleset: house profile" in capsys.readouterr().out


def test_what_is_no_folder_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.touch()

    assert lint(tmp_path / "none") == Exit.NOT_FOUND
    assert lint(file) == Exit.INVALID
    assert capsys.readouterr().out == ""


def test_an_empty_folder_conforms_to_nothing(tmp_path: Path) -> None:
    assert lint(tmp_path) == Exit.NOT_CONFORMING


def test_the_report_is_in_the_language_of_the_reader(
    release: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    (release / "grp-author.title.nfo").write_bytes(NFO + b"x" * 81)

    with translation.override("en"):
        lint(release)

    assert "La ligne 5" in capsys.readouterr().out


def test_it_needs_no_database(release: Path, tmp_path: Path) -> None:
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path}/none/db.sqlite3"}
    command = [sys.executable, "-m", "packer_site", "lint", str(release)]

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (Exit.DONE, "")
    assert not (tmp_path / "none").exists()
