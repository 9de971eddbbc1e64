import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from accounts import logs
from accounts.logs import Log, SharedFile
from accounts.system import MEMORY
from tests.instance import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """The log of a process that just began, as it was again afterwards."""
    former = {name: logging.getLogger(name).level for name in logs.FOLLOWING}
    begun = Log()
    monkeypatch.setattr(logs, "LOG", begun)
    yield begun
    MEMORY.keep({})
    begun.follow()
    for name, level in former.items():
        logging.getLogger(name).setLevel(level)


def test_a_level_that_is_set_is_followed(log: Log) -> None:
    MEMORY.keep({"logs.level": "DEBUG"})
    log.follow()
    assert logging.getLogger("accounts").isEnabledFor(logging.DEBUG)

    MEMORY.keep({"logs.level": "ERROR"})
    log.follow()
    assert not logging.getLogger("accounts").isEnabledFor(logging.WARNING)


def test_a_log_that_nobody_set_is_left_alone(log: Log) -> None:
    logging.getLogger().setLevel(logging.INFO)
    log.follow()

    assert logging.getLogger().level == logging.INFO


def test_a_folder_has_a_file_in_the_style_that_is_set(log: Log, tmp_path: Path) -> None:
    MEMORY.keep({"paths.logs": f"{tmp_path}/log", "logs.format": "JSON", "logs.level": "INFO"})
    log.follow()
    logging.getLogger("accounts").info("one\nline")

    (line,) = (tmp_path / "log" / "packer.log").read_text().splitlines()
    told = json.loads(line)
    assert (told["level"], told["message"]) == ("INFO", "one\nline")
    assert "request_id" in told

    MEMORY.keep({"paths.logs": f"{tmp_path}/log", "logs.format": "TEXT", "logs.level": "INFO"})
    log.follow()
    logging.getLogger("accounts").info("two\nlines")
    last = (tmp_path / "log" / "packer.log").read_text().splitlines()[1:]
    assert len(last) == 1
    assert "two\\nlines" in last[0]


def test_the_file_is_left_when_its_folder_is_taken_away(log: Log, tmp_path: Path) -> None:
    MEMORY.keep({"paths.logs": str(tmp_path), "logs.level": "INFO"})
    log.follow()
    MEMORY.keep({"logs.level": "INFO"})
    log.follow()
    logging.getLogger("accounts").info("elsewhere")

    assert not (tmp_path / "packer.log").exists()
    assert not any(isinstance(one, SharedFile) for one in logging.getLogger().handlers)


def test_a_folder_that_cannot_be_had_costs_a_warning(
    log: Log, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    MEMORY.keep({"paths.logs": f"{tmp_path}/file/logs"})
    log.follow()

    assert "No log can be kept in" in caplog.text


def test_a_request_is_logged_without_its_query(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "accounts.logs"):
        Client().get("/accounts/login/?next=canary")
        Client().get("/livez")

    (line,) = [one.getMessage() for one in caplog.records if one.name == "accounts.logs"]
    assert line.startswith("GET /accounts/login/ ")
    assert "canary" not in line


WRITER = """
import logging, sys
from pathlib import Path
from accounts.logs import SharedFile
handler = SharedFile(Path(sys.argv[1]), 5000, 100)
logger = logging.getLogger("writer")
logger.propagate = False
logger.addHandler(handler)
for number in range(200):
    logger.warning("%s line %d of some length, to fill the file", sys.argv[2], number)
"""


@pytest.mark.slow
def test_processes_that_write_at_once_lose_no_line(tmp_path: Path) -> None:
    path = tmp_path / "packer.log"
    setup = "import django; django.setup()\n"
    command = [sys.executable, "-c", setup + WRITER, str(path)]
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": "/usr/bin:/bin"}
    writers = [
        subprocess.Popen([*command, name], cwd=ROOT, env=environment) for name in ("a", "b", "c")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]

    files = [one for one in tmp_path.glob("packer.log*") if one.suffix != ".lock"]
    lines = [line for one in files for line in one.read_text().splitlines()]
    assert len(files) > 5
    assert all(one.stat().st_size <= 5000 for one in files)
    assert sorted(lines) == sorted(
        f"{name} line {number} of some length, to fill the file"
        for name in ("a", "b", "c")
        for number in range(200)
    )
