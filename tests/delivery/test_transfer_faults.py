"""Reliability R5 and S22: whatever a server does, no wrong file gets a final name."""

import logging
import random
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import asyncssh
import pytest

from delivery import courier
from delivery.bringing import Past
from delivery.courier import Patience
from delivery.endpoint import (
    BrokenOff,
    Busy,
    CertificateRefused,
    ConnectionRefused,
    Endpoint,
    Full,
    HostKeyChanged,
    LoginRefused,
    Mangled,
    NotPermitted,
    SourceLost,
    Unsuited,
)
from delivery.parcel import Parcel
from network.addresses import Unreachable
from network.deadline import Late
from tests.delivery.bringing import (
    Ear,
    described,
    endpoint_of,
    is_nothing_wrong,
    packed,
    part_of,
    stands,
)
from tests.delivery.peers import (
    Daemon,
    DTPHandler,
    FTPHandler,
    Peer,
    TLS_FTPHandler,
    ftp_server,
    openssh_server,
    script,
    sftp_server,
    vsftpd_server,
)

SLACK_S = 5.0
SIZE = 1_500_000
PACE = 1_500_000
"""Bytes a second, so that there is a middle in which something may happen."""


class Pressed(Exception):
    """Somebody pressed cancel."""


class Lost(Exception):
    """Another worker has the delivery."""


@pytest.fixture(autouse=True)
def _soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "FIRST_WAIT_S", 0.02)


@pytest.fixture
def parcels(tmp_path: Path) -> list[Parcel]:
    return packed(tmp_path / "packed", {"R/a.rar": SIZE})


@pytest.fixture
def daemon(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Daemon, Endpoint]]:
    """A server that is a process of its own, and how to reach it; sends stall after a second."""
    there, own = tmp_path / "there", tmp_path / "own"
    if request.param == "OpenSSH":
        key = request.getfixturevalue("host_key")
        with openssh_server(there, own, key) as peer:
            yield peer, endpoint_of(peer, "SFTP", host_key=described(key), timeout_s=3)
    else:
        with vsftpd_server(there, own) as peer:
            yield peer, endpoint_of(peer, "FTP", timeout_s=3)


each_daemon = pytest.mark.parametrize("daemon", ["OpenSSH", "vsftpd"], indirect=True)


# Servers that die, and that stall


@each_daemon
def test_a_server_that_is_killed_and_comes_back_costs_what_was_not_there(
    daemon: tuple[Daemon, Endpoint], parcels: list[Parcel]
) -> None:
    server, there = daemon
    points = [0.2, 0.5, 0.8]

    def kill(_stage: str, done: int, total: int) -> None:
        if points and total and done / total >= points[0]:
            del points[: sum(point <= done / total for point in points)]
            server.kill()
            server.start()

    ear = Ear(on=kill)
    done = ear.deliver(parcels, there, bytes_per_s=PACE)

    assert ear.warnings
    assert stands(parcels, server.folder)
    assert done.sent_bytes < SIZE


@each_daemon
def test_a_server_that_stays_dead_leaves_what_the_next_delivery_goes_on_from(
    daemon: tuple[Daemon, Endpoint], parcels: list[Parcel]
) -> None:
    server, there = daemon
    ear = Ear(on=lambda _stage, done, _total: server.kill() if done > SIZE / 4 else None)

    with pytest.raises(ConnectionRefused):
        ear.deliver(parcels, there, bytes_per_s=PACE, attempts=3)
    is_nothing_there = not (server.folder / parcels[0].name).exists()
    server.start()
    done = Ear().deliver(parcels, there)

    assert is_nothing_there
    assert len(ear.warnings) >= 2
    assert 0 < done.sent_bytes < SIZE
    assert stands(parcels, server.folder)


@each_daemon
def test_a_server_that_stalls_is_left_in_time(
    daemon: tuple[Daemon, Endpoint], parcels: list[Parcel]
) -> None:
    server, there = daemon
    halted: list[float] = []

    def halt(_stage: str, done: int, _total: int) -> None:
        if done > SIZE / 4 and not halted:
            server.signal(signal.SIGSTOP)
            halted.append(time.monotonic())

    with pytest.raises(Late):
        Ear(on=halt).deliver(parcels, there, bytes_per_s=PACE, attempts=1)
    took_s = time.monotonic() - halted[0]
    is_nothing_there = not (server.folder / parcels[0].name).exists()
    server.signal(signal.SIGCONT)
    Ear().deliver(parcels, there)

    assert is_nothing_there
    assert took_s < there.timeout_s + SLACK_S
    assert stands(parcels, server.folder)


def test_a_server_that_takes_a_byte_now_and_then_has_stalled(parcels: list[Parcel]) -> None:
    answers = {"USER": "331 .", "PASS": "230 .", "SIZE": "550 .", "STOR": "150 .", "MKD": "257 ."}
    data = socket.create_server(("127.0.0.1", 0))
    data.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    over = threading.Event()

    def drip() -> None:
        with data.accept()[0] as connection:
            while not over.wait(0.05) and connection.recv(1):
                pass

    def answer(connection: socket.socket) -> None:
        high, low = divmod(data.getsockname()[1], 256)
        connection.sendall(b"220 .\r\n")
        for line in connection.makefile():
            word = line.split()[0]
            said = f"227 (127,0,0,1,{high},{low})" if word == "PASV" else answers.get(word, "200 .")
            connection.sendall(f"{said}\r\n".encode())

    dripping = threading.Thread(target=drip)
    dripping.start()
    large = Parcel(path=Path("/dev/zero"), name="large", size=1 << 30, crc32="00000000")
    began = time.monotonic()
    with data, script(answer) as peer, pytest.raises(Late):
        Ear().deliver([large], endpoint_of(peer, "FTP", host="127.0.0.1", timeout_s=1), attempts=1)
    over.set()
    dripping.join()

    assert time.monotonic() - began < 1 + SLACK_S


@each_daemon
def test_a_server_that_stalls_is_left_in_time_though_little_is_sent(
    daemon: tuple[Daemon, Endpoint], parcels: list[Parcel]
) -> None:
    """What is under way fits where the system keeps it, so that no write ever waits."""
    server, there = daemon
    halted: list[float] = []

    def halt(_stage: str, done: int, _total: int) -> None:
        if done and not halted:
            server.signal(signal.SIGSTOP)
            halted.append(time.monotonic())

    with pytest.raises(Late):
        Ear(on=halt).deliver(parcels, replace(there, timeout_s=1), bytes_per_s=90_000, attempts=1)

    assert time.monotonic() - halted[0] < 1 + SLACK_S


def test_a_long_file_is_not_taken_for_a_stalled_server(
    tmp_path: Path, parcels: list[Parcel]
) -> None:
    with ftp_server(tmp_path / "there") as peer:
        there = endpoint_of(peer, "FTP", timeout_s=1)
        ear = Ear()
        ear.deliver(parcels, there, bytes_per_s=SIZE * 2 // 3)

    assert ear.warnings == []


# Servers of SFTP that die before anybody is in


@pytest.mark.parametrize(
    ("said", "kind", "tries"),
    [
        (b"", BrokenOff, 2),
        (b"SSH-2.", BrokenOff, 2),
        (b"SSH-2.0-x\r\n", BrokenOff, 2),
        (b"Exceeded MaxStartups\r\n", BrokenOff, 2),
        (b"HTTP/1.1 400 Bad Request\r\n", Unsuited, 1),
    ],
    ids=["before", "amid", "after", "crowded", "of the web"],
)
def test_a_server_that_dies_while_it_greets_is_tried_again(
    parcels: list[Parcel], said: bytes, kind: type[Unreachable], tries: int
) -> None:
    ear = Ear()
    with script(lambda one: one.sendall(said)) as peer, pytest.raises(kind):
        ear.deliver(parcels, endpoint_of(peer, "SFTP", host="127.0.0.1"), attempts=2)

    assert [type(one) for one in ear.warnings] == [kind] * (tries - 1)


class Struck(list[Any]):
    """Has a server meet somebody who logs in by what `strike` does."""

    def __init__(self, peer: Peer, strike: Callable[[asyncssh.SSHServerConnection], None]) -> None:
        super().__init__()
        self._peer, self._strike = peer, strike

    def append(self, login: Any) -> None:
        super().append(login)
        self._strike(self._peer.connections[-1])


@pytest.mark.parametrize(
    ("strike", "kind", "tries"),
    [
        (lambda one: one.abort(), BrokenOff, 2),
        (lambda one: one.disconnect(asyncssh.DISC_BY_APPLICATION, "Go away"), LoginRefused, 1),
    ],
    ids=["dies", "sends away"],
)
def test_a_server_that_dies_at_the_login_has_not_refused_it(
    tmp_path: Path,
    parcels: list[Parcel],
    host_key: asyncssh.SSHKey,
    strike: Any,
    kind: type[Unreachable],
    tries: int,
) -> None:
    ear = Ear()
    with sftp_server(tmp_path / "there", host_key) as peer:
        peer.logins = Struck(peer, strike)
        there = endpoint_of(peer, "SFTP", host_key=described(host_key))
        with pytest.raises(kind):
            ear.deliver(parcels, there, attempts=2)

    assert len(peer.logins) == tries
    assert [type(one) for one in ear.warnings] == [kind] * (tries - 1)


# What servers of FTP refuse, mangle and tell


@contextmanager
def ftp(tmp_path: Path, **methods: Any) -> Iterator[tuple[Path, Endpoint]]:
    """Serve with a handler that has these methods of its own."""
    handler = type("Own", (FTPHandler,), methods)
    with ftp_server(tmp_path / "there", handler=handler) as peer:
        yield peer.folder, endpoint_of(peer, "FTP")


def refusing(answer: str) -> Any:
    return lambda self, *_said, **_more: self.respond(answer)


@pytest.mark.parametrize(
    ("answer", "kind", "tries"),
    [
        ("452 Insufficient space", Full, 3),
        ("552 Quota exceeded", Full, 3),
        ("450 Busy", Busy, 4),
        ("451 Local error", Busy, 4),
        ("421 Closing", BrokenOff, 4),
        ("550 Permission denied", NotPermitted, 1),
        ("553 No such name", NotPermitted, 1),
    ],
)
def test_what_may_pass_is_tried_again_and_what_does_not_is_told(
    tmp_path: Path, parcels: list[Parcel], answer: str, kind: type[Unreachable], tries: int
) -> None:
    ear = Ear()
    with ftp(tmp_path, ftp_STOR=refusing(answer)) as (there, endpoint), pytest.raises(kind):
        ear.deliver(parcels, endpoint, attempts=4)

    assert [type(one) for one in ear.warnings] == [kind] * (tries - 1)
    assert not (there / parcels[0].name).exists()


def ending(answer: str, after: int) -> type[DTPHandler]:
    """Return what takes so many bytes, and ends the file with `answer`."""

    class Ending(DTPHandler):  # type: ignore[misc]  # it has no types
        def handle_read_event(self) -> None:
            super().handle_read_event()
            if self.get_transmitted_bytes() >= after and not self._closed:
                self._resp = (answer, logging.debug)
                self.close()

    return Ending


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("552 Full", Full), ("452 Full", Full), ("426 Cut", Busy), ("226 Done", Unreachable)],
)
def test_a_file_that_is_ended_in_the_middle_gets_no_final_name(
    tmp_path: Path, parcels: list[Parcel], answer: str, kind: type[Unreachable]
) -> None:
    dtp = ending(answer, 400_000)
    with ftp(tmp_path, dtp_handler=dtp) as (there, endpoint), pytest.raises(kind):
        Ear().deliver(parcels, endpoint, attempts=1)

    assert not (there / parcels[0].name).exists()


def test_a_file_that_is_cut_again_and_again_arrives_as_long_as_it_grows(
    tmp_path: Path, parcels: list[Parcel]
) -> None:
    ear = Ear()
    with ftp(tmp_path, dtp_handler=ending("426 Cut", 250_000)) as (there, endpoint):
        ear.deliver(parcels, endpoint, attempts=2)

        assert stands(parcels, there)
    assert len(ear.warnings) >= 3


def cut_short(_self: Any, file: str) -> None:
    with Path(file).open("r+b") as opened:
        opened.truncate(SIZE - 1)


def twisted(_self: Any, file: str) -> None:
    with Path(file).open("r+b") as opened:
        opened.write(b"?")


def xcrc(self: Any, path: str) -> None:
    self.respond(f"250 {crc32(Path(path).read_bytes()):x}")


SUMS = {
    "XCRC": {"perm": "r", "auth": True, "arg": True, "help": ""},
}


@pytest.mark.parametrize(
    ("methods", "told"),
    [
        ({"on_file_received": cut_short}, f"arrived with {SIZE - 1} bytes in place of {SIZE}"),
        ({"ftp_SIZE": refusing("213 7")}, f"arrived with 7 bytes in place of {SIZE}"),
        (
            {
                "on_file_received": twisted,
                "ftp_XCRC": xcrc,
                "proto_cmds": FTPHandler.proto_cmds | SUMS,
                "ftp_FEAT": refusing("211-x\r\n XCRC filename\r\n211 End"),
            },
            "arrived with the sum [0-9a-f]{8} in place of [0-9a-f]{8}, as XCRC tells",
        ),
    ],
    ids=["cut", "lie", "twisted"],
)
def test_a_file_that_arrives_as_another_is_removed_sent_again_and_told(
    tmp_path: Path, parcels: list[Parcel], methods: dict[str, Any], told: str
) -> None:
    ear = Ear()
    with ftp(tmp_path, **methods) as (there, endpoint):
        with pytest.raises(Mangled, match=told):
            ear.deliver(parcels, endpoint, attempts=3)
        left = [path.name for path in there.rglob("*") if path.is_file()]

    assert [type(one) for one in ear.warnings] == [Mangled, Mangled]
    assert left == []


def test_a_lie_about_the_size_is_found_out_by_the_sum(
    tmp_path: Path, parcels: list[Parcel]
) -> None:
    def size(self: Any, path: str) -> None:
        self.respond(f"213 {SIZE}" if Path(path).exists() else "550 No such file")

    methods = {
        "on_file_received": cut_short,
        "ftp_SIZE": size,
        "ftp_XCRC": xcrc,
        "proto_cmds": FTPHandler.proto_cmds | SUMS,
        "ftp_FEAT": refusing("211-x\r\n XCRC\r\n211 End"),
    }
    with ftp(tmp_path, **methods) as (there, endpoint), pytest.raises(Mangled, match="XCRC"):
        Ear().deliver(parcels, endpoint, attempts=2)

    assert is_nothing_wrong(parcels, there)
    assert not (there / parcels[0].name).exists()


def test_a_final_name_that_is_taken_is_freed_where_renaming_does_not(
    tmp_path: Path, parcels: list[Parcel]
) -> None:
    def rnto(self: Any, path: str) -> Any:
        if Path(path).exists():
            self._rnfr = None
            return self.respond("553 It exists")
        return FTPHandler.ftp_RNTO(self, path)

    with ftp(tmp_path, ftp_RNTO=rnto) as (there, endpoint):
        (there / "R").mkdir()
        (there / parcels[0].name).write_bytes(b"of an earlier package")
        Ear().deliver(parcels, endpoint)

        assert stands(parcels, there)


def test_a_server_that_never_renames_keeps_the_part(tmp_path: Path, parcels: list[Parcel]) -> None:
    ear = Ear()
    refused = refusing("553 Never")
    with ftp(tmp_path, ftp_RNTO=refused) as (there, endpoint), pytest.raises(NotPermitted):
        ear.deliver(parcels, endpoint)

    assert [path.name for path in (there / "R").iterdir()] == [Path(part_of(parcels[0])).name]
    assert ear.warnings == []


def test_a_rename_whose_answer_is_lost_costs_nothing(tmp_path: Path, parcels: list[Parcel]) -> None:
    stored: list[str] = []

    def rnto(self: Any, path: str) -> Any:
        FTPHandler.ftp_RNTO(self, path)
        self.close()

    ear = Ear()
    methods = {"ftp_RNTO": rnto, "on_file_received": lambda _self, file: stored.append(file)}
    with ftp(tmp_path, **methods) as (there, endpoint):
        ear.deliver(parcels, endpoint)

        assert stands(parcels, there)
    assert len(stored) == 1
    assert len(ear.warnings) == 1


@pytest.mark.parametrize("method", ["ftp_REST", "ftp_RETR"])
def test_where_a_server_does_not_go_on_files_are_sent_anew(
    tmp_path: Path, parcels: list[Parcel], method: str
) -> None:
    with ftp(tmp_path, **{method: refusing("550 Not here")}) as (there, endpoint):
        (there / "R").mkdir()
        (there / part_of(parcels[0])).write_bytes(parcels[0].path.read_bytes()[:1000])
        Ear().deliver(parcels, endpoint)

        assert stands(parcels, there)


def test_a_server_that_lets_one_connection_in_gets_all_over_that_one(tmp_path: Path) -> None:
    parcels = packed(tmp_path / "packed", {f"r.r0{n}": 300_000 for n in range(4)})
    ear = Ear()
    with vsftpd_server(tmp_path / "there", tmp_path / "own", max_per_ip=1) as peer:
        ear.deliver(parcels, endpoint_of(peer, "FTP"), connections=3, bytes_per_s=PACE)

        assert stands(parcels, peer.folder)
    assert ear.warnings


# Servers that are not who they were


def test_a_login_that_is_refused_is_not_tried_again(tmp_path: Path, parcels: list[Parcel]) -> None:
    ear = Ear()
    with ftp_server(tmp_path / "there") as peer, pytest.raises(LoginRefused):
        ear.deliver(parcels, endpoint_of(peer, "FTP", password="wrong"))

    assert len(peer.logins) == 1
    assert ear.warnings == []


def test_nothing_goes_to_a_server_of_a_wrong_certificate(
    tmp_path: Path, parcels: list[Parcel], certificate: Path
) -> None:
    ear = Ear()
    with (
        ftp_server(tmp_path / "there", handler=TLS_FTPHandler, certificate=certificate) as peer,
        pytest.raises(CertificateRefused, match="fingerprint"),
    ):
        ear.deliver(parcels, endpoint_of(peer, "FTPS", host="127.0.0.1"))

    assert (peer.logins, peer.files(), ear.warnings) == ([], [], [])


def test_nothing_goes_to_a_server_of_a_changed_key(
    tmp_path: Path, parcels: list[Parcel], host_key: asyncssh.SSHKey
) -> None:
    earlier = asyncssh.generate_private_key("ssh-ed25519")
    ear = Ear()
    with (
        openssh_server(tmp_path / "there", tmp_path / "own", host_key) as peer,
        pytest.raises(HostKeyChanged) as told,
    ):
        ear.deliver(parcels, endpoint_of(peer, "SFTP", host_key=described(earlier)))

    assert described(host_key) in str(told.value)
    assert described(earlier) in str(told.value)
    assert (peer.files(), ear.warnings) == ([], [])


# SFTP


class Brimming(asyncssh.SFTPServer):
    def write(self, file_obj: Any, offset: int, data: bytes) -> Any:
        if offset > SIZE / 2:
            raise asyncssh.SFTPFailure("No space left on device")
        return super().write(file_obj, offset, data)


class Short(asyncssh.SFTPServer):
    """Keeps half, and says nothing."""

    def write(self, file_obj: Any, offset: int, data: bytes) -> Any:
        return super().write(file_obj, offset, data) if offset < SIZE / 2 else len(data)


class Plain(asyncssh.SFTPServer):
    """Puts no file in the place of another."""

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> Any:
        raise asyncssh.SFTPOpUnsupported("no")


@pytest.mark.parametrize(
    ("files", "kind", "tries"), [(Brimming, Full, 3), (Short, Mangled, 2)], ids=["full", "short"]
)
def test_what_a_server_of_sftp_does_not_keep_gets_no_final_name(
    tmp_path: Path,
    parcels: list[Parcel],
    host_key: asyncssh.SSHKey,
    files: Any,
    kind: Any,
    tries: int,
) -> None:
    ear = Ear()
    with sftp_server(tmp_path / "there", host_key, files=files) as peer, pytest.raises(kind):
        ear.deliver(
            parcels, endpoint_of(peer, "SFTP", host_key=described(host_key)), attempts=max(2, tries)
        )

    assert len(ear.warnings) == tries - 1
    assert not (peer.folder / parcels[0].name).exists()


def test_a_server_of_sftp_that_replaces_nothing_is_helped(
    tmp_path: Path, parcels: list[Parcel], host_key: asyncssh.SSHKey
) -> None:
    with sftp_server(tmp_path / "there", host_key, files=Plain) as peer:
        (peer.folder / "R").mkdir()
        (peer.folder / parcels[0].name).write_bytes(b"of an earlier package")
        Ear().deliver(parcels, endpoint_of(peer, "SFTP", host_key=described(host_key)))

        assert stands(parcels, peer.folder)


# Who calls, and what is sent


@pytest.mark.parametrize("kind", ["FTP", "SFTP", "LOCAL"])
def test_who_hears_may_end_it_and_nothing_is_left(
    tmp_path: Path, parcels: list[Parcel], host_key: asyncssh.SSHKey, kind: str
) -> None:
    def press(_stage: str, done: int, _total: int) -> None:
        if done > SIZE / 4:
            raise Pressed

    (tmp_path / "there").mkdir()
    before = threading.active_count()
    with sftp_server(tmp_path / "there", host_key) as sftp, ftp_server(tmp_path / "there") as peer:
        there = {
            "FTP": endpoint_of(peer, "FTP"),
            "SFTP": endpoint_of(sftp, "SFTP", host_key=described(host_key)),
            "LOCAL": Endpoint(type="LOCAL", roots=(tmp_path / "there",)),
        }[kind]
        with pytest.raises(Pressed):
            Ear(on=press, unwanted=(Pressed,)).deliver(parcels, there, bytes_per_s=PACE)

    assert [path for path in (tmp_path / "there").rglob("*") if path.is_file()] == []
    assert not [one for one in threading.enumerate() if one.name == "courier"], before


def test_who_hears_may_leave_it_to_another_who_goes_on(
    tmp_path: Path, parcels: list[Parcel]
) -> None:
    def lose(_stage: str, done: int, _total: int) -> None:
        if done > SIZE / 4:
            raise Lost

    with ftp_server(tmp_path / "there") as peer:
        there = endpoint_of(peer, "FTP")
        with pytest.raises(Lost):
            Ear(on=lose, unwanted=(Pressed,)).deliver(parcels, there, bytes_per_s=PACE)
        left = (tmp_path / "there" / part_of(parcels[0])).stat().st_size
        done = Ear().deliver(parcels, there)

        assert stands(parcels, peer.folder)
    assert left
    assert 0 < done.sent_bytes <= SIZE - left  # the server may have written on after the end


@pytest.mark.parametrize("kind", ["FTP", "SFTP"])
def test_who_hears_may_end_it_while_nobody_is_let_in(parcels: list[Parcel], kind: str) -> None:
    is_called = threading.Event()

    def stall(connection: socket.socket) -> None:
        is_called.set()
        while connection.recv(1000):
            pass

    def press(_stage: str, _done: int, _total: int) -> None:
        if is_called.is_set():
            raise Pressed

    ear = Ear(on=press, unwanted=(Pressed,))
    with script(stall) as peer, pytest.raises(Pressed):
        ear.deliver(parcels, endpoint_of(peer, kind, host="127.0.0.1", timeout_s=300))

    assert {stage for stage, _done, _total in ear.heard} == {"connect"}


@each_daemon
def test_who_hears_may_end_it_though_the_server_stalls(
    daemon: tuple[Daemon, Endpoint], parcels: list[Parcel]
) -> None:
    server, there = daemon
    halted: list[float] = []

    def press(_stage: str, done: int, _total: int) -> None:
        if halted and time.monotonic() > halted[0] + 0.3:
            raise Pressed
        if done > SIZE / 4 and not halted:
            server.signal(signal.SIGSTOP)
            halted.append(time.monotonic())

    with pytest.raises(Pressed):
        Ear(on=press, unwanted=(Pressed,)).deliver(parcels, there, bytes_per_s=PACE)

    assert not (server.folder / parcels[0].name).exists()


def test_who_notes_may_end_it(tmp_path: Path) -> None:
    parcels = packed(tmp_path / "packed")

    class Refusing(list[str]):
        def append(self, _name: str) -> None:
            raise Pressed

    with pytest.raises(Pressed):
        Ear(names=Refusing()).deliver(parcels, Endpoint(type="LOCAL", roots=(tmp_path / "there",)))

    assert is_nothing_wrong(parcels, tmp_path / "there")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda path: path.write_bytes(b"?" * SIZE), "is not what was packed"),
        (lambda path: path.write_bytes(b"?"), "is not what was packed"),
        (lambda path: path.unlink(), "cannot be read"),
    ],
    ids=["twisted", "short", "gone"],
)
def test_a_file_that_was_changed_since_is_not_delivered(
    tmp_path: Path, parcels: list[Parcel], harm: Any, told: str
) -> None:
    harm(parcels[0].path)
    with ftp_server(tmp_path / "there") as peer, pytest.raises(SourceLost, match=told):
        Ear().deliver(parcels, endpoint_of(peer, "FTP"))

    assert [path for path in peer.folder.rglob("*") if path.is_file()] == []


# How long one is patient


def test_each_wait_is_longer_than_the_one_before_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "FIRST_WAIT_S", 0.5)
    monkeypatch.setattr(random, "uniform", lambda _least, most: most)
    patience = Patience(9)

    waits = [patience.wait_s(BrokenOff("x"), Past()) for _ in range(8)]

    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_progress_brings_patience_back_and_mangling_does_not() -> None:
    patience, past = Patience(2), Past()
    for reached in range(1, 5):
        past.reached = reached
        patience.wait_s(BrokenOff("x"), past)
    patience.wait_s(Mangled("x"), Past(reached=9))

    with pytest.raises(Mangled):
        patience.wait_s(Mangled("x"), Past(reached=10))
