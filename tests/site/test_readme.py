"""What the README shows is run as it stands."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.instance import PASSWORD, Instance, wait_for_job

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


@pytest.mark.slow
def test_the_program_of_the_readme_makes_a_release(instance: Instance) -> None:
    block = re.search(r"## From a program\n\n```sh\n(.*?)```", README, re.DOTALL)
    assert block
    script = block[1].replace("http://127.0.0.1:8000", instance.url)

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=instance.environment | {"PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    status, releases = re.findall(r"\{.*?\}(?=\{|$)", done.stdout.replace("}{", "}\n{"), re.M)[-2:]
    job = json.loads(status)["job_id"]
    assert wait_for_job(instance.api(), job)["status"] == "completed"
    assert json.loads(releases)["pagination"]["total"] == 1


def test_the_readme_names_every_target_that_it_tells_to_use() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)

    for target in re.findall(r"`make ([a-z]+)", README):
        assert target in targets
