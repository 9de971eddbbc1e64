"""What the tests of deliveries share: parcels, and somebody who hears what becomes of them."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

import asyncssh

from delivery.endpoint import Endpoint
from delivery.parcel import Delivered, Manner, Parcel
from delivery.transfer import deliver
from network.addresses import Unreachable
from tests.delivery.peers import Peer

RELEASE = {
    "R-GRP/r.rar": 300_000,
    "R-GRP/r.r00": 200_001,
    "R-GRP/r.sfv": 80,
    "R-GRP/r.nfo": 700,
    "R-GRP/Sample/s.mkv": 100_000,
    "R-GRP/empty": 0,
}


def parcel(folder: Path, name: str, content: bytes) -> Parcel:
    path = folder / name.replace("/", "_")
    path.write_bytes(content)
    return Parcel(path=path, name=name, size=len(content), crc32=f"{crc32(content):08X}")


def packed(folder: Path, sizes: Mapping[str, int] = RELEASE) -> list[Parcel]:
    """Return parcels of noise, in an order that is none."""
    folder.mkdir(exist_ok=True)
    return [parcel(folder, name, os.urandom(size)) for name, size in sizes.items()]


def part_of(one: Parcel) -> str:
    return f"{one.name}.{one.crc32.lower()}.part"


@dataclass
class Ear:
    """Hears all that is told of a delivery; `on` may do something at that, or raise."""

    on: Callable[[str, int, int], None] = lambda _stage, _done, _total: None
    names: list[str] = field(default_factory=list)
    warnings: list[Unreachable] = field(default_factory=list)
    heard: list[tuple[str, int, int]] = field(default_factory=list)
    unwanted: tuple[type[Exception], ...] = ()

    def hear(self, stage: str, done: int, total: int) -> None:
        self.heard.append((stage, done, total))
        self.on(stage, done, total)

    def deliver(
        self,
        parcels: Sequence[Parcel],
        endpoint: Endpoint,
        *,
        arrived: Mapping[str, str] | None = None,
        **manner: Any,
    ) -> Delivered:
        return deliver(
            parcels,
            endpoint,
            Manner(**manner),
            self.hear,
            arrived=arrived or {},
            note=lambda one: self.names.append(one.name),
            warn=self.warnings.append,
            unwanted=self.unwanted,
        )


def endpoint_of(peer: Peer, kind: str, **said: Any) -> Endpoint:
    host = said.setdefault("host", "localhost")
    allowed = frozenset({f"{host}:{peer.port}"})
    return Endpoint(type=kind, port=peer.port, allowed_hosts=allowed, **peer.login | said)


def described(key: asyncssh.SSHKey) -> str:
    return f"{key.get_algorithm()} {key.get_fingerprint()}"


def stands(parcels: Sequence[Parcel], folder: Path) -> bool:
    """Say whether all parcels, and nothing else, stand in `folder`."""
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return there == {one.name for one in parcels} and all(
        (folder / one.name).read_bytes() == one.path.read_bytes() for one in parcels
    )


def is_nothing_wrong(parcels: Sequence[Parcel], folder: Path) -> bool:
    """Say whether no file stands under its final name that is not the right one."""
    return all(
        (folder / one.name).read_bytes() == one.path.read_bytes()
        for one in parcels
        if (folder / one.name).exists()
    )
