"""The child process, tested for real: its limits, its end, and what it may print."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from releases.metadata import AnalysisError, analyse, analyse_apart
from releases.metadata.child import OUTPUT_LIMIT
from tests.books import PACKAGE, make_epub, make_package, make_video
from tests.processes import is_alive, waited_for

ROOT = Path(__file__).parents[2]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return make_epub(tmp_path / "book.epub")


@pytest.fixture
def impostor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a shell script in the place of the Python that reads."""

    def replace(script: str) -> None:
        program = tmp_path / "python"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))

    return replace


def readers_of(path: Path) -> set[int]:
    """Our children whose command names `path`; the suite may have others."""
    tasks = Path("/proc/self/task").glob("*/children")
    pids = {pid for task in tasks for pid in task.read_text().split()}
    return {int(pid) for pid in pids if os.fsencode(path) in command_of(pid)}


def command_of(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def test_analyse_apart_says_what_analyse_says(book: Path, tmp_path: Path) -> None:
    film = make_video(tmp_path / "film.mkv", title="Été")

    assert analyse_apart(book) == analyse(book)
    assert analyse_apart(film) == analyse(film)


@pytest.mark.parametrize("name", ["-h.epub", "été.epub", "a\nb.epub", os.fsdecode(b"\xff.epub")])
def test_analyse_apart_takes_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    make_epub(tmp_path / name)
    monkeypatch.chdir(tmp_path)

    assert analyse_apart(Path(name)).valid


@pytest.mark.parametrize("kind", ["nothing", "folder", "pipe"])
def test_analyse_apart_refuses_what_is_no_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "thing"
    if kind == "folder":
        path.mkdir()
    if kind == "pipe":
        os.mkfifo(path)

    with pytest.raises(AnalysisError, match=r"^thing is not a file: choose another$"):
        analyse_apart(path)


def test_analyse_apart_ends_when_time_is_out(book: Path, impostor: Callable[[str], None]) -> None:
    impostor("sleep 60 & sleep 60")
    begun = time.monotonic()

    with pytest.raises(AnalysisError, match=r"took more than 0\.2 s") as caught:
        analyse_apart(book, timeout_s=0.2)

    assert time.monotonic() - begun < 30
    assert caught.value.values == {"name": "book.epub", "seconds": 0.2}
    assert readers_of(book) == set()


def test_analyse_apart_ends_a_child_that_prints_and_stays(
    book: Path, impostor: Callable[[str], None]
) -> None:
    impostor("exec 1>&-; exec sleep 60")

    with pytest.raises(AnalysisError, match="took more than"):
        analyse_apart(book, timeout_s=0.2)


def test_analyse_apart_ends_the_children_of_the_child(
    book: Path, impostor: Callable[[str], None], tmp_path: Path
) -> None:
    impostor(f"sleep 60 & echo $! > {tmp_path}/pid; wait")

    with pytest.raises(AnalysisError):
        analyse_apart(book, timeout_s=0.3)

    grandchild = int((tmp_path / "pid").read_text())
    assert waited_for(lambda: not is_alive(grandchild))


def test_analyse_apart_tells_of_memory_that_does_not_suffice(tmp_path: Path) -> None:
    """Two million elements, within the size that is read, need hundreds of megabytes."""
    package = make_package().replace("</metadata>", "<a/>" * 1_900_000 + "</metadata>")
    path = make_epub(tmp_path / "book.epub", entries={PACKAGE: package.encode()})

    with pytest.raises(AnalysisError, match="needs more than 150 MiB of memory") as caught:
        analyse_apart(path, memory_bytes=150 << 20)

    assert caught.value.template.startswith("%(name)s needs")


def test_analyse_apart_survives_the_death_of_the_child(book: Path) -> None:
    caught: list[Exception] = []

    def run() -> None:
        try:
            analyse_apart(book)
        except AnalysisError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert waited_for(lambda: readers_of(book))
    os.kill(readers_of(book).pop(), signal.SIGKILL)
    thread.join()

    assert "book.epub could not be read" in str(caught[0])


@pytest.mark.parametrize(
    "script",
    [
        "echo garbage",
        "true",
        "exit 1",
        "kill -SEGV $$",
        "echo null",
        "echo '{}'",
        "printf '\\377\\376'",
        "printf '[%.0s' $(seq 100000)",
        "cat /dev/zero",
    ],
)
def test_analyse_apart_refuses_garbage(
    book: Path, impostor: Callable[[str], None], script: str
) -> None:
    impostor(script)

    with pytest.raises(AnalysisError, match=r"book\.epub could not be read"):
        analyse_apart(book)

    assert readers_of(book) == set()


def test_analyse_apart_shows_no_one_what_the_child_complains_of(
    book: Path, impostor: Callable[[str], None], capfd: pytest.CaptureFixture[str]
) -> None:
    impostor("echo secret >&2; exit 1")

    with pytest.raises(AnalysisError) as caught:
        analyse_apart(book)

    assert "secret" not in str(caught.value) + "".join(capfd.readouterr())


def test_the_child_inherits_no_secret(
    book: Path, impostor: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRET_KEY", "hunter2")
    impostor(f"env > {tmp_path}/env; ls /proc/self/fd > {tmp_path}/fds")

    with pytest.raises(AnalysisError):
        analyse_apart(book)

    assert "hunter2" not in (tmp_path / "env").read_text()
    assert len((tmp_path / "fds").read_text().split()) == 4  # three, and the folder being listed


def test_the_longest_answer_passes(tmp_path: Path) -> None:
    entries = {f"{number:04}" + "😀" * 300: b"" for number in range(2_500)}
    description = "😀" * 20_000
    statements = f"<dc:description>{description}</dc:description>"
    path = make_epub(tmp_path / "book.epub", entries=entries, statements=statements)

    answer = json.dumps(analyse_apart(path).as_json(), ensure_ascii=False).encode()

    assert 1_000_000 < len(answer) < OUTPUT_LIMIT


def confined(code: str, **limits: int) -> "subprocess.CompletedProcess[str]":
    """Run `code` after `confine`."""
    given = {"memory_bytes": 512 << 20, "cpu_s": 10, "parent": os.getpid()} | limits
    program = f"from releases.metadata.child import confine; confine(**{given}); {code}"
    return subprocess.run(
        [sys.executable, "-B", "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_confine_lets_no_file_be_written(tmp_path: Path) -> None:
    done = confined(f"import pathlib; pathlib.Path({str(tmp_path / 'evil')!r}).write_text('x')")

    assert "File too large" in done.stderr
    assert (tmp_path / "evil").read_text() == ""


def test_confine_ends_a_loop() -> None:
    begun = time.monotonic()

    done = confined("exec('while True: pass')", cpu_s=1)

    assert done.returncode in {-signal.SIGXCPU, -signal.SIGKILL}
    assert time.monotonic() - begun < 30


def test_confine_grants_no_more_memory() -> None:
    assert "MemoryError" in confined("bytes(600 << 20)").stderr


def test_confine_leaves_if_the_parent_has_gone() -> None:
    assert confined("print('still here')", parent=1).stdout == ""


def test_the_child_dies_with_its_parent(tmp_path: Path) -> None:
    """The parent is killed while its child waits for a pipe that nobody writes to."""
    os.mkfifo(tmp_path / "pipe")
    program = "import subprocess, sys; subprocess.run([sys.executable, '-B', '-m', *sys.argv[1:]])"
    command = [sys.executable, "-c", program, "releases.metadata", str(tmp_path / "pipe")]
    with subprocess.Popen(command, cwd=ROOT) as parent:
        listing = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
        waited_for(listing.read_text)
        child = int(listing.read_text())
        limits = Path(f"/proc/{child}/limits")
        is_confined = waited_for(lambda: re.search(r"Max file size +0 ", limits.read_text()))
        parent.kill()

    assert is_confined
    assert waited_for(lambda: not is_alive(child))


def test_a_process_that_is_granted_less_analyses_within_that(book: Path) -> None:
    code = (
        "import resource, sys, pathlib\n"
        "from releases.metadata import analyse_apart\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (5, 5))\n"
        "assert analyse_apart(pathlib.Path(sys.argv[1])).format == 'epub'\n"
    )

    subprocess.run([sys.executable, "-c", code, book], cwd=ROOT, check=True)
