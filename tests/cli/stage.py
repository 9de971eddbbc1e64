"""An instance that is served, and the ways to it: from this machine and from elsewhere."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from cli.exits import Exit
from tests.instance import PASSWORD, ROOT, Instance, own_database

FILL = "import django; django.setup(); from tests.cli.scenery import fill; fill()"
RULE = "E-Book rules of 2023\n\n1) All text is ours.\n"


class Case(NamedTuple):
    line: str
    code: Exit = Exit.DONE
    golden: bool = True
    french: bool = False
    user: str = "admin"


class Stage(NamedTuple):
    """A served instance, and how commands reach it from here and from elsewhere."""

    instance: Instance
    tokens: dict[str, str]
    """Of a login of each person."""
    personal: dict[str, str]
    """Those that people make for their programs, with all that they may do."""
    folder: Path

    def environment(self, mode: str) -> dict[str, str]:
        if mode == "local":
            return self.instance.environment
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        there = {"PACKER_ENV_FILE": os.devnull, "PACKER_URL": self.instance.url}
        return kept | there | {"DATA_DIR": str(self.folder / "elsewhere")}

    def command(self, mode: str, case: Case) -> tuple[dict[str, str], list[str]]:
        language = {"LANG": "fr_FR.UTF-8" if case.french else "C.UTF-8"}
        if mode == "remote":
            return language | {"PACKER_TOKEN": self.tokens[case.user]}, case.line.split()
        acting = (
            [] if case.line.startswith("templates") or case.user == "admin" else ["--as", "ann"]
        )
        return language, [*case.line.split(), *acting]

    def ran(self, mode: str, *cases: Case) -> list[dict[str, Any]]:
        commands = [self.command(mode, case) for case in cases]
        done = subprocess.run(
            [sys.executable, "-m", "tests.cli.driver"],
            input=json.dumps(commands),
            env=self.environment(mode) | {"PYTHONPATH": str(ROOT)},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        results: list[dict[str, Any]] = json.loads(done.stdout)
        return results


def login(instance: Instance, username: str) -> str:
    answer = httpx.post(
        f"{instance.url}/api/auth/login", json={"username": username, "password": PASSWORD}
    )
    return str(answer.json()["access_token"])


@contextmanager
def served_stage(data: Path, folder: Path) -> Iterator[Stage]:
    """Serve an instance with people, jobs and destinations; commands run in `folder`."""
    (folder / "weak").write_text("weak\n")
    (folder / "good").write_text("Secret-12345\n")
    (folder / "2023_FR_EBOOK.nfo").write_text(RULE)
    with own_database() as url:
        instance = Instance(data, url)
        instance.run("setup")
        filled = subprocess.run(
            [sys.executable, "-c", FILL],
            env=instance.environment
            | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "packer_site.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert filled.returncode == 0, filled.stderr
        instance.start()
        try:
            personal = json.loads(filled.stdout)
            tokens = {name: login(instance, name) for name in personal}
            yield Stage(instance, tokens, personal, folder)
        finally:
            instance.stop()
