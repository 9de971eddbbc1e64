import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from cli import making
from cli.exits import Exit
from jobs.models import Job
from packer_site import commands
from releases.models import Release, Source
from rules.models import Rule
from tests.books import encryption, make_video
from tests.factories import (
    make_admin,
    make_book,
    make_job,
    make_operator,
    make_template,
    make_user,
)
from tests.packing.pictures import make_photograph

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded", "admin")]
EPISODE = "Test.Show.S01E02.720p.WEB.H264-XYZ.mkv"


@pytest.fixture
def admin(seeded: None) -> User:
    return make_admin(username="admin")


def pack(*arguments: object) -> int:
    return commands.run(["pack", *map(str, arguments)])


def test_pack_prints_where_the_release_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"

    code = pack(make_book(), "-g", "GRP", "-t", "EBOOK", "-s", "retail", "-o", out)

    assert code == Exit.DONE
    path = Path(capsys.readouterr().out.strip())
    assert path == out / "Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP"
    assert path.is_dir()


def test_pack_json_is_one_document_with_what_scripts_need(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(make_book(), "-g", "GRP", "-o", tmp_path / "out", "--json")

    made = json.loads(capsys.readouterr().out)
    assert set(made) >= {"release", "path", "files", "volumes", "bytes", "seconds", "job_id"}
    assert set(made["files"][0]) == {"path", "size", "crc32", "sha256"}
    assert made["bytes"] == sum(file["size"] for file in made["files"])
    assert Job.objects.get(pk=made["job_id"]).status == Job.Status.COMPLETED


def test_verbose_tells_the_log_beside_the_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(make_book(), "-g", "GRP", "-o", tmp_path / "out", "--json", "-v")

    said = capsys.readouterr()
    assert json.loads(said.out)["volumes"] == 1
    assert "INFO Packing " in said.err


def test_proofs_lie_in_a_folder_of_their_own(tmp_path: Path) -> None:
    video = make_video(tmp_path / EPISODE)
    photographs = [make_photograph(tmp_path / f"{side}.jpg") for side in ("front", "back")]
    proofs = [word for path in photographs for word in ("--proof", path)]

    assert pack(video, "-g", "GRP", "-t", "TV", "-o", tmp_path / "out", *proofs) == Exit.DONE

    folder = tmp_path / "out" / "Test.Show.S01E02.720p.WEB.H264-GRP" / "Proof"
    assert len(list(folder.iterdir())) == 2


def test_a_proof_that_is_none_is_said_and_nothing_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = make_video(tmp_path / EPISODE)
    out = tmp_path / "out"

    assert pack(video, "-g", "GRP", "-t", "TV", "-o", out, "--proof", video) == Exit.FAILED

    assert "is neither JPEG nor PNG" in capsys.readouterr().err
    assert list(out.iterdir()) == []


def test_an_episode_is_named_by_its_file(tmp_path: Path) -> None:
    video = make_video(tmp_path / EPISODE)

    code = pack(video, "-g", "GRP", "-t", "TV", "-o", tmp_path / "out", "--profile", "2020_WDX")

    folder = tmp_path / "out" / "Test.Show.S01E02.720p.WEB.H264-GRP"
    stem = folder.name.lower()
    assert code == Exit.DONE
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{stem}.nfo",
        f"{stem}.rar",
        f"{stem}.sfv",
    ]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("A.Show.S01E02.WEBRip.x264-XYZ.mkv", "2020_WDX"),
        ("A.Show.S01E02.720p.HDTV.x264-XYZ.mkv", "tvx2642k16"),
        ("A.Show.S01E02.HDTV.x264-XYZ.mkv", "sdtvx2642k16"),
        ("Das.Testbild.2021.German.1080p.WEB.H265-XYZ.mkv", "2020_WDX"),
    ],
)
def test_the_rule_is_the_one_that_fits(tmp_path: Path, name: str, rule: str) -> None:
    video = make_video(tmp_path / name)

    assert pack(video, "-g", "GRP", "-t", "TV", "-o", tmp_path / "out") == Exit.DONE

    release = Release.objects.get()
    assert release.rule.name == rule
    assert release.name == name.replace("-XYZ.mkv", "-GRP")


def test_a_document_is_packed_by_the_house_profile(tmp_path: Path) -> None:
    text = tmp_path / "report.txt"
    text.write_text("A report that is long enough to be one.\n" * 20)

    code = pack(
        *(text, "-g", "GRP", "-t", "DOCS", "-o", tmp_path / "out", "--title", "Report"),
        *("--author", "Ann", "--year", 2024, "--language", "fr"),
    )

    assert code == Exit.DONE
    assert (tmp_path / "out" / "Ann.Report.2024.FRENCH.RETAiL.eBook-GRP").is_dir()


def test_the_options_win_over_the_file(tmp_path: Path) -> None:
    pack(make_book(), "-g", "GRP", "-o", tmp_path / "out", "--title", "Über", "--language", "de")

    assert Release.objects.get().name == "Ann.Author.Uber.2020.GERMAN.RETAiL.ePUB.eBook-GRP"


def test_the_same_release_goes_to_two_folders_byte_for_byte(tmp_path: Path) -> None:
    book = make_book()

    pack(book, "-g", "GRP", "-o", tmp_path / "one")
    pack(book, "-g", "GRP", "-o", tmp_path / "two", "--allow-duplicate")

    one, two = (
        {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
        for out in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two
    assert len(one) == 5


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """Return the exit code and the sentence of a command that makes nothing."""
    code = pack(*arguments)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("packer: ")
    assert "Traceback" not in said.err
    return code, said.err


def bad_book(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "bad.epub"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["-g", "lower"], Exit.INVALID, "--group"),
        (["-g", "DASH-ED"], Exit.INVALID, "--group"),
        (["-g", "GRP", "--year", "twenty"], Exit.INVALID, "--year"),
        (["-g", "GRP", "--isbn", "123"], Exit.INVALID, "--isbn"),
        (["-g", "GRP", "--volume-size", "7"], Exit.INVALID, "--volume-size"),
        (["-g", "GRP", "--format", "RAR"], Exit.INVALID, "--format"),
        (["-g", "GRP", "--rights", "other"], Exit.INVALID, "--rights-note"),
        (["-g", "GRP", "--profile", "NONE"], Exit.NOT_FOUND, "2022_EBOOK"),
        (["-g", "GRP", "--template", "NONE"], Exit.NOT_FOUND, "minimal"),
        (["-g", "GRP", "--as", "nobody"], Exit.NOT_FOUND, "nobody"),
        (["-g", "GRP", "--release-name", "Wrong-GRP"], Exit.NOT_CONFORMING, "Wrong-GRP"),
    ],
)
def test_bad_options_are_refused_with_their_code(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    answer, sentence = refused(capsys, make_book(), *arguments)

    assert answer == code
    assert said in sentence
    assert not Release.objects.exists()


def test_anothers_template_is_neither_used_nor_named(capsys: pytest.CaptureFixture[str]) -> None:
    make_template(name="theirs", created_by=make_operator())
    ann = make_operator(username="ann")
    make_template(name="hers", created_by=ann)

    for name in ("theirs", "NONE"):
        arguments = ("-g", "GRP", "--as", "ann", "--template", name)
        code, sentence = refused(capsys, make_book(), *arguments)
        assert code == Exit.NOT_FOUND
        assert sentence.endswith("docs, ebook, tv, hers, minimal.\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"Only a text.", "TXT"), (b"PK\x03\x04 nothing more", "bad.epub")],
)
def test_bad_files_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    code, sentence = refused(capsys, bad_book(tmp_path, content), "-g", "GRP")

    assert code == Exit.INVALID
    assert said in sentence
    assert not Source.objects.exists()


def test_a_protected_book_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    scheme = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
    book = make_book(entries={"META-INF/encryption.xml": encryption(scheme)})

    code, sentence = refused(capsys, book, "-g", "GRP")

    assert code == Exit.INVALID
    assert "protected" in sentence


def test_a_missing_file_is_not_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, sentence = refused(capsys, tmp_path / "none.epub", "-g", "GRP")

    assert code == Exit.NOT_FOUND
    assert "none.epub" in sentence


def test_a_name_that_exists_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book, out = make_book(), tmp_path / "out"
    pack(book, "-g", "GRP", "-o", out)
    capsys.readouterr()

    code, sentence = refused(capsys, book, "-g", "GRP", "-o", out)

    assert code == Exit.INVALID
    assert "exists already" in sentence


def test_who_may_not_make_releases_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, sentence = refused(capsys, make_book(), "-g", "GRP", "--as", make_user().username)

    assert code == Exit.NOT_PERMITTED
    assert "WRITE" in sentence


def test_an_operator_packs_as_themselves(tmp_path: Path) -> None:
    operator = make_operator()

    pack(make_book(), "-g", "GRP", "-o", tmp_path / "out", "--as", operator.username)

    assert Release.objects.get().created_by == operator


def test_a_pack_that_failed_is_done_by_the_same_command_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    stray = out / "Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP.sfv"
    stray.touch()

    failed, _ = refused(capsys, make_book(), "-g", "GRP", "-o", out)
    stray.unlink()
    again = pack(make_book(), "-g", "GRP", "-o", out)

    assert (failed, again) == (Exit.FAILED, Exit.DONE)


def test_an_output_that_cannot_be_made_is_a_failed_destination(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    code, sentence = refused(capsys, make_book(), "-g", "GRP", "-o", tmp_path / "file")

    assert code == Exit.DESTINATION_FAILED
    assert "--output" in sentence
    assert not Release.objects.exists()


@pytest.mark.parametrize("date", ["1970-01-01", "2108-01-01", "tomorrow"])
def test_a_release_date_that_archives_cannot_carry_is_bad_usage(
    capsys: pytest.CaptureFixture[str], date: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        pack(make_book(), "-g", "GRP", "--released-on", date)

    assert ended.value.code == Exit.INVALID
    assert date in capsys.readouterr().err


def test_a_failure_is_a_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    code = pack(make_book(), "-g", "lower", "--json")

    said = json.loads(capsys.readouterr().out)
    assert code == Exit.INVALID
    assert said["error"] == "invalid"
    assert said["message"].startswith("--group")


def test_bad_usage_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        pack("book.epub", "--type", "MUSIC")

    assert ended.value.code == Exit.INVALID
    assert pack() == Exit.INVALID
    assert "FILE is missing" in capsys.readouterr().err


def test_a_rule_missing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    Rule.objects.all().delete()

    code, sentence = refused(capsys, make_book(), "-g", "GRP")

    assert code == Exit.INVALID
    assert "There is no rule to pack EBOOK by: run “packer setup”" in sentence


def test_the_management_command_is_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from packer_site.management.commands.packer import Command  # noqa: PLC0415

    arguments: list[Any] = ["pack", str(make_book()), "-g", "GRP", "-o", str(tmp_path / "out")]
    with pytest.raises(SystemExit) as ended:
        Command().run_from_argv(["manage.py", "packer", *arguments])

    assert ended.value.code == 0


def test_an_interruption_that_comes_too_late_to_cancel_is_still_one(admin: User) -> None:
    job = Job.objects.claim(make_job(by=admin).pk)
    assert job

    def finish_and_interrupt(stage: str, done: int, total: int) -> None:
        job.finish({})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        making.wait_for(Job.objects.get(pk=job.pk), admin, finish_and_interrupt)

    assert Job.objects.get(pk=job.pk).status == Job.Status.COMPLETED


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rar-version", "5"], "--rar-version: Choose one of: 4."),
        (["--category", "poetry"], "--category: "),
        (["--volume-size", "0"], "--volume-size: "),
        (["--release-name", "A.B.2020.RETAiL.ePUB.eBook-XYZ"], "must end in -GRP"),
    ],
)
def test_an_option_that_cannot_be_is_refused_with_what_can(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert pack(make_book(), "-g", "GRP", "-o", tmp_path / "out", *options) == Exit.INVALID

    assert said in capsys.readouterr().err


def test_a_release_whose_folder_was_removed_is_packed_again(tmp_path: Path) -> None:
    book, out = make_book(), tmp_path / "out"
    assert pack(book, "-g", "GRP", "-o", out) == Exit.DONE
    assert pack(book, "-g", "GRP", "-o", out) == Exit.INVALID

    shutil.rmtree(out)

    assert pack(book, "-g", "GRP", "-o", out) == Exit.DONE
    assert Release.objects.count() == 1


def test_a_job_that_no_worker_takes_is_said(
    admin: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(making, "PATIENCE_S", 0)
    job = make_job(by=admin)
    heard = []

    def give_up_later(stage: str, done: int, total: int) -> None:
        heard.append(stage)
        if len(heard) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        making.wait_for(job, admin, give_up_later)

    assert capsys.readouterr().err.count("No worker has taken the job yet") == 1
