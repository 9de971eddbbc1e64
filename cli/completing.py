"""Completion at the Tab key: a script of the shell, so that no program is begun for it."""

from argparse import Action, ArgumentParser
from pathlib import Path

import shtab

from cli.reader import commands_below

SHELLS = ("bash", "zsh", "fish")
FOLDERS = ("DIR", "FOLDER")
"""What stands for a folder in the synopsis."""


def script(parser: ArgumentParser, shell: str) -> str:
    """Return what completes the commands of `parser` in `shell`."""
    mark_files(parser)
    return str(shtab.complete(parser, shell))


def mark_files(parser: ArgumentParser) -> None:
    """Have paths completed where arguments are paths, here and in the commands below."""
    for action in parser._actions:
        if is_path(action):
            is_folder = action.metavar in FOLDERS
            action.complete = shtab.DIRECTORY if is_folder else shtab.FILE  # type: ignore[attr-defined]
        for one in commands_below(action):
            mark_files(one)
        if isinstance(action.choices, dict) and not commands_below(action):
            action.choices = list(action.choices)  # it takes any table for one of commands


def is_path(action: Action) -> bool:
    return action.type is Path or action.metavar in {"FILE", "PATH", *FOLDERS}
