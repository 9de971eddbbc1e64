"""Releases that keep to their rule, packed by the engine, and ways to break them."""

import shutil
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

from releases.packing import Payload, diz, pack, rar, sfv
from rules.shipped import read_rule
from rules.spec import Spec
from tests.packing.making import DATED, make_payload, make_plan, noise

EBOOK = "Author.Title.2020.RETAiL.ePUB.eBook-GRP"
SHOW = "Some.Show.S01E02.1080p.WEB.H264-GRP"
NAMES = {
    "2022_EBOOK": EBOOK,
    "HOUSE_DOCS": "Press.Paper.2020.RETAiL.eBook-GRP",
    "2020_WDX": SHOW,
    "tvx2642k16": "Some.Show.S01E02.720p.HDTV.x264-GRP",
    "sdtvx2642k16": "Some.Show.S01E02.HDTV.x264-GRP",
}
FORMATS = {"2022_EBOOK": "epub", "HOUSE_DOCS": "odt"}
NFO = b"Title\r\nReleased: 2024-05-01\r\nLanguage: English\r\nhttps://example.org/title\r\n"
SCALE = 1000


def small(rule: str) -> Spec:
    """Return the spec of `rule` with volumes of a thousandth of their size."""
    spec = read_rule(rule).spec
    sizes = tuple(size // SCALE for size in spec.volume_sizes)
    return replace(spec, volume_sizes=sizes, volume_step=spec.volume_step // SCALE)


def make_conforming(tmp: Path, rule: str, film: Path, **fields: Any) -> Path:
    """Pack a release of three small volumes, or of what `fields` say; TV with a sample."""
    name, into = NAMES[rule], tmp / "out"
    into.mkdir()
    is_tv = rule not in FORMATS
    stem = name.lower() if is_tv else "grp-title"
    volume_bytes = fields.get("volume_bytes", 50_000 if is_tv else 5_000)
    defaults: dict[str, Any] = {
        "name": name,
        "nfo": NFO,
        "nfo_name": f"{stem}.nfo",
        "volume_bytes": volume_bytes,
        "max_volumes": 99,
    }
    if "payloads" not in fields:
        payload_name = f"{stem}.{FORMATS.get(rule, 'mkv')}"
        defaults["payloads"] = (make_payload(tmp, noise(volume_bytes * 5 // 2), payload_name),)
    if is_tv:
        defaults |= {"scheme": "rar", "volume_base": stem}
    folder = pack(make_plan(tmp, **defaults | fields), into).folder
    if is_tv:
        add_sample(folder, film)
    return folder


def add_sample(folder: Path, film: Path) -> None:
    (folder / "Sample").mkdir()
    shutil.copyfile(film, folder / "Sample" / f"{folder.name.lower()}-sample.mkv")
    (folder / "Sample" / f"{folder.name.lower()}-sample.mkv").chmod(0o644)


def make_uneven(tmp: Path, folder: Path) -> None:
    """Make the second RAR volume of `folder` shorter, and the third longer by as much."""
    if zips := sorted(folder.glob("*.zip")):
        (source,) = tmp.glob("grp-title.*")
        for path, volume in zip(zips, write_uneven(tmp, source, 5_000, "uneven"), strict=True):
            replace_volume(path, volume.read_bytes())
        return
    stem = folder.name.lower()
    for path in write_uneven(tmp, tmp / f"{stem}.mkv", 50_000, stem):
        path.replace(folder / path.name)
    resum(folder)


def write_uneven(tmp: Path, path: Path, volume_bytes: int, base: str) -> list[Path]:
    source = rar.Source.of(Payload(path=path, name=path.name))
    first, second, third = rar.layout([source.member], volume_bytes)
    second = replace(second, parts=(replace(second.parts[0], size=second.parts[0].size - 9),))
    part = third.parts[0]
    third = replace(third, parts=(replace(part, offset=part.offset - 9, size=part.size + 9),))
    volumes = [first, second, third]
    paths = [tmp / name for name in rar.volume_names(base, 3)]
    crcs = []
    for volume, to in zip(volumes, paths, strict=True):
        with rar.Output(to) as output:
            crcs.append(rar.copy(volume, [source], output, 0, rar.unheard))
    members = rar.member_sums(volumes, crcs)
    for volume, to, parts in zip(volumes, paths, crcs, strict=True):
        with rar.Output(to, is_new=False) as output:
            rar.seal(volume, rar.Sums(parts, members), output, 0, DATED)
        to.chmod(0o644)
    return paths


def resum(folder: Path, *more: Path) -> None:
    """Write the SFV of the RAR volumes of `folder` again, and of `more`."""
    volumes = [path for path in folder.iterdir() if rar.is_volume_name(path.name)]
    files = [*sorted(volumes), *more]
    path = next(folder.glob("*.sfv"))
    path.write_bytes(sfv.render((file.name, crc32(file.read_bytes())) for file in files))


def rezip(path: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]], **how: Any) -> None:
    """Write the ZIP at `path` again, its entries changed; the RAR volume stays stored."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in change(entries).items():
            packed = {} if rar.is_volume_name(name) else how
            archive.writestr(name, data, **packed)


def replace_volume(path: Path, data: bytes, suffix: str = "") -> None:
    """Put other `data` in the place of the RAR volume in the ZIP at `path`."""

    def change(entries: dict[str, bytes]) -> dict[str, bytes]:
        old = next(name for name in entries if rar.is_volume_name(name))
        new = f"{old[:-4]}{suffix}" if suffix else old
        return {name: held for name, held in entries.items() if name != old} | {
            new: data or entries[old]
        }

    rezip(path, change)


def redescribe(folder: Path, change: Callable[[bytes], bytes]) -> None:
    """Change file_id.diz in the third ZIP."""
    path = folder / "grp12303.zip"
    rezip(path, lambda entries: entries | {diz.NAME: change(entries[diz.NAME])})


FILE, END, MAIN = 0x74, 0x7B, 0x73


def repatch(path: Path, kind: int, at: int, bits: int) -> None:
    """Set `bits` of the byte `at` in the blocks of `kind` of a RAR 4 volume; sums stay right."""
    data = bytearray(path.read_bytes())
    start = 7
    while start < len(data):
        _, found, flags, size = struct.unpack_from("<HBHH", data, start)
        if found == kind:
            data[start + at] |= bits
        if found == END:
            struct.pack_into("<I", data, start + 7, crc32(data[:start]))
        crc = crc32(data[start + 2 : start + size]) & 0xFFFF
        struct.pack_into("<H", data, start, crc)
        packed = struct.unpack_from("<I", data, start + 7)[0] if flags & 0x8000 else 0
        start += size + packed
    path.write_bytes(data)


def encrypt_last_entry(path: Path) -> None:
    """Set the flag that says so, in the local header and in the directory."""
    with zipfile.ZipFile(path) as archive:
        last = archive.infolist()[-1]
    data = bytearray(path.read_bytes())
    data[last.header_offset + 6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
