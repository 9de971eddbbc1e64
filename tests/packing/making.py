"""Plans and files for the tests; each hides what its test does not mind."""

import random
from datetime import date
from pathlib import Path
from typing import Any

from releases.packing import Payload, Plan, rar
from releases.packing.engine.trees import gather

NAME = "Author.Title.2020.RETAiL.ePUB.eBook-GRP"
DATED = date(2024, 5, 1)
HEADERS_BYTES = 40 + 32
"""Of one RAR 4 volume that holds one file, without the name of the file."""


def noise(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


def make_payload(folder: Path, data: bytes = b"book", name: str = "book.epub") -> Payload:
    path = folder / name
    path.write_bytes(data)
    return Payload(path=path, name=name)


def make_plan(folder: Path, **fields: Any) -> Plan:
    """Return a plan of a small book in `folder`, or of what `fields` say."""
    scheme = fields.get("scheme", "zip")
    defaults = {
        "name": NAME,
        "scheme": scheme,
        "volume_base": "grp123" if scheme == "zip" else "grp-author.title",
        "volume_bytes": 1000,
        "nfo": b"Author - Title\r\n",
        "nfo_name": "grp-author.title.nfo",
        "diz_lines": ("Author", "Title"),
        "dated": DATED,
        "max_volumes": 99,
    }
    if "payloads" not in fields:
        defaults["payloads"] = (make_payload(folder, noise(2500)),)
    return Plan(**defaults | fields)


def make_volumes(
    folder: Path, payloads: list[Payload], volume_bytes: int, version: int = 4
) -> list[Path]:
    """Write the RAR set of `payloads` to `folder`."""
    sources = gather(payloads)
    volumes = rar.layout([source.member for source in sources], volume_bytes, version)
    paths = [folder / name for name in rar.volume_names("set", len(volumes), version)]
    crcs = []
    for volume, path in zip(volumes, paths, strict=True):
        with rar.Output(path) as output:
            crcs.append(rar.copy(volume, sources, output, 0, rar.unheard))
    members = rar.member_sums(volumes, crcs)
    for volume, path, parts in zip(volumes, paths, crcs, strict=True):
        with rar.Output(path, is_new=False) as output:
            rar.seal(volume, rar.Sums(parts, members), output, 0, DATED)
    return paths


def read_volumes(paths: list[Path]) -> list[rar.Contents]:
    contents = []
    for path in paths:
        with rar.Tape(path, path.name, with_sha256=False) as tape:
            contents.append(rar.read(tape, tape.left))
    return contents


def read_archive(folder: Path, data: bytes) -> rar.Contents:
    """Read `data` as a RAR volume called x.rar."""
    path = folder / "x.rar"
    path.write_bytes(data)
    return read_volumes([path])[0]


def faults_of(volumes: list[rar.Contents]) -> list[str]:
    return [str(fault) for fault in rar.check_set(volumes)]


def flipped(data: bytes, at: int, bit: int = 0x10) -> bytes:
    """Return `data` with one bit of the byte at `at` changed."""
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]


def shown(folder: Path) -> list[str]:
    """Return all that lies in `folder`, hidden or not."""
    return sorted(path.name for path in folder.iterdir())


def unsummed(volume: rar.Contents) -> tuple[str, ...]:
    """Return the names of the members that end in `volume` and cannot be checked as a whole."""
    return tuple(part.name for part in volume.parts if part.is_unsummed)
