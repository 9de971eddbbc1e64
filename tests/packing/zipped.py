"""ZIPs for the tests, written and read as the packer does."""

from collections.abc import Mapping
from pathlib import Path

from releases.packing import Payload, rar
from releases.packing import zip as zips
from tests.packing.making import DATED

COMPANIONS = (("grp-title.nfo", b"Author - Title\r\n" * 9), ("file_id.diz", b"DISK: [01/01]\r\n"))


def make_sources(folder: Path, files: Mapping[str, bytes]) -> list[rar.Source]:
    """Write `files` to `folder`, each under a name of its own."""
    sources = []
    for number, (name, data) in enumerate(files.items()):
        path = folder / f"payload{number}"
        path.write_bytes(data)
        sources.append(rar.Source.of(Payload(path=path, name=name)))
    return sources


def write_zip(path: Path, sources: list[rar.Source], tick: rar.Tick = rar.unheard) -> int:
    """Write a plain ZIP, and return its CRC-32."""
    with rar.Output(path) as output:
        return zips.write(sources, COMPANIONS, output, DATED, tick)


def make_zip(folder: Path, files: Mapping[str, bytes]) -> Path:
    path = folder / "plain.zip"
    write_zip(path, make_sources(folder, files))
    return path


def read_zip(path: Path) -> zips.Contents:
    with rar.Tape(path, path.name, with_sha256=False) as tape:
        return zips.read(tape)
