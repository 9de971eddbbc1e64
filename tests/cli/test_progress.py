import json
import re
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal, plain
from tests.factories import make_book
from tests.instance import ROOT, Instance

pytestmark = pytest.mark.slow
SLOW_STAGE = """
import time, django
django.setup()
from cli.progress import watched
with watched(quiet=False) as heard:
    for second in range(11):
        heard("archive", second * 4_000_000, 40_000_000)
        time.sleep(0.1)
"""
RATE, TIME = r"\d+\.\d [kMG]B/s", r"\d:\d\d:\d\d"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return make_book(tmp_path, size_bytes=30_000_000)


def pack(instance: Instance, book: Path, *more: str) -> list[str]:
    into = str(book.parent / "out")
    allowed = "--allow-duplicate"  # other tests packed it here as well
    return instance.command("pack", str(book), "-g", "GRP", "-o", into, allowed, *more)


def test_a_terminal_shows_stage_rate_and_time(instance: Instance, book: Path) -> None:
    code, written = Terminal(pack(instance, book), instance.environment).rest()

    assert code == 0
    assert re.search(rf"writing the volumes .*30\.\d/30\.\d MB +{RATE} +{TIME}", plain(written))
    assert re.search(rf"reading all back .* {RATE} +{TIME}", plain(written))


def test_the_bars_are_gone_when_all_is_done(instance: Instance, book: Path) -> None:
    _, written = Terminal(pack(instance, book), instance.environment).rest()

    assert (
        written.rstrip().split("\x1b[2K")[-1]
        == f"{book.parent}/out/Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP"
    )
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == 1


def test_the_time_left_is_told_while_a_stage_goes_on(instance: Instance) -> None:
    settings = {"DJANGO_SETTINGS_MODULE": "packer_site.settings", "PYTHONPATH": str(ROOT)}

    command = [sys.executable, "-c", SLOW_STAGE]
    code, written = Terminal(command, instance.environment | settings).rest()

    drawn = re.findall(rf"(\d+\.\d)/40\.0 MB +{RATE} +({TIME})", plain(written))
    assert code == 0
    assert len({done for done, _ in drawn}) >= 3  # of four in the second that it lasts
    assert {"0:00:01"} <= {left for _, left in drawn}


@pytest.mark.parametrize(("kind", "width"), [("xterm", 30), ("dumb", 80), ("xterm-mono", 60)])
def test_poor_terminals_are_served_too(
    instance: Instance, book: Path, kind: str, width: int
) -> None:
    terminal = {"TERM": kind, "NO_COLOR": "1"}

    code, written = Terminal(pack(instance, book), instance.environment | terminal, width).rest()

    lines = plain(written).split()
    bars = [line for line in plain(written).splitlines() if "B/s" in line]
    assert (code, lines[-1]) == (
        0,
        f"{book.parent}/out/Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP",
    )
    assert all(len(line) <= width for line in bars)
    assert bool(bars) == (kind != "dumb")


def test_a_pipe_hears_the_answer_alone(instance: Instance, book: Path) -> None:
    done = instance.run(*pack(instance, book)[3:])
    checked = instance.run("verify", done.stdout.strip())

    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1
    assert (checked.returncode, checked.stderr) == (0, "")


def test_json_is_alone_on_a_terminal(instance: Instance, book: Path) -> None:
    code, written = Terminal(pack(instance, book, "--json"), instance.environment).rest()

    assert code == 0
    assert json.loads(written)["volumes"] == 7


def test_verify_shows_how_far_it_is(instance: Instance, book: Path) -> None:
    made = instance.run(*pack(instance, book)[3:]).stdout.strip()

    code, written = Terminal(instance.command("verify", made), instance.environment).rest()

    assert code == 0
    assert re.search(rf"reading all back .* {RATE} +{TIME}", plain(written))
    assert "All is right." in written
