"""What the documents of backups and upgrades show is run as it stands, in their order."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from packer_site import commands
from tests.instance import ROOT, Instance

NAME = "packer-20260102T030405Z"
"""Of the backup in the documents."""


def blocks(document: str) -> list[list[str]]:
    """Return what is typed in each example of `document`."""
    text = (ROOT / "docs" / document).read_text()
    examples = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [re.findall(r"^\$ ([^#\n].*)$", example, re.MULTILINE) for example in examples]


def run(script: list[str], instance: Instance, srv: Path, name: str = NAME) -> str:
    packer = Path(sys.executable).parent
    text = "\n".join(script).replace("/srv/", f"{srv}/").replace(NAME, name)
    done = subprocess.run(
        ["bash", "-euc", text],
        env=instance.environment | {"PATH": f"{packer}:{os.environ['PATH']}"},
        cwd=instance.data_dir,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_commands_of_the_documents_do_what_they_say(tmp_path: Path, seeded_file: Path) -> None:
    srv = tmp_path / "srv"
    srv.mkdir()
    (tmp_path / "data").mkdir()
    shutil.copy(seeded_file, tmp_path / "data" / "db.sqlite3")
    instance = Instance(tmp_path / "data")
    backup, restore, drill, check = blocks("backup.md")
    (upgrade,) = blocks("upgrade.md")

    made = Path(run(backup, instance, srv).splitlines()[0])
    *shown, serve = drill
    told = run(shown, instance, srv, made.name)
    run(check, instance, srv)
    run(upgrade, instance, srv)

    assert "are restored" in told
    assert (srv / "drill" / "db.sqlite3").exists()
    assert set(restore) < set(drill)
    assert made in (srv / "backups").iterdir()
    words = serve.split()[1:]
    assert commands.parser(commands.COMMANDS["serve"]).parse_args(words).no_worker
