"""The processes that read files, tested for real: their limits, their end, what they may print."""

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
from typing import Any

import pytest

from releases.metadata import (
    Analysis,
    AnalysisError,
    Limits,
    analyse,
    analyse_all_apart,
    analyse_apart,
    apart,
    read_apart,
)
from releases.metadata.__main__ import WARM_FROM
from releases.metadata.apart import OUTPUT_LIMIT
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


def test_analyse_apart_ends_when_time_is_out(book: Path) -> None:
    with pytest.raises(AnalysisError, match=r"took more than 0\.001 s") as caught:
        analyse_apart(book, timeout_s=0.001)

    assert caught.value.values == {"name": "book.epub", "seconds": 0.001}
    assert readers_of(book) == set()


@pytest.mark.parametrize("script", ["sleep 60 & sleep 60", "exec 1>&-; exec sleep 60"])
def test_analyse_apart_outlives_a_process_that_keeps_no_time(
    book: Path, impostor: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(apart, "PATIENCE_S", 0.1)
    impostor(script)
    begun = time.monotonic()

    with pytest.raises(AnalysisError, match=r"took more than 0\.2 s|could not be read"):
        analyse_apart(book, timeout_s=0.2)

    assert time.monotonic() - begun < 30
    assert readers_of(book) == set()


def test_analyse_apart_ends_the_children_of_the_process(
    book: Path, impostor: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "PATIENCE_S", 0)
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


def test_a_system_that_starts_no_process_is_told_of(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(book))

    first, second = analyse_all_apart([book, book])

    assert "book.epub could not be read: no other program" in str(first)
    assert "(Permission denied)" in str(second)


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


def test_confine_lets_no_program_gain_rights() -> None:
    status = "print(pathlib.Path('/proc/self/status').read_text())"

    assert "NoNewPrivs:\t1" in confined(f"import pathlib; {status}").stdout


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_confined(pid: int) -> bool:
    try:
        return bool(re.search(r"Max file size +0 ", Path(f"/proc/{pid}/limits").read_text()))
    except FileNotFoundError:
        return False


def test_process_and_child_die_with_who_started_them(pipe: Path) -> None:
    """Killed while the child waits for a pipe that nobody writes to."""
    program = "import subprocess, sys; subprocess.run([sys.executable, '-B', '-m', *sys.argv[1:]])"
    command = [sys.executable, "-c", program, "releases.metadata", str(pipe)]
    with subprocess.Popen(command, cwd=ROOT) as starter:
        waited_for(lambda: children_of(starter.pid))
        (process,) = children_of(starter.pid)
        waited_for(lambda: any(map(is_confined, children_of(process))))
        (child,) = children_of(process)
        starter.kill()

    assert waited_for(lambda: not is_alive(child))
    assert waited_for(lambda: not is_alive(process))


def lines_of(*arguments: object, code: str = "pass") -> list[tuple[Any, ...]]:
    """Run the process, after `code`; return what each of its lines says that reading came to."""
    program = f"from releases.metadata import __main__ as process, child; {code}; process.main()"
    command = [sys.executable, "-B", "-c", program, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    lines = [line.split(b"\t") for line in done.stdout.splitlines()]
    return [(json.loads(head)["came"], *map(json.loads, told)) for head, *told in lines]


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """What takes for ever to read."""
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def test_a_file_that_takes_for_ever_costs_no_other(book: Path, pipe: Path) -> None:
    first, slow, last = lines_of(book, pipe, book, "--timeout-s=1")

    assert first == last == ("analysis", analyse(book).as_json())
    assert slow == ("time",)


def test_a_child_that_dies_costs_no_other(book: Path, pipe: Path) -> None:
    command = [sys.executable, "-B", "-m", "releases.metadata", str(pipe), str(book)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        waited_for(lambda: any(map(is_confined, children_of(process.pid))))
        os.kill(min(children_of(process.pid)), signal.SIGKILL)  # begun first: it waits at the pipe
        assert process.stdout
        came = [json.loads(line.split(b"\t")[0])["came"] for line in process.stdout]

    assert came == ["crash", "analysis"]


@pytest.mark.parametrize(
    ("reading", "came"),
    [
        ("raise MemoryError", "memory"),
        ("raise SystemExit", "crash"),
        ("import os; os.abort()", "crash"),
        ("pass", "crash"),
        ("pipe.write(b'not the end')", "crash"),
        ("pipe.write(b'{}' * (2 << 20))", "output"),
        ("import os; os.close(pipe.fileno()); import time; time.sleep(60)", "crash"),
    ],
)
def test_what_ended_a_child_is_told(book: Path, reading: str, came: str) -> None:
    code = f"exec({f'def tell(errand, pipe): {reading}'!r}); child._tell = tell"

    assert lines_of(book, book, code=code) == [(came,), (came,)]


def test_what_a_reader_prints_goes_nowhere(book: Path) -> None:
    code = (
        "import os; tell = child._tell;"
        "child._tell = lambda errand, pipe: (print('noise', flush=True),"
        " os.system('echo noise'), tell(errand, pipe))"
    )

    assert lines_of(book, code=code) == [("analysis", analyse(book).as_json())]


def test_what_a_reader_started_ends_with_it(book: Path) -> None:
    code = (
        "import subprocess;"
        "begin = lambda: subprocess.Popen(['sleep', '60']).pid;"
        "child._tell = lambda errand, pipe: (pipe.write(b'%d\\n' % begin()), pipe.flush())"
    )

    ((came, started),) = lines_of(book, code=code)

    assert came == "analysis"
    assert waited_for(lambda: not is_alive(int(str(started))))


def test_analyse_all_apart_answers_in_order(book: Path, tmp_path: Path) -> None:
    film = make_video(tmp_path / "film.mkv")
    paths = [film, tmp_path / "none", book, tmp_path, film, book]

    answers = list(analyse_all_apart(paths))

    assert [str(answers[1]), str(answers[3])] == [
        "none is not a file: choose another",
        f"{tmp_path.name} is not a file: choose another",
    ]
    assert answers[0] == answers[4] == analyse(film)
    assert answers[2] == answers[5] == analyse(book)


def test_analyse_all_apart_goes_on_after_any_failure(book: Path, tmp_path: Path) -> None:
    """The second file needs more memory than it may have; the third ends the process itself."""
    package = make_package().replace("</metadata>", "<a/>" * 1_900_000 + "</metadata>")
    greedy = make_epub(tmp_path / "greedy.epub", entries={PACKAGE: package.encode()})
    answers = analyse_all_apart([book, greedy, book, book], memory_bytes=150 << 20)

    first, second = next(answers), next(answers)
    os.kill(readers_of(book).pop(), signal.SIGKILL)
    rest = list(answers)

    assert first == analyse(book)
    assert "greedy.epub needs more than 150 MiB" in str(second)
    assert rest[-1] == first
    assert len(rest) == 2


def test_more_files_than_one_command_takes_are_read_by_several(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "BATCH", 2)

    assert list(analyse_all_apart([book] * 5)) == [analyse(book)] * 5


def test_who_stops_asking_leaves_no_process(book: Path) -> None:
    answers = read_apart([book] * (2 * WARM_FROM))
    next(answers)

    answers.close()  # type: ignore[attr-defined]  # it is a generator

    assert readers_of(book) == set()


def test_a_warm_process_has_loaded_what_reads_before_the_first_file(tmp_path: Path) -> None:
    """What each child had to load anew would cost its file, and every other, that time."""
    for number in range(WARM_FROM):
        make_epub(tmp_path / f"{number}.epub", isbn="0306406152")
        make_video(tmp_path / f"{number}.mkv")
        (tmp_path / f"{number}.txt").write_bytes("Été".encode("cp1252"))
    program = (
        "import pathlib, sys; from releases.metadata import __main__ as process, analyse;"
        "paths = list(pathlib.Path(sys.argv[1]).iterdir());"
        "process.warm(paths); loaded = set(sys.modules);"
        "[analyse(path) for path in paths];"
        "late = {name for name in set(sys.modules) - loaded if not name.startswith('encodings.')};"
        "assert not late, late"
    )

    subprocess.run([sys.executable, "-B", "-c", program, tmp_path], cwd=ROOT, check=True)


def test_a_reading_says_what_it_took(book: Path) -> None:
    (reading,) = read_apart([book], limits=Limits(timeout_s=20))

    assert isinstance(reading.outcome, Analysis)
    assert 0 < reading.seconds < 20
    assert 5 << 20 < reading.rss_bytes < 200 << 20


def test_a_process_that_is_granted_less_analyses_within_that(book: Path) -> None:
    code = (
        "import resource, sys, pathlib\n"
        "from releases.metadata import analyse_apart\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (5, 5))\n"
        "assert analyse_apart(pathlib.Path(sys.argv[1])).format == 'epub'\n"
    )

    subprocess.run([sys.executable, "-c", code, book], cwd=ROOT, check=True)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one processor reads one file")
def test_files_are_read_side_by_side_and_told_in_order(book: Path, pipe: Path) -> None:
    command = [sys.executable, "-B", "-m", "releases.metadata", str(pipe), str(book), str(book)]
    seen, alive = set[int](), set[int]()

    def first_waits_alone() -> bool:
        """Tell whether others read beside it, and are done; a library may start programs, too."""
        alive.clear()
        alive.update(filter(is_confined, children_of(process.pid)))
        seen.update(alive)
        return len(seen) > 1 and len(alive) == 1

    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert waited_for(first_waits_alone)
        os.kill(alive.pop(), signal.SIGKILL)
        assert process.stdout
        came = [json.loads(line.split(b"\t")[0])["came"] for line in process.stdout]

    assert came == ["crash", "analysis", "analysis"]
