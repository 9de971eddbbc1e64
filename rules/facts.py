"""What is known of a release: of a draft, or of a directory on disk. No Django here."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

EXTENSION_FORMATS = {"kf8": "azw3"}
"""The real types of files whose extension is another word for them."""
NEW_NAMING = re.compile(r"\.part\d+\.rar$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class File:
    """A file of the release directory."""

    path: str
    """From the directory, with slashes."""
    size: int
    mode: int
    """The permissions, e.g. 0o644."""
    kind: str
    """``volume``, ``nfo``, ``diz``, ``sfv``, ``sample``, ``proof``, or another word."""

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name

    @property
    def folder(self) -> str:
        """Return the folder of the release that it lies in; nothing for a loose file."""
        return self.path.rpartition("/")[0].partition("/")[0]

    @property
    def extension(self) -> str:
        return extension(self.path)


@dataclass(frozen=True, slots=True)
class Nfo:
    path: str
    text: str
    encoding: str
    has_mark: bool = False
    """Whether it begins with a byte order mark."""


@dataclass(frozen=True, slots=True)
class Diz:
    path: str
    """Of itself, or of the ZIP that holds it."""
    data: bytes
    disks: int = 0
    """As its first counter says; 0 where it has none."""
    counter_line: int = 0
    """Where that counter stands, from 1; 0 where it has none."""


@dataclass(frozen=True, slots=True)
class Sfv:
    path: str
    foreign_names: tuple[str, ...]
    """What it lists, though no RAR volume is called so."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What lies in a ZIP."""

    name: str
    is_stored: bool = True
    is_encrypted: bool = False


@dataclass(frozen=True, slots=True)
class Archive:
    """A ZIP of the directory."""

    path: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A RAR volume, be it a file or in a ZIP."""

    path: str
    """Of the file."""
    name: str
    size: int
    version: int = 4
    is_stored: bool = True
    is_encrypted: bool = False
    has_recovery: bool = False
    ends_file: bool = False
    """Whether the last file in it ends with it: the next one may have found no room."""

    @property
    def has_new_name(self) -> bool:
        return NEW_NAMING.search(self.name) is not None

    @property
    def base(self) -> str:
        """Return what the names of its set have in common."""
        return NEW_NAMING.sub("", self.name) if self.has_new_name else PurePosixPath(self.name).stem


@dataclass(frozen=True, slots=True)
class Payload:
    name: str
    """In the archives, with slashes."""
    path: str = ""
    """Of the file that it begins in."""

    @property
    def format(self) -> str:
        said = extension(self.name)
        return EXTENSION_FORMATS.get(said, said)


@dataclass(frozen=True, slots=True)
class Sample:
    path: str
    is_video: bool
    duration_s: float | None
    """None where nobody can tell."""


@dataclass(frozen=True, slots=True)
class Proof:
    path: str
    is_picture: bool
    """Whether it is a JPG or a PNG, whatever its name says."""
    width: int = 0
    height: int = 0
    has_metadata: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """What lies in a release directory, as far as it can be read."""

    files: tuple[File, ...] = ()
    folders: tuple[str, ...] = ()
    """Those right in the directory, empty ones too."""
    nfos: tuple[Nfo, ...] = ()
    dizzes: tuple[Diz, ...] = ()
    """The loose ones, then those in the ZIPs."""
    sfvs: tuple[Sfv, ...] = ()
    archives: tuple[Archive, ...] = ()
    volumes: tuple[Volume, ...] = ()
    payloads: tuple[Payload, ...] = ()
    samples: tuple[Sample, ...] = ()
    proofs: tuple[Proof, ...] = ()

    def of_kind(self, kind: str) -> list[File]:
        return [file for file in self.files if file.kind == kind]

    @property
    def loose(self) -> list[File]:
        return [file for file in self.files if not file.folder]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a release; `directory` is None before it is packed."""

    name: str
    format: str = ""
    """The real type of a draft's payload, e.g. ``epub``."""
    volume_bytes: int
    volumes: int
    nfo: str
    """The NFO as rendered, or as read."""
    known: frozenset[str]
    """The metadata fields that have a value, or of which nobody can tell."""
    source: str = ""
    """RETAiL, HYBRiD or SCAN."""
    directory: Directory | None = None

    @property
    def formats(self) -> tuple[str, ...]:
        if self.directory is None:
            return (self.format,)
        return tuple(payload.format for payload in self.directory.payloads)

    @property
    def nfo_path(self) -> str:
        nfos = self.directory.nfos if self.directory else ()
        return nfos[0].path if nfos else ""


def extension(name: str) -> str:
    """Return what follows the last dot of `name`, in lower case."""
    return PurePosixPath(name).suffix.lower()[1:]
