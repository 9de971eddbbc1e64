import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

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


def test_a_release_whose_name_leaves_no_room_for_a_list_beside_it_is_judged(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"{'A' * 251}-GRP"
    release.rename(release.with_name(name))

    assert lint(release.with_name(name)) == Exit.NOT_CONFORMING
    assert capsys.readouterr().out.startswith(f"{name}\nIt does not conform to")


def test_a_zip_that_is_cut_off_is_told_so(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = Path(shutil.make_archive(str(tmp_path / "sent"), "zip", release.parent))
    whole.write_bytes(whole.read_bytes()[:-100])

    assert lint(whole) == Exit.FAILED
    assert "sent.zip is no whole ZIP: it is cut off, or something follows its end" in (
        capsys.readouterr().err
    )


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


def zipped(path: Path, *folders: Path) -> Path:
    with ZipFile(path, "w") as archive:
        for folder in folders:
            for file in sorted(folder.rglob("*")):
                archive.write(file, f"{folder.name}/{file.relative_to(folder).as_posix()}")
    return path


def test_a_zip_is_checked_without_being_unpacked_by_hand(
    release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lint(zipped(tmp_path / "sent.zip", release)) == Exit.DONE
    assert capsys.readouterr().out.startswith(f"{NAME}\nThe structure conforms to 2022_EBOOK.")

    (release / "ad.txt").write_text("ad")
    assert lint(zipped(tmp_path / "sent.zip", release), "--json") == Exit.NOT_CONFORMING

    said = json.loads(capsys.readouterr().out)
    (report,) = said["reports"]
    assert report["path"] == NAME
    assert "ad.txt" in [one["file"] for one in report["violations"]]


def test_nothing_of_a_zip_is_left(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))

    lint(zipped(tmp_path / "sent.zip", release))

    assert list(aside.iterdir()) == []


def test_a_hostile_zip_is_refused_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ZipFile(tmp_path / "hostile.zip", "w") as archive:
        archive.writestr("../evil.nfo", b"text")

    assert lint(tmp_path / "hostile.zip", "--json") == Exit.FAILED

    said = capsys.readouterr()
    assert "../evil.nfo in hostile.zip points outside of it" in said.err
    assert json.loads(said.out)["error"] == "failed"


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_a_folder_of_releases_has_a_report_for_each(
    form: str, release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = shutil.copytree(release, release.with_name("Other.Title.2020.RETAiL.ePUB.eBook-GRP"))

    assert lint(release.parent, "--format", form) == Exit.DONE
    first = capsys.readouterr().out
    (other / "ad.txt").write_text("ad")
    assert lint(release.parent, "--format", form) == Exit.NOT_CONFORMING

    assert release.name in first
    assert other.name in first
    if form == "json":
        said = json.loads(first)
        assert [one["path"] for one in said["reports"]] == [release.name, other.name]
        assert said["conforms"]
    if form == "sarif":
        assert len(json.loads(first)["runs"]) == 2


def test_an_edited_sfv_is_told_as_one_of_two_that_may_be_at_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which of the two was changed cannot be known: the file may be sound."""
    (tmp_path / "out").mkdir()
    payloads = (make_payload(tmp_path, name="some.show.s01e02.1080p.web.h264-grp.mkv"),)
    name = "Some.Show.S01E02.1080p.WEB.H264-GRP"
    plan = make_plan(
        tmp_path,
        name=name,
        scheme="rar",
        volume_base=name.lower(),
        nfo_name=f"{name.lower()}.nfo",
        payloads=payloads,
        volume_bytes=50_000_000,
    )
    folder = pack(plan, tmp_path / "out").folder
    listing = next(folder.glob("*.sfv"))
    listing.write_bytes(re.sub(rb"[0-9a-f]{8}\r", b"00000000\r", listing.read_bytes()))

    lint(folder)

    said = " ".join(capsys.readouterr().out.split())
    assert f"differs from its sum in {name}/{listing.name}" in said
    assert "Find out which of the two was changed, and put it back as it was." in said


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
