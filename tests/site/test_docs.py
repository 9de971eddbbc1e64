"""What exists is documented, by its name."""

from argparse import ArgumentParser
from pathlib import Path

from packer_site.commands import COMMANDS
from releases import templating
from releases.actions.making import METADATA_FIELDS
from releases.metadata import READERS
from releases.packing import SCHEMES
from releases.templating.functions import FUNCTIONS

DOCS = Path(__file__).parents[2] / "docs"


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
