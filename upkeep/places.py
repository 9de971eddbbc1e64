"""Where files of ours lie, by a name that holds on another machine too."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.system import system

ELSEWHERE = "elsewhere"
"""For what lies in none of our folders, such as a release that was made into a folder asked for."""
SET_BY = {"uploads": "paths.uploads", "covers": "paths.cache", "releases": "paths.releases"}
"""By place: the setting of administrators that moves it."""


@dataclass(frozen=True, slots=True)
class Places:
    """The folder of each place, the most particular first."""

    folders: Mapping[str, Path]

    def of(self, path: Path) -> tuple[str, str]:
        """Return the place that holds `path`, and where it lies there; detours are not followed."""
        path = straight(path)
        for name, folder in self.folders.items():
            if path.is_relative_to(folder):
                return name, path.relative_to(folder).as_posix()
        raise ValueError(str(path))  # the last place holds all

    def at(self, place: str, path: str) -> Path:
        return self.folders[place] / path

    def told(self) -> dict[str, str]:
        return {name: str(folder) for name, folder in self.folders.items()}

    def moved(self, path: str, to: Places) -> str:
        """Return what `path` is called once the places are those of `to`."""
        if not path:
            return path
        place, inner = self.of(Path(path))
        return str(to.at(place, inner)) if inner != "." else str(to.folders[place])


def straight(path: Path) -> Path:
    """Return `path` from the root on, without detours."""
    return Path(os.path.normpath(f"/{str(path).lstrip('/')}"))


def sorted_places(folders: Mapping[str, Path]) -> Places:
    plain = {name: straight(folder) for name, folder in folders.items()}
    return Places(dict(sorted(plain.items(), key=lambda one: -len(one[1].parts))))


def present_places() -> Places:
    """Return where files lie now."""
    now = system()
    return sorted_places(
        {
            "uploads": now.uploads,
            "covers": now.cache,
            "releases": now.releases,
            "data": settings.DATA_DIR,
            ELSEWHERE: Path("/"),
        }
    )


def told_places(told: Mapping[str, str]) -> Places:
    return sorted_places({name: Path(folder) for name, folder in told.items()})


def new_places(told: Mapping[str, str], chosen: Mapping[str, Any]) -> Places:
    """Return where the files of a backup go here, whose places were `told`.

    A folder that administrators had `chosen` is kept where the environment allows it here.
    """
    due = {
        "uploads": settings.UPLOADS_DIR,
        "covers": settings.COVERS_DIR,
        "releases": settings.RELEASES_DIR,
        "data": settings.DATA_DIR,
        ELSEWHERE: settings.DATA_DIR / ELSEWHERE,
    }
    for place, setting in SET_BY.items():
        if setting in chosen and is_allowed(Path(told[place]), settings.STORAGE_ROOTS):
            due[place] = Path(told[place])
    return sorted_places(due)


def is_allowed(folder: Path, roots: Iterable[Path]) -> bool:
    return any(folder.resolve().is_relative_to(Path(root).resolve()) for root in roots)
