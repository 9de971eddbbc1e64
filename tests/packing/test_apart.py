"""Programs run apart, for real: their limits and their end."""

import ctypes
import os
import resource
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from releases.packing import PackingError, confined
from releases.packing.apart import Limits, run
from tests.processes import is_alive, waited_for

ROOT = Path(__file__).parents[2]
MEBIBYTE = 1 << 20


def unheard() -> None:
    pass


def shell(
    script: str, tick: Callable[[], None] = unheard, limits: Limits | None = None
) -> bytes | None:
    return run(["/bin/sh", "-c", script], limits or Limits(file_bytes=100), tick)


def test_run_returns_what_is_printed() -> None:
    assert shell("echo said; echo complained >&2") == b"said\n"
    assert shell("true") == b""


@pytest.mark.parametrize("script", ["echo said; exit 1", "kill -SEGV $$", "exec /no/such/program"])
def test_run_returns_nothing_of_a_program_that_fails(script: str) -> None:
    assert shell(script) is None


def test_run_returns_nothing_of_a_program_that_is_not_there() -> None:
    assert run(["/no/such/program"], Limits(), unheard) is None


def test_run_ends_what_takes_too_long_with_all_its_children(tmp_path: Path) -> None:
    script = f"sleep 60 & echo $! > {tmp_path}/pid; wait"

    assert shell(script, limits=Limits(wall_s=0.5, file_bytes=100)) is None

    grandchild = int((tmp_path / "pid").read_text())
    assert waited_for(lambda: not is_alive(grandchild))


def test_run_ends_what_prints_without_end() -> None:
    assert shell("yes", limits=Limits(wall_s=0.5)) is None


def test_run_does_not_wait_for_who_holds_the_pipe(tmp_path: Path) -> None:
    assert shell(f"sleep 60 & echo $! > {tmp_path}/pid") == b""

    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_run_ends_a_loop_that_uses_the_processor() -> None:
    assert shell("while :; do :; done", limits=Limits(cpu_s=1)) is None


def test_run_lets_no_file_grow_beyond_its_limit(tmp_path: Path) -> None:
    script = f"{sys.executable} -c 'print(\"x\" * 5000)' > {tmp_path}/file"

    assert shell(script, limits=Limits(file_bytes=4096)) is None
    assert (tmp_path / "file").stat().st_size == 4096
    assert shell(script, limits=Limits(file_bytes=8192)) == b""


def test_run_grants_no_more_memory() -> None:
    program = [sys.executable, "-I", "-c", "bytes(400 << 20)"]

    assert run(program, Limits(memory_bytes=300 * MEBIBYTE), unheard) is None
    assert run(program, Limits(memory_bytes=900 * MEBIBYTE), unheard) == b""


def test_the_program_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hunter2")

    assert b"hunter2" not in (shell("env") or b"")
    assert len((shell("ls /proc/self/fd") or b"").split()) == 4  # three, and the folder listed


def test_what_tick_raises_ends_the_program_at_once(tmp_path: Path) -> None:
    def cancel() -> None:
        if (tmp_path / "pid").exists():
            raise OSError("Cancelled")

    with pytest.raises(OSError, match="Cancelled"):
        shell(f"echo $$ > {tmp_path}/new; mv {tmp_path}/new {tmp_path}/pid; exec sleep 60", cancel)

    assert not is_alive(int((tmp_path / "pid").read_text()))


def test_tick_is_called_all_the_time() -> None:
    calls: list[float] = []

    shell("sleep 1", lambda: calls.append(time.monotonic()))

    assert len(calls) > 5


@pytest.fixture
def no_process_left() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", "/no/such/python")
        yield


@pytest.mark.usefixtures("no_process_left")
def test_a_system_that_starts_no_process_is_told() -> None:
    with pytest.raises(PackingError, match=r"No other program can be started \(No such file"):
        shell("true")


def test_the_program_dies_with_who_runs_it(tmp_path: Path) -> None:
    script = f"echo $$ > {tmp_path}/new; mv {tmp_path}/new {tmp_path}/pid; exec sleep 60"
    program = (
        "import sys; from releases.packing.apart import Limits, run;"
        "run(['/bin/sh', '-c', sys.argv[1]], Limits(file_bytes=100), lambda: None)"
    )
    with subprocess.Popen([sys.executable, "-c", program, script], cwd=ROOT) as packer:
        waited_for((tmp_path / "pid").exists)
        packer.kill()

    assert waited_for(lambda: not is_alive(int((tmp_path / "pid").read_text())))


def printed(script: str, parent: int) -> str:
    """Return what `script` prints, confined as a child of the process `parent`."""
    limits = [str(number) for number in (900 * MEBIBYTE, 10, 0, parent)]
    command = [sys.executable, confined.__file__, *limits, "/bin/sh", "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_the_process_leaves_if_the_parent_has_gone() -> None:
    assert printed("echo still here", parent=1) == ""
    assert printed("ulimit -f; ulimit -t; ulimit -c", parent=os.getpid()).split() == [
        "0",
        "10",
        "0",
    ]


class Became(Exception):
    pass


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """The limits that the script would set, were it not run in this very process."""

    def execv(program: str, command: list[str]) -> None:
        raise Became(program, command)

    limits: list[tuple[object, ...]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda *limit: limits.append(limit))
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace(prctl=lambda *call: 0))
    monkeypatch.setattr(signal, "signal", lambda number, act: None)
    monkeypatch.setattr(os, "execv", execv)
    return limits


def run_script(parent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["", "1", "2", "3", str(parent), "/bin/true", "x"])
    runpy.run_path(confined.__file__, run_name="__main__")


@pytest.mark.parametrize("platform", ["linux", "other"])
def test_the_script_sets_every_limit_before_it_is_the_command(
    monkeypatch: pytest.MonkeyPatch, limited: list[tuple[object, ...]], platform: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)

    with pytest.raises(Became) as became:
        run_script(os.getppid(), monkeypatch)

    assert became.value.args == ("/bin/true", ["/bin/true", "x"])
    assert limited == [
        (resource.RLIMIT_AS, (1, 1)),
        (resource.RLIMIT_CPU, (2, 2)),
        (resource.RLIMIT_FSIZE, (3, 3)),
        (resource.RLIMIT_CORE, (0, 0)),
    ]


def test_the_script_asks_for_no_more_than_the_system_grants(
    monkeypatch: pytest.MonkeyPatch, limited: list[tuple[object, ...]]
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda limit: (2, 2))

    with pytest.raises(Became):
        run_script(os.getppid(), monkeypatch)

    assert [bounds for _, bounds in limited] == [(1, 1), (2, 2), (2, 2), (0, 0)]


@pytest.mark.usefixtures("limited")
def test_the_script_is_no_command_of_another_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit):
        run_script(os.getpid(), monkeypatch)
