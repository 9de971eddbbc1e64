"""What exists is documented, by its name."""

import re
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

from packer_site.commands import COMMANDS
from releases import templating
from releases.metadata import READERS
from releases.packing import SCHEMES
from releases.templating.boxes import STYLES
from releases.templating.language import BUILT_IN, FILTERS, FUNCTIONS
from tests import specimens
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

    for name in (*specimens.BLANK, *FUNCTIONS, *FILTERS, *BUILT_IN, *STYLES):
        assert re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`", text), name


def test_every_example_of_templates_gives_what_stands_below_it() -> None:
    text = (DOCS / "templates.md").read_text()

    examples = re.findall(r"```jinja\n(.*?)```\n```text\n(.*?)```", text, re.DOTALL)
    for template, given in examples:
        found = templating.render(template, specimens.BOOK).rstrip("\n").split("\n")
        assert "".join(f"{line.rstrip()}\n" for line in found) == given

    assert len(examples) == text.count("```jinja") == text.count("```text") > 5


def test_what_the_docs_say_of_earlier_templates_is_so() -> None:
    text = (DOCS / "templates.md").read_text().partition("## Earlier templates")[2]

    pairs = re.findall(r"^\| `(\{.*?)` \| `(\{.*?)` \|$", text, re.MULTILINE)
    for once, today in pairs:
        assert templating.translated(f"{once} ") == f"{today} "

    assert len(pairs) == 2


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
