"""Deliveries to real servers, all kinds of them, and to a folder."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from delivery.endpoint import Endpoint
from network.addresses import NotAllowed
from tests.delivery.bringing import (
    Ear,
    described,
    endpoint_of,
    packed,
    parcel,
    part_of,
    stands,
)
from tests.delivery.peers import (
    FTPHandler,
    ImplicitHandler,
    TLS_FTPHandler,
    ftp_server,
    openssh_server,
    sftp_server,
    vsftpd_server,
)

KINDS = ["LOCAL", "FTP", "FTPS", "FTPS_IMPLICIT", "vsftpd", "vsftpd TLS", "asyncssh", "OpenSSH"]


@dataclass
class There:
    """A destination, and the folder that it writes to."""

    endpoint: Endpoint
    folder: Path


Place = Callable[[str], Any]


@pytest.fixture
def place(tmp_path: Path, host_key: asyncssh.SSHKey, certificate: Path) -> Place:
    """Return what makes a destination of a kind, with its server running."""
    folder, own = tmp_path / "there", tmp_path / "own"
    under_tls: dict[str, Any] = {"certificate": certificate, "tls_data_required": True}
    servers: dict[str, tuple[str, Callable[[], Any]]] = {
        "FTP": ("FTP", lambda: ftp_server(folder)),
        "FTPS": ("FTPS", lambda: ftp_server(folder, handler=TLS_FTPHandler, **under_tls)),
        "FTPS_IMPLICIT": (
            "FTPS_IMPLICIT",
            lambda: ftp_server(folder, handler=ImplicitHandler, **under_tls),
        ),
        "vsftpd": ("FTP", lambda: vsftpd_server(folder, own)),
        "vsftpd TLS": ("FTPS", lambda: vsftpd_server(folder, own, certificate)),
        "asyncssh": ("SFTP", lambda: sftp_server(folder, host_key)),
        "OpenSSH": ("SFTP", lambda: openssh_server(folder, own, host_key)),
    }

    @contextmanager
    def placed(kind: str) -> Iterator[There]:
        if kind == "LOCAL":
            folder.mkdir()
            yield There(Endpoint(type="LOCAL", roots=(folder,)), folder)
            return
        type_, server = servers[kind]
        pinned = {"host_key": described(host_key)} if type_ == "SFTP" else {}
        with server() as peer:
            yield There(endpoint_of(peer, type_, **pinned), folder)

    return placed


@pytest.mark.parametrize("kind", KINDS)
def test_a_release_is_brought_gone_on_with_and_replaced(
    place: Place, kind: str, tmp_path: Path
) -> None:
    """One story for each server, since to start one takes longer than all of it."""
    parcels = packed(tmp_path / "packed")
    rar, *others = parcels
    content = rar.path.read_bytes()
    arrived = {one.name: one.crc32 for one in parcels}
    first = Ear()
    sent: list[int] = []
    with place(kind) as there:
        fresh = first.deliver(parcels, there.endpoint, connections=2)
        is_whole = stands(parcels, there.folder)
        for part in (
            content[:200_000],
            content[:199_999] + b"?",
            content + b"and more",
        ):
            (there.folder / rar.name).unlink()
            (there.folder / part_of(rar)).write_bytes(part)
            sent.append(Ear().deliver(parcels, there.endpoint, arrived=arrived).sent_bytes)
        sent.append(Ear().deliver(parcels, there.endpoint, arrived=arrived).sent_bytes)
        (there.folder / rar.name).write_bytes(b"?" * rar.size)
        sent.append(Ear().deliver([rar], there.endpoint).sent_bytes)
        is_still_whole = stands(parcels, there.folder)

    assert is_whole
    assert first.names[:2] == ["R-GRP/r.sfv", "R-GRP/r.nfo"]
    assert sorted(first.names) == sorted(arrived)
    assert first.warnings == []
    assert (fresh.files, fresh.sent_files) == (len(parcels), 1 + len(others))
    assert fresh.checked_by == {"LOCAL": "CRC-32", "OpenSSH": "openssl dgst"}.get(kind, "size")
    assert sent == [rar.size - 200_000, rar.size, rar.size, 0, rar.size]
    assert is_still_whole


def test_progress_only_grows_and_what_is_there_counts(tmp_path: Path) -> None:
    parcels = packed(tmp_path / "packed", {"a.rar": 2_000_000})
    ear = Ear()
    with ftp_server(tmp_path / "there") as peer:
        (peer.folder / part_of(parcels[0])).write_bytes(parcels[0].path.read_bytes()[:900_000])
        ear.deliver(parcels, endpoint_of(peer, "FTP"), bytes_per_s=4_000_000)

    heard = [done for stage, done, _total in ear.heard if stage == "send"]
    assert ear.heard[0] == ("connect", 0, 0)
    assert {total for stage, _done, total in ear.heard if stage == "send"} == {2_000_000}
    assert all(earlier <= later for earlier, later in pairwise(heard))
    assert min(done for done in heard if done) >= 900_000
    assert heard[-1] == 2_000_000


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("SFV", ["c.sfv", "Sub/x.nfo", "a.nfo", "b.rar"]),
        ("NFO", ["Sub/x.nfo", "a.nfo", "c.sfv", "b.rar"]),
        ("NAME", ["Sub/x.nfo", "a.nfo", "b.rar", "c.sfv"]),
    ],
)
def test_files_go_in_the_order_that_is_said(tmp_path: Path, order: str, names: list[str]) -> None:
    parcels = packed(tmp_path / "packed", dict.fromkeys(sorted(names, reverse=True), 10))
    ear = Ear()

    ear.deliver(parcels, Endpoint(type="LOCAL", roots=(tmp_path / "there",)), order=order)

    assert ear.names == names


def test_nothing_goes_beside_the_first_files(tmp_path: Path) -> None:
    """Zipscripts check each file against the SFV, which must be whole by then."""
    under_way: list[set[str]] = []
    opened: set[str] = set()

    class Handler(FTPHandler):  # type: ignore[misc]  # it has no types
        def ftp_STOR(self, file: str, mode: str = "w") -> Any:  # noqa: N802 - as FTP calls it
            opened.add(Path(file).name.split(".")[1])
            under_way.append(set(opened))
            return super().ftp_STOR(file, mode)

        def on_file_received(self, file: str) -> None:
            opened.discard(Path(file).name.split(".")[1])

    parcels = packed(
        tmp_path / "packed", {"r.sfv": 90, "r.nfo": 90, **{f"r.r0{n}": 300_000 for n in range(6)}}
    )
    with ftp_server(tmp_path / "there", handler=Handler) as peer:
        Ear().deliver(parcels, endpoint_of(peer, "FTP"), connections=3, bytes_per_s=3_000_000)

    assert under_way[:2] == [{"sfv"}, {"nfo"}]
    assert max(map(len, under_way)) == 3


def test_a_limit_holds_for_all_connections_together(tmp_path: Path) -> None:
    parcels = packed(tmp_path / "packed", {f"r.r0{n}": 100_000 for n in range(4)})
    ear = Ear()
    paces: list[int] = []
    with ftp_server(tmp_path / "there") as peer:
        ear.on = lambda _stage, done, _total: paces.append(done)
        ear.deliver(parcels, endpoint_of(peer, "FTP"), connections=4, bytes_per_s=400_000)

    # The calling thread hears four times a second, so a second takes it several times.
    assert len(paces) >= 4


@pytest.mark.parametrize(
    "name", ["../out", "a/../b", "/etc/x", "a//b", "", "a\r\nDELE b", "a\0b", "a\\b", "./a"]
)
def test_a_name_that_leads_elsewhere_is_refused_before_anything_is_sent(
    tmp_path: Path, name: str
) -> None:
    fine = parcel(tmp_path, "fine", b"x")
    wrong = type(fine)(path=fine.path, name=name, size=1, crc32=fine.crc32)

    with pytest.raises(NotAllowed, match="cannot be the name of a file"):
        Ear().deliver([fine, wrong], Endpoint(type="LOCAL", roots=(tmp_path / "there",)))

    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize("name", ["R-GRP/a b;$(touch x)'\".rar", "-rf", "R-GRP/größe ✓.rar"])
def test_a_name_that_shells_would_read_otherwise_is_only_a_name(
    tmp_path: Path, host_key: asyncssh.SSHKey, name: str
) -> None:
    """Reliability S12."""
    (tmp_path / "packed").mkdir()
    path = tmp_path / "packed" / "x"
    made = parcel(tmp_path / "packed", "x", b"content" * 99)
    odd = type(made)(path=path, name=name, size=made.size, crc32=made.crc32)
    there = tmp_path / "there"
    with openssh_server(there, tmp_path / "own", host_key) as peer:
        done = Ear().deliver([odd], endpoint_of(peer, "SFTP", host_key=described(host_key)))

    assert done.checked_by == "openssl dgst"
    assert stands([odd], there)


@pytest.mark.parametrize(
    ("commands", "checked_by"), [(["sha256sum"], "sha256sum"), (["ls"], "size")]
)
def test_a_server_sums_by_what_it_has(
    tmp_path: Path, host_key: asyncssh.SSHKey, commands: list[str], checked_by: str
) -> None:
    has = tmp_path / "has"
    has.mkdir()
    for command in commands:
        (has / command).symlink_to(shutil.which(command) or "")
    parcels = packed(tmp_path / "packed", {"R-GRP/a": 10, "R-GRP/b": 10})
    path = {"SetEnv": f"PATH={has} BASH_ENV="}
    with openssh_server(tmp_path / "there", tmp_path / "own", host_key, **path) as peer:
        done = Ear().deliver(parcels, endpoint_of(peer, "SFTP", host_key=described(host_key)))

    assert done.checked_by == checked_by
    assert stands(parcels, tmp_path / "there")


def test_no_link_in_a_local_folder_leads_out(tmp_path: Path) -> None:
    root, outside = tmp_path / "there", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (root / "R-GRP").symlink_to(outside)
    made = packed(tmp_path / "packed", {"R-GRP/a": 10, "b": 10})
    (root / part_of(made[1])).symlink_to(outside / "b")
    for one in made:
        with pytest.raises(NotAllowed, match="through a link or a file"):
            Ear().deliver([one], Endpoint(type="LOCAL", roots=(root,)))

    assert list(outside.iterdir()) == []
