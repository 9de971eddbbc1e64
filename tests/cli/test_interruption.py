import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import Terminal
from tests.factories import make_book
from tests.instance import ROOT, Instance, running_instance, wait_for_job

pytestmark = pytest.mark.slow
NAME = "Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP"
PATIENCE_S = 5.0
JOBS = """
from jobs.models import Job
print(*Job.objects.order_by("pk").values_list("status", flat=True))
"""

ALLOWED = "--allow-duplicate"  # other tests packed the book here as well


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def command(
    instance: Instance, folder: Path, out: Path, *more: str, size_bytes: int = 150_000_000
) -> list[str]:
    """Return the command that packs a book too large to be done at once."""
    book = make_book(folder, size_bytes=size_bytes)
    return instance.command("pack", str(book), "-g", "GRP", "-o", str(out), ALLOWED, *more)


def started(command: list[str], instance: Instance) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command, env=instance.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for_volume(out: Path, packing: "subprocess.Popen[Any]") -> None:
    """Wait until a workshop in `out` holds the beginning of a release."""
    while not any(out.glob(f".{NAME}.*/*/*")):
        assert packing.poll() is None, "it is over"
        time.sleep(0.002)


def jobs(instance: Instance) -> list[str]:
    """Return how the jobs stand, the newest last; none is active."""
    shell = [sys.executable, str(ROOT / "manage.py"), "shell", "--verbosity", "0", "-c", JOBS]
    done = subprocess.run(
        shell, env=instance.environment, capture_output=True, text=True, check=True
    )
    statuses = done.stdout.split()
    assert not {"pending", "running"} & set(statuses)
    return statuses


@pytest.mark.parametrize(
    ("signals", "code"),
    [
        ([signal.SIGINT], 130),
        ([signal.SIGTERM], 143),
        ([signal.SIGINT, signal.SIGINT, signal.SIGTERM], 130),
    ],
)
def test_a_signal_leaves_nothing(
    instance: Instance, tmp_path: Path, out: Path, signals: list[signal.Signals], code: int
) -> None:
    packing = started(command(instance, tmp_path, out), instance)
    wait_for_volume(out, packing)

    for number in signals:
        packing.send_signal(number)
    said, errors = packing.communicate(timeout=PATIENCE_S)

    assert (packing.returncode, said, errors) == (code, "", "")
    assert list(out.iterdir()) == []
    assert jobs(instance)[-1] == "cancelled"


def test_the_same_command_does_it_after_an_interruption(
    instance: Instance, tmp_path: Path, out: Path
) -> None:
    ask = command(instance, tmp_path, out)
    packing = started(ask, instance)
    wait_for_volume(out, packing)
    packing.send_signal(signal.SIGINT)
    packing.communicate(timeout=PATIENCE_S)

    again = started(ask, instance)

    assert again.communicate(timeout=120) == (f"{out / NAME}\n", "")


def test_ctrl_c_at_a_terminal_leaves_it_clean(
    instance: Instance, tmp_path: Path, out: Path
) -> None:
    terminal = Terminal(command(instance, tmp_path, out), instance.environment)
    wait_for_volume(out, terminal.process)

    terminal.press(b"\x03")
    code, written = terminal.rest()

    assert code == 130
    assert "Traceback" not in written
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")
    assert list(out.iterdir()) == []
    assert jobs(instance)[-1] == "cancelled"


def test_a_batch_stops_at_the_item_that_is_interrupted(
    instance: Instance, tmp_path: Path, out: Path
) -> None:
    items = [
        {"file": str(make_book(tmp_path, title="First"))},
        {"file": str(make_book(tmp_path, size_bytes=150_000_000))},
        {"file": str(make_book(tmp_path, title="Third"))},
    ]
    path = tmp_path / "list.json"
    path.write_text(json.dumps(items))
    batch = ["batch", str(path), "-g", "GRP", "-o", str(out), "--no-sfv", ALLOWED]
    packing = started(instance.command(*batch), instance)
    wait_for_volume(out, packing)

    packing.send_signal(signal.SIGINT)
    said, errors = packing.communicate(timeout=PATIENCE_S)

    assert (packing.returncode, len(said.splitlines())) == (130, 1)
    assert errors == "The same command goes on where this one was interrupted.\n"
    assert [folder.name for folder in out.iterdir()] == [
        "Ann.Author.First.2020.RETAiL.ePUB.eBook-GRP"
    ]
    assert jobs(instance)[-2:] == ["completed", "cancelled"]


def test_an_interrupted_wait_cancels_the_job_of_the_worker(tmp_path: Path, out: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with running_instance(data) as instance:
        packing = command(instance, tmp_path, out, "--with-job", size_bytes=260_000_000)
        waiting = started(packing, instance)
        wait_for_volume(out, waiting)

        waiting.send_signal(signal.SIGINT)
        said = waiting.communicate(timeout=PATIENCE_S)

        assert (waiting.returncode, *said) == (130, "", "")
        assert wait_for_job(instance.api(), 1)["status"] == "cancelled"
        assert list(out.iterdir()) == []
