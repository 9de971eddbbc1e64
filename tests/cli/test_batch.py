import io
import json
import os
import signal
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from cli.answering import created
from cli.batch import given
from cli.exits import Exit
from cli.journal import digest
from cli.listing import read_items
from jobs.models import Job
from jobs.queue import record
from packer_site import commands
from releases.actions import request_packing
from releases.models import Release, Source
from tests.books import make_video
from tests.factories import make_admin, make_book
from tests.instance import ROOT, Instance, own_database
from tests.packing.pictures import make_photograph

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded", "admin")]
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def admin(seeded: None) -> User:
    return make_admin(username="admin")


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """A folder with two books, one.epub and two.epub."""
    folder = tmp_path / "books"
    folder.mkdir()
    for title in ("One", "Two"):
        make_book(folder, title=title).rename(folder / f"{title.lower()}.epub")
    return folder


def listed(folder: Path, content: object) -> Path:
    path = folder / "list.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def batch(*arguments: object) -> int:
    return commands.run(["batch", *map(str, arguments)])


def test_each_file_becomes_a_release_told_by_a_line(
    books: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = listed(books, [{"file": "one.epub"}, {"file": "two.epub", "title": "Other"}])

    code = batch(path, "-g", "GRP", "-o", books / "out")

    first, second = capsys.readouterr().out.splitlines()
    assert code == Exit.DONE
    assert first == f"one.epub: {books}/out/Ann.Author.One.2020.RETAiL.ePUB.eBook-GRP"
    assert second == f"two.epub: {books}/out/Ann.Author.Other.2020.RETAiL.ePUB.eBook-GRP"
    assert Release.objects.filter(status="completed").count() == 2


def test_proofs_are_a_list_of_paths_from_the_document(books: Path) -> None:
    video = make_video(books / "A.Show.S01E02.720p.WEB.H264-GRP.mkv")
    proofs = [make_photograph(books / f"{side}.jpg").name for side in ("front", "back")]
    path = listed(books, [{"file": video.name, "type": "TV", "proof": proofs}])

    assert batch(path, "-g", "GRP", "-o", books / "out") == Exit.DONE
    assert len(list(books.glob("out/*/Proof/*.jpg"))) == 2


def test_json_is_one_document_of_results_in_order(
    books: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = listed(books, [{"file": "none.epub"}, {"file": "one.epub", "no-sfv": True}])

    code = batch(path, "-g", "GRP", "-o", books / "out", "--json")

    said = json.loads(capsys.readouterr().out)
    failed, completed = said["results"]
    assert code == Exit.FAILED
    assert (said["completed"], said["failed"]) == (1, 1)
    assert (failed["file"], failed["status"], failed["error"]) == (
        "none.epub",
        "failed",
        "not_found",
    )
    assert "none.epub" in failed["message"]
    assert (completed["file"], completed["status"]) == ("one.epub", "completed")
    assert set(completed) >= {"release", "path", "files", "volumes", "bytes", "seconds", "job_id"}
    assert all(len(file["sha256"]) == 64 for file in completed["files"])


def test_one_that_fails_stops_no_other(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (books / "bad.epub").write_bytes(b"PK\x03\x04 nothing more")
    items = [{"file": name} for name in ("bad.epub", "one.epub", "one.epub", "two.epub")]

    code = batch(listed(books, items), "-g", "GRP", "-o", books / "out")

    bad, one, again, two = capsys.readouterr().out.splitlines()
    assert code == Exit.FAILED
    assert bad.startswith("bad.epub: failed. ")
    assert "exists already" in again
    assert (one.startswith("one.epub: /"), two.startswith("two.epub: /")) == (True, True)
    assert not Job.objects.active().exists()
    assert Source.objects.count() == 2


def test_an_item_wins_over_the_command_and_the_command_over_the_defaults(books: Path) -> None:
    content = {
        "defaults": {"group": "DEF", "author": "Nobody", "year": 1999, "no_sfv": True},
        "items": [
            {"file": "one.epub"},
            {"file": "two.epub", "author": "Carl", "no_sfv": False, "title": None},
        ],
    }

    code = batch(listed(books, content), "--author", "Bea", "--group", "CMD")

    first, second = Release.objects.order_by("pk")
    assert code == Exit.DONE
    assert (first.name, first.generate_sfv) == ("Bea.One.1999.RETAiL.ePUB.eBook-CMD", False)
    assert (second.name, second.generate_sfv) == ("Carl.Two.1999.RETAiL.ePUB.eBook-CMD", True)


def test_paths_are_meant_from_where_the_document_lies(books: Path) -> None:
    content = [{"file": "one.epub", "output": "here", "group": "GRP"}]

    assert batch(listed(books, content)) == Exit.DONE

    assert Release.objects.get().folder.parent == books / "here"


def test_a_document_comes_from_standard_input_too(
    books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = io.BytesIO(json.dumps([{"file": "one.epub", "group": "GRP"}]).encode())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(content))
    monkeypatch.chdir(books)

    assert batch("-", "-o", "out") == Exit.DONE

    assert Release.objects.get().folder.parent == books / "out"


def test_an_empty_list_is_done_at_once(books: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert batch(listed(books, []), "--json") == Exit.DONE

    assert json.loads(capsys.readouterr().out) == {"results": [], "completed": 0, "failed": 0}


ONE: dict[str, Any] = {"file": "one.epub", "group": "GRP"}
SURROGATE = '[{"file": "one.epub", "group": "GRP", "title": "\\ud800"}]'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1, column 1: "),
        ('[{"file": "one.epub",}]', "line 1, column 22: "),
        ('[\n  {"file" "one.epub"}\n]', "line 2, column 11: "),
        ("[" * 100_000, "document: "),
        ("[" + "9" * 5000 + "]", "document: "),
        ("7", "document: write a list"),
        ({"item": []}, "document: item says nothing here. Did you mean items?"),
        ({"defaults": {}}, "document: items must be a list."),
        ({"items": {}}, "document: items must be a list."),
        ({"items": [ONE], "defaults": []}, "defaults: write an object"),
        ({"items": [ONE], "defaults": {"file": "x"}}, "defaults: file says nothing here."),
        ({"items": [ONE], "defaults": {"type": "MUSIC"}}, "defaults: argument -t/--type"),
        (["one.epub"], "item 1: write an object"),
        ([ONE, ONE | {"titel": "A"}], "item 2: titel says nothing here. Did you mean title?"),
        ([ONE | {"qqq": "A"}], "item 1: qqq says nothing here: an item says author, "),
        ([ONE | {"title": ["A"]}], "item 1: title must be a text or a whole number."),
        ([ONE | {"title": True}], "item 1: title must be a text or a whole number."),
        ([ONE | {"year": 2020.5}], "item 1: year must be a text or a whole number."),
        ([ONE | {"title": "A\0B"}], "item 1: title must be a text or a whole number."),
        (SURROGATE, "item 1: title must be a text or a whole number."),
        ([ONE | {"no_sfv": "yes"}], "item 1: no_sfv must be true or false."),
        ([ONE | {"volume_size": "big"}], "item 1: argument --volume-size: invalid int value"),
        ([ONE | {"source": "web"}], "item 1: argument -s/--source: invalid choice"),
        ([ONE | {"released_on": "1970-01-01"}], "item 1: argument --released-on: 1970-01-01"),
        ([{"group": "GRP"}], "item 1: file is missing."),
        ([ONE, {"file": "two.epub"}], "item 2: group is missing."),
        ([ONE | {"as": "admin"}], "item 1: as says nothing here."),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_before_anything_is_packed(
    books: Path, capsys: pytest.CaptureFixture[str], content: object, said: str
) -> None:
    code = batch(listed(books, content))

    heard = capsys.readouterr()
    assert code == Exit.INVALID
    assert heard.err.startswith(f"packer: {said}")
    assert heard.out == ""
    assert not Source.objects.exists()


def test_what_is_no_text_or_no_file_is_refused(
    books: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (books / "latin.json").write_bytes(b'["caf\xe9"]')

    assert batch(books / "latin.json") == Exit.INVALID
    assert "byte 6: this is not UTF-8." in capsys.readouterr().err
    assert batch(books / "none.json") == Exit.NOT_FOUND
    assert batch(books) == Exit.INVALID
    assert batch(listed(books, [ONE]), "--as", "nobody") == Exit.NOT_FOUND


def test_the_example_of_the_documentation_is_packed(
    books: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (DOCS / "commands.md").read_text()
    example = text.partition("```json\n")[2].partition("```")[0]

    code = batch(listed(books, example), "--output", books / "out", "--json")

    said = json.loads(capsys.readouterr().out)
    assert code == Exit.DONE, said
    for result in said["results"]:
        assert f"{result['file']}: /home/ann/out/{result['release']}\n" in text


SHELF = 6
JOBS = """
from jobs.models import Job
from releases.models import Release
print(Release.objects.count(), *Job.objects.order_by("pk").values_list("status", flat=True))
"""


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A list of books, the first of which is small, and the others take a while."""
    items = []
    for number in range(SHELF):
        size_bytes = 40_000_000 if number else 0
        items.append({"file": str(make_book(tmp_path, title=f"No{number}", size_bytes=size_bytes))})
    return listed(tmp_path, {"defaults": {"group": "GRP", "no_sfv": True}, "items": items})


def started(instance: Instance, *arguments: object) -> "subprocess.Popen[str]":
    command = instance.command("batch", *map(str, arguments))
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=instance.environment, stdout=pipe, stderr=pipe, text=True)


def facts(instance: Instance) -> list[str]:
    """Return how many releases there are, and how each job ended."""
    shell = [sys.executable, str(ROOT / "manage.py"), "shell", "--verbosity", "0", "-c", JOBS]
    done = subprocess.run(
        shell, env=instance.environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.fixture
def own_instance(tmp_path: Path) -> Iterator[Instance]:
    with own_database() as url:
        instance = Instance(tmp_path, url)
        instance.run("setup")
        yield instance


@pytest.mark.slow
def test_a_batch_that_was_killed_makes_what_is_missing(
    own_instance: Instance, shelf: Path, tmp_path: Path
) -> None:
    asked = (shelf, "--jobs", "3", "-o", tmp_path / "out")
    killed = started(own_instance, *asked)
    assert killed.stdout
    first = killed.stdout.readline()
    killed.kill()
    killed.communicate(timeout=30)

    again = own_instance.run("batch", *map(str, asked), "--json")

    assert again.returncode == 0, again.stdout + again.stderr
    said = json.loads(again.stdout)
    made = [result["release"] for result in said["results"]]
    assert made == [f"Ann.Author.No{n}.2020.RETAiL.ePUB.eBook-GRP" for n in range(SHELF)]
    assert first.split(": ")[0] in {r["file"] for r in said["results"] if r.get("resumed")}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == made
    count, *statuses = facts(own_instance)
    assert (int(count), statuses.count("completed")) == (SHELF, SHELF)
    assert set(statuses) <= {"completed", "failed", "cancelled"}, statuses
    assert not Path(f"{shelf}.journal").exists()


@pytest.mark.slow
def test_a_signal_ends_all_that_are_at_work(
    own_instance: Instance, shelf: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    running = started(own_instance, shelf, "--jobs", "2", "-o", out)
    assert running.stdout
    first = running.stdout.readline()

    running.send_signal(signal.SIGTERM)
    said, errors = running.communicate(timeout=60)

    whole = [line.rpartition("/")[2] for line in [first.rstrip(), *said.splitlines()]]
    assert running.returncode == 143
    assert errors == "The same command goes on where this one was interrupted.\n"
    assert {path.name for path in out.iterdir()} >= set(whole)
    assert not any(path.name.startswith(".") for path in out.iterdir())
    statuses = facts(own_instance)[1:]
    assert not {"running", "pending"} & set(statuses)
    assert statuses.count("completed") == len(list(out.iterdir()))


def test_what_a_journal_says_is_done_is_not_done_again(
    books: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = books / "done.jsonl"
    path = listed(books, [{"file": "one.epub"}, {"file": "none.epub"}])
    asked = (path, "-g", "GRP", "-o", books / "out", "--journal", journal)
    batch(*asked)
    (books / "two.epub").rename(books / "none.epub")
    capsys.readouterr()

    code = batch(*asked)

    one, two = capsys.readouterr().out.splitlines()
    assert code == Exit.DONE
    assert one.endswith("eBook-GRP (done before)")
    assert two == f"none.epub: {books}/out/Ann.Author.Two.2020.RETAiL.ePUB.eBook-GRP"
    assert Release.objects.count() == 2
    assert journal.exists()


def test_a_file_that_changed_is_not_taken_for_done(
    books: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = listed(books, [{"file": "one.epub"}, {"file": "none.epub"}])
    batch(path, "-g", "GRP", "-o", books / "out")
    os.utime(books / "one.epub", (1, 1))
    capsys.readouterr()

    batch(path, "-g", "GRP", "-o", books / "out")

    one, two = capsys.readouterr().out.splitlines()
    assert one.startswith("one.epub: failed. ")  # its release stands: it is tried again
    assert two.startswith("none.epub: failed. ")


def item_of(books: Path) -> Namespace:
    """Return what `begun` asks for."""
    path = listed(books, [{"file": "one.epub"}])
    said = ["batch", str(path), "-g", "GRP", "-o", str(books / "out")]
    options = commands.parser(commands.COMMANDS["batch"]).parse_args(said)
    return read_items(path.read_bytes(), books, given(options))[0].options


def begun(books: Path, job: int) -> int:
    """Go on with a batch whose journal tells that `job` makes its one release."""
    line = {"item": digest(item_of(books)), "status": "begun", "job": job}
    (books / "list.json.journal").write_text(json.dumps(line) + "\n")
    return batch(books / "list.json", "-g", "GRP", "-o", books / "out")


def test_a_job_that_a_worker_has_is_not_taken_from_it(books: Path, admin: User) -> None:
    job = request_packing(created(item_of(books), admin), by=admin, at_once=True)
    Job.objects.claim(job.pk)
    until = timezone.now() + timedelta(seconds=2)
    Job.objects.filter(pk=job.pk).update(lease_until=until)

    code = begun(books, job.pk)

    job.refresh_from_db()
    assert (code, job.status, job.attempts) == (Exit.DONE, "completed", 2)
    assert job.started_at
    assert job.started_at >= until
    assert Release.objects.count() == 1


def test_a_journal_of_another_database_names_no_job_of_this_one(books: Path, admin: User) -> None:
    strange = record("sync", by=admin)

    code = begun(books, strange.pk)

    strange.refresh_from_db()
    assert (code, strange.status, Release.objects.count()) == (Exit.DONE, "pending", 1)


def test_an_item_that_no_disk_could_hold_keeps_no_other_from_being_made(
    books: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = listed(books, [{"file": "x" * 300}, {"file": "two.epub"}])

    code = batch(path, "-g", "GRP", "-o", books / "out")

    first, second = capsys.readouterr().out.splitlines()
    assert code == Exit.FAILED
    assert "File name too long" in first
    assert second.startswith(f"two.epub: {books}/out/")


def test_what_is_no_journal_is_left_as_it_is(
    books: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = listed(books, [{"file": "one.epub", "group": "GRP"}])
    (books / "notes.txt").write_text("my notes")

    assert batch(path, "--journal", books / "notes.txt") == Exit.INVALID

    assert "is not the journal of a batch" in capsys.readouterr().err
    assert (books / "notes.txt").read_text() == "my notes"


@pytest.mark.parametrize("number", ["0", "-1", "many", "65"])
def test_only_a_number_of_jobs_is_taken(books: Path, number: str) -> None:
    with pytest.raises(SystemExit) as ended:
        batch(listed(books, []), f"--jobs={number}")

    assert ended.value.code == Exit.INVALID
