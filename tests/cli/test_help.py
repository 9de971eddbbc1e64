import shlex
import subprocess
from pathlib import Path

import pytest

from cli.exits import Exit
from cli.reader import all_options, commands_below
from packer_site import commands
from tests.cli.goldens import assert_golden
from tests.instance import Instance

DOCS = Path(__file__).parents[2] / "docs" / "commands.md"
NAMES = list(commands.COMMANDS)
OF_NOBODY = ("templates", "worker")
"""They do nothing in the name of anybody."""


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns that speaks English."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        commands.run([*arguments])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", ["packer", *NAMES])
def test_the_page_of_a_command_is_as_it_was(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    page = said(capsys, *([] if name == "packer" else [name]), "--help")

    assert_golden(f"help/{name}.txt", page)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_all_that_a_manual_says(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    page = said(capsys, name, "--help")

    heads = [line for line in page.splitlines() if line and not line.startswith(" ")]
    for head in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "EXIT STATUS"):
        assert head in heads
    assert {"ENVIRONMENT", "SEE ALSO"} <= set(heads)
    assert max(map(len, page.splitlines())) <= 100


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_page_can_be_run(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    page = said(capsys, name, "--help")
    examples = [line.strip()[2:] for line in page.splitlines() if line.strip().startswith("$ ")]

    for example in examples:
        words = shlex.split(example.partition(" >")[0])
        command = commands.COMMANDS[words[1]]
        assert commands.parser(command).parse_args(words[1:]).command == words[1]
    assert len(examples) > 1


@pytest.mark.parametrize("name", NAMES)
def test_a_command_takes_what_all_take(name: str) -> None:
    command = commands.COMMANDS[name]
    options = options_of(name)

    assert {"--json", "-v", "--verbose"} <= options
    assert ("--as" in options) == (command.needs_instance and name not in OF_NOBODY)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_tells_where_else_a_command_asks(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = said(capsys, name, "--help")

    asks_elsewhere = commands.COMMANDS[name].afar is not commands.Afar.REFUSED
    asks = asks_elsewhere and commands.COMMANDS[name].needs_instance
    for variable in ("PACKER_URL", "PACKER_TOKEN", "PACKER_INSECURE", "SSL_CERT_FILE"):
        assert (variable in page) == asks


def options_of(name: str) -> set[str]:
    """Return the options of a command, and of the verbs below it."""
    whole = commands.parser(commands.COMMANDS[name])
    found = [one for action in whole._actions for one in commands_below(action)]
    (command,) = (one for one in found if one.prog == f"packer {name}")
    return set(all_options(command))


@pytest.mark.parametrize("name", NAMES)
def test_every_command_is_in_the_documentation(name: str) -> None:
    text = DOCS.read_text()

    assert f"`packer {name}" in text


def test_help_is_the_same_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "help", "lint") == said(capsys, "lint", "--help")
    assert said(capsys, "help") == said(capsys, "--help")


@pytest.mark.parametrize("columns", [40, 60, 100])
def test_a_page_is_as_wide_as_the_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))

    page = said(capsys, "worker", "--help")

    prose = [line for line in page.splitlines() if "$ " not in line]
    assert columns - 15 < max(map(len, prose)) <= columns


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--version").startswith("packer 0.")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pakc book.epub", "Did you mean pack?"),
        ("Lint", "Did you mean lint?"),
        ("zzz", "Choose one of: pack, batch, "),
        ("pack book.epub --gruop GRP", "there is no option --gruop. Did you mean --group?"),
        ("pack book.epub --type EBOK", "Did you mean EBOOK?"),
        ("verify here there", "there is one word too many."),
        ("templates lst", "Did you mean list?"),
    ],
)
def test_what_is_near_to_a_mistake_is_proposed(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        commands.run(typed.split())

    assert ended.value.code == Exit.INVALID
    assert meant in capsys.readouterr().err


def test_a_database_of_an_earlier_version_is_said_so(instance: Instance) -> None:
    back = [*instance.command()[:-1], "migrate", "notifications", "zero", "--verbosity", "0"]
    subprocess.run(back, env=instance.environment, check=True, capture_output=True)
    try:
        done = instance.run("templates", "list")
    finally:
        instance.run("setup")

    assert done.returncode == Exit.FAILED
    assert done.stderr == (
        "packer: The database is of an earlier version: run “packer setup” first.\n"
    )
