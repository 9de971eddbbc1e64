"""What exists is documented, by its name."""

import re
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

from packer_site.commands import COMMANDS
from releases import templating
from releases.actions.making import METADATA_FIELDS
from releases.metadata import READERS
from releases.packing import SCHEMES
from releases.templating.functions import FUNCTIONS
from tests.books import make_epub

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def test_every_command_and_every_option_is_documented() -> None:
    text = (DOCS / "commands.md").read_text()

    for name, command in COMMANDS.items():
        assert f"`packer {name}" in text
        parser = ArgumentParser(add_help=False)
        command.add_arguments(parser)
        for action in parser._actions:
            for option in action.option_strings:
                assert option in text, f"{name} {option}"


def test_every_placeholder_and_function_of_templates_is_documented() -> None:
    text = (DOCS / "templates.md").read_text()

    for name in (*METADATA_FIELDS, *FUNCTIONS):
        assert name in text
    assert templating.unknown_names("{{ nonsense }}", {}) == ["nonsense"]


def test_every_scheme_and_format_that_is_read_is_documented() -> None:
    glossary = (DOCS / "glossary.md").read_text()
    formats = " ".join(path.read_text() for path in (DOCS / "formats").glob("*.md")).lower()

    assert all(f"`{scheme}`" in glossary for scheme in SCHEMES)
    assert [name for name in READERS if name not in formats] == []


def test_the_examples_of_the_engine_run_without_a_site(tmp_path: Path) -> None:
    make_epub(tmp_path / "the-time-machine.epub")
    (tmp_path / "grp-the.time.machine.nfo").write_bytes(b"\xdb\xdb Title \xdb\xdb\r\n")
    (tmp_path / "out").mkdir()

    examples = re.findall(r"```python\n(.*?)```", (DOCS / "engine.md").read_text(), re.DOTALL)
    for code in examples:
        command = [sys.executable, "-c", code]
        subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, check=True)

    assert len(examples) == len(["a release", "a picture"])
    assert len(list((tmp_path / "out").iterdir())) == 2
    assert (tmp_path / "nfo.png").read_bytes().startswith(b"\x89PNG")
