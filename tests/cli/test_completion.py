import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cli.exits import Exit
from packer_site import commands
from tests.cli.terminal import Terminal, plain

BASH = """
source {script}
COMP_WORDS=({words}) COMP_CWORD={last} COMP_LINE="{line}" COMP_POINT={point}
$(complete -p packer | sed 's/.*-F \\([^ ]*\\).*/\\1/') packer "{word}" "{before}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def script(shell: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    capsys.readouterr()
    assert commands.run(["completion", shell]) == Exit.DONE
    path = folder / f"_packer.{shell}"
    path.write_text(capsys.readouterr().out)
    return path


def by_bash(path: Path, line: str) -> list[str]:
    words = line.split(" ")
    told = BASH.format(
        script=path,
        words=" ".join(f'"{word}"' for word in words),
        last=len(words) - 1,
        line=line,
        point=len(line),
        word=words[-1],
        before=words[-2],
    )
    return run(["bash", "--norc", "-c", told], path.parent).split()


def by_fish(path: Path, line: str) -> list[str]:
    told = f"source {path}; complete -C '{line}'"
    lines = run(["fish", "--no-config", "-c", told], path.parent).splitlines()
    return [line.partition("\t")[0] for line in lines]


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


ASKED = [
    ("packer pa", ["pack"]),
    ("packer rules imp", ["import"]),
    ("packer pack --gro", ["--group"]),
    ("packer pack --type EB", ["EBOOK"]),
    ("packer analyze no", ["notes.epub"]),
    ("packer completion z", ["zsh"]),
]


@pytest.mark.parametrize(("shell", "complete"), [("bash", by_bash), ("fish", by_fish)])
def test_a_shell_completes_what_is_begun(
    shell: str, complete, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not shutil.which(shell):
        pytest.fail(f"{shell} is not here: apt-get install {shell}")
    path = script(shell, tmp_path, capsys)
    (tmp_path / "notes.epub").touch()

    assert {line: complete(path, line) for line, _words in ASKED} == dict(ASKED)


def test_zsh_completes_what_is_begun(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script("zsh", tmp_path, capsys).rename(tmp_path / "_packer")
    (tmp_path / ".zshrc").write_text(
        f"fpath=({tmp_path} $fpath); autoload -U compinit; compinit -u; PS1='> '\n"
    )
    (tmp_path / "notes.epub").touch()
    environment = {"PATH": os.environ["PATH"], "ZDOTDIR": str(tmp_path), "HOME": str(tmp_path)}
    terminal = Terminal(["zsh", "-i"], environment)
    terminal.press(f"cd {tmp_path}\n".encode())
    for line, _words in ASKED:
        terminal.press(f"{line}\t\x01print -r '=' \n".encode())
    terminal.press(b"exit\n")

    _code, written = terminal.rest()

    told = [line[2:].strip() for line in plain(written).splitlines() if line.startswith("= ")]
    assert told == [" ".join([*line.split()[:-1], *words]) for line, words in ASKED]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_is_completed(
    shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = re.findall(r"[\w-]+", script(shell, tmp_path, capsys).read_text())

    assert commands.COMMANDS.keys() <= set(words)
