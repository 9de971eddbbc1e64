"""A power cut in the middle of a pack: nothing half-made is seen, and the job ends by itself."""

import subprocess
import time
from pathlib import Path

import httpx
import pytest

from releases import packing
from tests.factories import make_book
from tests.instance import Instance, wait_for_job

pytestmark = pytest.mark.slow
LEASE_AND_A_BIT_S = 35


@pytest.fixture
def big_book(tmp_path: Path) -> Path:
    return make_book(tmp_path, size_bytes=150_000_000)


def test_a_job_survives_the_death_of_every_process(instance: Instance, big_book: Path) -> None:
    api = instance.api()
    asking = ask_for_packing(instance, big_book)
    job_id = await_stage(api, "archive")
    asking.kill()
    asking.communicate()

    instance.kill()

    releases = instance.data_dir / "releases"
    assert [path.name for path in releases.iterdir() if not path.name.startswith(".")] == []

    killed_at = time.monotonic()
    instance.start()
    ended = wait_for_job(instance.api(), job_id, seconds=60)

    assert ended["status"] == "completed"
    assert time.monotonic() - killed_at <= LEASE_AND_A_BIT_S
    (name,) = [path.name for path in releases.iterdir() if path.is_dir()]
    assert packing.verify(releases / name).faults == ()
    assert [path for path in releases.iterdir() if path.name.startswith(".")] == []


def test_ctrl_c_stops_everything_and_a_new_start_loses_nothing(instance: Instance) -> None:
    assert instance.run("pack", str(make_book(instance.data_dir)), "-g", "GRP").returncode == 0

    assert instance.stop() == 0
    began = time.monotonic()
    instance.start()

    assert time.monotonic() - began < 20
    assert instance.api().get("/releases").json()["pagination"]["total"] == 1


def test_a_port_that_is_taken_is_said_at_once(instance: Instance) -> None:
    refused = instance.run("serve", "--port", str(instance.port))

    assert refused.returncode == 1
    assert "choose another --port" in refused.stderr
    assert instance.run("serve", "--port", "99999").returncode == 1


def ask_for_packing(instance: Instance, book: Path) -> subprocess.Popen[str]:
    command = instance.command("pack", str(book), "-g", "GRP", "--with-job")
    return subprocess.Popen(
        command, env=instance.environment, cwd=instance.data_dir, stderr=subprocess.PIPE, text=True
    )


def await_stage(api: httpx.Client, stage: str) -> int:
    """Return the number of the first job, as soon as it is at `stage`."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        status = api.get("/wizard/jobs/1/status").json()
        if status.get("stage") == stage:
            return 1
        time.sleep(0.01)
    raise AssertionError(f"no job came to {stage}: {status}")
