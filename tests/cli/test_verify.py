import json
from pathlib import Path

import pytest

from cli.exits import Exit
from packer_site import commands
from releases import packing
from tests.instance import Instance
from tests.packing.making import NAME, make_plan


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A sound release of three volumes, with its lists beside it."""
    into = tmp_path / "out"
    into.mkdir()
    return packing.pack(make_plan(tmp_path, sfv=True, manifest=True), into).folder


def verify(*arguments: object) -> int:
    return commands.run(["verify", *map(str, arguments)])


def test_a_sound_release_is_called_right(release: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(release) == Exit.DONE
    assert "All is right." in capsys.readouterr().out


def test_a_flipped_byte_is_found_and_its_file_named(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    volume = release / "grp12302.zip"
    content = bytearray(volume.read_bytes())
    content[len(content) // 2] ^= 1
    volume.write_bytes(content)

    code = verify(release, "--json")

    said = json.loads(capsys.readouterr().out)
    assert code == Exit.FAILED
    assert (said["release"], said["sound"], said["notes"]) == (NAME, False, [])
    assert all(len(file["sha256"]) == 64 for file in said["files"])
    assert all("grp12302" in fault or NAME in fault for fault in said["faults"])


def test_names_that_act_on_a_terminal_or_are_no_text_are_escaped(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "a\x1b[2J\x9b\udcff.rar"
    (release / name).write_bytes(b"nothing")

    verify(release)
    verify(release, "--json")

    text, brace, document = capsys.readouterr().out.partition("{")
    assert "a\\u001b[2J\\u009b\\udcff.rar" in text
    paths = [file["path"] for file in json.loads(brace + document)["files"]]
    assert f"{NAME}/{name}" in paths


def test_a_missing_volume_is_found(release: Path) -> None:
    (release / "grp12301.zip").unlink()

    assert verify(release) == Exit.FAILED


def test_what_is_no_release_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.touch()
    empty = tmp_path / "empty"
    empty.mkdir()

    assert verify(tmp_path / "none") == Exit.NOT_FOUND
    assert verify(file) == Exit.INVALID
    assert verify(empty) == Exit.FAILED
    assert "no volume" in capsys.readouterr().out


def test_a_fix_release_holds_no_volume_and_is_right(tmp_path: Path) -> None:
    fix = tmp_path / "Title.2020.RETAiL.NFOFiX.eBook-GRP"
    fix.mkdir()
    (fix / "grp-title.nfo").write_bytes(b"corrected\r\n")

    assert verify(fix) == Exit.DONE


def test_a_release_is_verified_where_nothing_is_set_up(release: Path, tmp_path: Path) -> None:
    nowhere = Instance(tmp_path / "nowhere")
    nowhere.data_dir.mkdir()

    done = nowhere.run("verify", str(release))

    assert (done.returncode, done.stderr) == (0, "")
    assert list(nowhere.data_dir.iterdir()) == []


def test_a_name_of_several_lines_is_told_in_one(
    release: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (release / "x\nAll is right.").symlink_to(release)

    assert verify(release) == Exit.FAILED

    assert "All is right." not in capsys.readouterr().out.splitlines()
