"""What to pack, what came of it, and why it may fail."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

Progress = Callable[[str, int, int], None]
"""Hears (stage, bytes done, bytes in all); what it raises ends the packing."""


class PackingError(Exception):
    """The package cannot be made; its text is an English sentence for the user.

    `template` and `values` are kept apart so that a door can translate the one and fill in the
    other.
    """

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template)
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return self.template % self.values


class Note:
    """What a package lacks, and why that is no error: an English sentence for the user.

    Kept apart like those of a `PackingError`, so that a door can translate it.
    """

    def __init__(self, template: str, **values: object) -> None:
        self.template = template
        self.values = values

    def __str__(self) -> str:
        return self.template % self.values


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    path: Path
    """Where the file lies, or the folder with all that is to be packed of it."""
    name: str
    """What it is called inside the archives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    name: str
    """Folder name of the release, e.g. ``Author.Title.2024.RETAiL.ePUB.eBook-GRP``."""
    scheme: str
    """Which of `engine.SCHEMES`: the rule says."""
    payloads: tuple[Payload, ...]
    volume_base: str
    """What volume names begin with; six characters in the zip scheme, whose names are 8.3."""
    volume_bytes: int
    """Size of every RAR volume but the last, in bytes."""
    nfo: bytes
    nfo_name: str
    dated: date
    """The day all headers and files are dated, at 00:00: the same plan gives the same bytes."""
    max_volumes: int
    rar_version: int = 4
    """4 or 5; the zip scheme takes 4 alone."""
    diz_lines: tuple[str, ...] = ()
    """What file_id.diz says below its counter; the rar scheme has none."""
    sfv: bool = False
    """Whether an SFV goes beside the folder; the rar scheme has its own inside, always."""
    manifest: bool = False
    """Whether a SHA-256 manifest goes beside the folder."""
    sample: bool = False
    """Whether a sample is cut of the video among the payloads, where ffmpeg is installed."""
    proofs: tuple[Path, ...] = ()
    """Photographs of the medium, JPEG or PNG; they are stripped of what they tell of the maker."""
    corrects: str = ""
    """Name of the release that this one corrects; the NFO must give it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFile:
    path: str
    """Relative to the directory that holds the release folder."""
    size: int
    crc32: str
    """Eight lower-case hexadecimal digits."""
    sha256: str
    kind: str
    """``volume``, ``nfo``, ``diz``, ``sfv``, ``manifest``, ``sample``, ``proof`` or ``other``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    folder: Path
    files: tuple[PackedFile, ...]
    volumes: int
    notes: tuple[Note, ...] = ()

    @property
    def bytes(self) -> int:
        """Return the size of the folder and of the files beside it."""
        return sum(file.size for file in self.files)
