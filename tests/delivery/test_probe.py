"""Reliability R5 and S22: real servers on loopback, those that help and those that do not."""

import hashlib
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from delivery.endpoint import (
    BrokenOff,
    CertificateRefused,
    ConnectionRefused,
    Endpoint,
    Full,
    HostKeyChanged,
    HostKeyUnknown,
    LoginRefused,
    NotPermitted,
    Unsuited,
)
from delivery.probe import PROBE, probe
from network.addresses import NotAllowed, Unreachable
from network.deadline import Deadline, Late
from tests.delivery.peers import (
    PASSWORD,
    READS,
    USER,
    FTPHandler,
    ImplicitHandler,
    Peer,
    TLS_FTPHandler,
    ftp_server,
    script,
    sftp_server,
)

SLACK_S = 5.0


def endpoint(peer: Peer, kind: str, **said: Any) -> Endpoint:
    host = said.setdefault("host", "localhost")
    login = {"username": USER, "password": PASSWORD}
    allowed = frozenset({f"{host}:{peer.port}"})
    return Endpoint(type=kind, port=peer.port, allowed_hosts=allowed, **login | said)


def try_there(peer: Peer, kind: str, total_s: float = 10, **said: Any) -> int:
    return probe(endpoint(peer, kind, **said), Deadline(total_s))


def described(key: asyncssh.SSHKey) -> str:
    return f"{key.get_algorithm()} {key.get_fingerprint()}"


# FTP


def test_a_file_is_written_and_removed_by_ftp(tmp_path: Path) -> None:
    seen: list[bytes] = []

    class Handler(FTPHandler):  # type: ignore[misc]  # it has no types
        def on_file_received(self, file: str) -> None:
            seen.append(Path(file).read_bytes())
            assert Path(file).name.startswith(".")

    with ftp_server(tmp_path / "there", handler=Handler) as peer:
        milliseconds = try_there(peer, "FTP")
        left = peer.files()

    assert milliseconds >= 0
    assert seen == [PROBE]
    assert left == []


def test_files_go_into_the_folder_that_is_said(tmp_path: Path) -> None:
    received: list[str] = []

    class Handler(FTPHandler):  # type: ignore[misc]  # it has no types
        def on_file_received(self, file: str) -> None:
            received.append(Path(file).parent.name)

    (tmp_path / "there" / "in").mkdir(parents=True)
    with ftp_server(tmp_path / "there", handler=Handler) as peer:
        try_there(peer, "FTP", folder="in")
        with pytest.raises(NotPermitted, match="The folder nowhere is not there"):
            try_there(peer, "FTP", folder="nowhere")

    assert received == ["in"]


def test_a_refused_login_is_told(tmp_path: Path) -> None:
    with ftp_server(tmp_path / "there") as peer, pytest.raises(LoginRefused) as told:
        try_there(peer, "FTP", password="canary wrong")

    assert "refuses the login" in str(told.value)
    assert "canary" not in str(told.value)


def test_a_server_that_is_read_only_is_told(tmp_path: Path) -> None:
    with (
        ftp_server(tmp_path / "there", may=READS) as peer,
        pytest.raises(NotPermitted, match="does not let this user write"),
    ):
        try_there(peer, "FTP")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("552 Quota exceeded", Full),
        ("452 Insufficient space", Full),
        ("550 Permission denied", NotPermitted),
        ("553 Name not allowed", NotPermitted),
        ("421 Shutting down", BrokenOff),
        ("502 What is that", Unsuited),
    ],
)
def test_what_a_server_answers_to_a_file_is_told(
    tmp_path: Path, answer: str, kind: type[Unreachable]
) -> None:
    class Handler(FTPHandler):  # type: ignore[misc]  # it has no types
        def ftp_STOR(self, _file: str, mode: str = "w") -> None:  # noqa: N802 - as FTP calls it
            self.respond(f"{answer} {PASSWORD}")

    with ftp_server(tmp_path / "there", handler=Handler) as peer, pytest.raises(kind) as told:
        try_there(peer, "FTP")

    assert type(told.value) is kind
    assert PASSWORD not in str(told.value)
    assert told.value.__cause__ is None


def test_a_file_that_arrives_cut_is_told_and_removed(tmp_path: Path) -> None:
    class Handler(FTPHandler):  # type: ignore[misc]  # it has no types
        def on_file_received(self, file: str) -> None:
            Path(file).write_bytes(PROBE[:10])

    with (
        ftp_server(tmp_path / "there", handler=Handler) as peer,
        pytest.raises(Unsuited, match="arrived with 10"),
    ):
        try_there(peer, "FTP")

    assert peer.files() == []


def test_a_server_that_dies_in_the_middle_is_told(tmp_path: Path) -> None:
    class Handler(FTPHandler):  # type: ignore[misc]  # it has no types
        def ftp_STOR(self, _file: str, mode: str = "w") -> None:  # noqa: N802 - as FTP calls it
            self.close()

    with ftp_server(tmp_path / "there", handler=Handler) as peer, pytest.raises(BrokenOff):
        try_there(peer, "FTP")


def test_files_go_to_the_server_itself_wherever_it_sends_them(tmp_path: Path) -> None:
    with ftp_server(tmp_path / "there", masquerade_address="10.0.0.1") as peer:
        assert try_there(peer, "FTP", host="127.0.0.1") >= 0


def test_files_go_to_no_service_of_the_system() -> None:
    answers = {"USER": "331 .", "PASS": "230 .", "PASV": "227 (127,0,0,1,0,22)"}

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"220 .\r\n")
        for line in connection.makefile():
            connection.sendall(f"{answers.get(line[:4].strip(), '200 .')}\r\n".encode())

    with script(answer) as peer, pytest.raises(Unsuited, match="port 22, which is a service"):
        try_there(peer, "FTP", host="127.0.0.1")


def test_active_mode_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with (
        ftp_server(tmp_path / "there") as peer,
        pytest.raises(NotAllowed, match="In active mode"),
    ):
        try_there(peer, "FTP", passive=False)

    assert peer.logins == []


# FTPS


@pytest.mark.parametrize(
    ("kind", "handler"), [("FTPS", TLS_FTPHandler), ("FTPS_IMPLICIT", ImplicitHandler)]
)
def test_a_file_is_written_and_removed_under_tls(
    tmp_path: Path, certificate: Path, kind: str, handler: Any
) -> None:
    with ftp_server(
        tmp_path / "there",
        handler=handler,
        certificate=certificate,
        tls_control_required=True,
        tls_data_required=True,
    ) as peer:
        try_there(peer, kind)

    assert peer.logins == [(USER, PASSWORD)]
    assert peer.files() == []


@pytest.mark.parametrize(
    ("kind", "handler"), [("FTPS", TLS_FTPHandler), ("FTPS_IMPLICIT", ImplicitHandler)]
)
@pytest.mark.parametrize("is_trusted", [True, False])
def test_a_wrong_certificate_is_refused_with_its_sum_and_hears_of_nobody(
    tmp_path: Path, certificate: Path, kind: str, handler: Any, is_trusted: bool
) -> None:
    """One is of another host, the other of an authority that nobody knows."""
    from network.trust import trust  # noqa: PLC0415 - it is one of the test's parts

    if not is_trusted:
        with pytest.MonkeyPatch.context() as environment:
            environment.delenv("SSL_CERT_FILE")
            trust.cache_clear()
            trust()
    host = "127.0.0.1" if is_trusted else "localhost"
    der = ssl.PEM_cert_to_DER_cert((certificate / "certificate.pem").read_text())
    sum_ = hashlib.sha256(der).hexdigest().upper()
    with (
        ftp_server(tmp_path / "there", handler=handler, certificate=certificate) as peer,
        pytest.raises(CertificateRefused) as told,
    ):
        try_there(peer, kind, host=host)

    assert sum_ in str(told.value).replace(":", "")
    assert peer.logins == []


def test_a_server_that_does_not_encrypt_hears_of_nobody(tmp_path: Path) -> None:
    with ftp_server(tmp_path / "there") as peer:
        with pytest.raises(Unsuited, match="does not encrypt"):
            try_there(peer, "FTPS")
        with pytest.raises(Unsuited, match="does not encrypt"):
            try_there(peer, "FTPS_IMPLICIT")

    assert peer.logins == []


def test_what_was_said_before_encryption_counts_for_nothing(
    tmp_path: Path, certificate: Path
) -> None:
    """Who stands between slips answers in behind the one to AUTH TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    heard: list[str] = []

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"220 .\r\n")
        connection.recv(100)
        connection.sendall(b"234 .\r\n230 slipped in\r\n200 slipped in\r\n")
        with context.wrap_socket(connection, server_side=True) as secured:
            heard.append(secured.recv(100).decode())
            secured.sendall(b"530 no\r\n")
            heard.append(secured.recv(100).decode())

    with script(answer) as peer, pytest.raises(LoginRefused):
        try_there(peer, "FTPS")

    assert heard[0] == f"USER {USER}\r\n"


# SFTP


def test_a_file_is_written_and_removed_by_sftp(tmp_path: Path, host_key: asyncssh.SSHKey) -> None:
    (tmp_path / "there" / "in").mkdir(parents=True)
    with sftp_server(tmp_path / "there", host_key) as peer:
        try_there(peer, "SFTP", host_key=described(host_key))
        try_there(peer, "SFTP", host_key=described(host_key), folder="in")
        with pytest.raises(NotPermitted, match="The folder nowhere is not there"):
            try_there(peer, "SFTP", host_key=described(host_key), folder="nowhere")

    assert peer.files() == ["in"]
    assert list((tmp_path / "there" / "in").iterdir()) == []


@pytest.mark.parametrize("passphrase", ["", "open sesame"])
@pytest.mark.parametrize("algorithm", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
def test_a_key_opens_in_place_of_a_password(
    tmp_path: Path, host_key: asyncssh.SSHKey, algorithm: str, passphrase: str
) -> None:
    own = asyncssh.generate_private_key(algorithm)
    text = own.export_private_key(passphrase=passphrase or None).decode()
    with sftp_server(tmp_path / "there", host_key, keys=[own]) as peer:
        try_there(
            peer,
            "SFTP",
            host_key=described(host_key),
            password="",
            private_key=text,
            passphrase=passphrase,
        )

    assert {login[1] for login in peer.logins} == {algorithm}


@pytest.mark.parametrize("secret", ["password", "private_key"])
def test_a_refused_login_by_sftp_is_told(
    tmp_path: Path, host_key: asyncssh.SSHKey, secret: str
) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    wrong: dict[str, Any] = {
        "password": {"password": "canary"},
        "private_key": {"private_key": key},
    }[secret]
    with (
        sftp_server(tmp_path / "there", host_key) as peer,
        pytest.raises(LoginRefused, match="refuses the login"),
    ):
        try_there(peer, "SFTP", host_key=described(host_key), **{"password": ""} | wrong)


def test_a_key_that_nobody_accepted_is_shown_and_hears_of_nobody(
    tmp_path: Path, host_key: asyncssh.SSHKey
) -> None:
    with sftp_server(tmp_path / "there", host_key) as peer, pytest.raises(HostKeyUnknown) as told:
        try_there(peer, "SFTP")

    assert told.value.values["host_key"] == described(host_key)
    assert host_key.get_fingerprint() in str(told.value)
    assert peer.logins == []


def test_a_changed_key_is_refused_with_both_and_hears_of_nobody(
    tmp_path: Path, host_key: asyncssh.SSHKey
) -> None:
    earlier = asyncssh.generate_private_key("ssh-ed25519")
    with sftp_server(tmp_path / "there", host_key) as peer, pytest.raises(HostKeyChanged) as told:
        try_there(peer, "SFTP", host_key=described(earlier))

    assert described(host_key) in str(told.value)
    assert described(earlier) in str(told.value)
    assert peer.logins == []


@pytest.mark.parametrize("algorithm", ["ssh-rsa", "ecdsa-sha2-nistp256"])
def test_of_several_keys_of_a_server_the_accepted_one_is_asked_for(
    tmp_path: Path, host_key: asyncssh.SSHKey, algorithm: str
) -> None:
    accepted = asyncssh.generate_private_key(algorithm)
    with sftp_server(tmp_path / "there", host_key, more_keys=(accepted,)) as peer:
        try_there(peer, "SFTP", host_key=described(accepted))

    assert peer.logins == [(USER, PASSWORD)]


class ReadOnly(asyncssh.SFTPServer):
    def open(self, *_wishes: Any) -> Any:
        raise asyncssh.SFTPPermissionDenied("no")


class Brimming(asyncssh.SFTPServer):
    def write(self, *_wishes: Any) -> Any:
        raise asyncssh.SFTPFailure("No space left on device")


class Dying(asyncssh.SFTPServer):
    def open(self, *_wishes: Any) -> Any:
        self.channel.get_connection().abort()


@pytest.mark.parametrize(
    ("files", "kind"), [(ReadOnly, NotPermitted), (Brimming, Full), (Dying, BrokenOff)]
)
def test_what_keeps_a_file_from_being_written_is_told(
    tmp_path: Path,
    host_key: asyncssh.SSHKey,
    files: type[asyncssh.SFTPServer],
    kind: type[Unreachable],
) -> None:
    with sftp_server(tmp_path / "there", host_key, files=files) as peer:
        with pytest.raises(kind) as told:
            try_there(peer, "SFTP", host_key=described(host_key))

        assert type(told.value) is kind
        assert peer.files() == []


# Servers that are none


def silent(connection: socket.socket) -> None:
    connection.recv(1)
    while connection.recv(1000):
        pass


def greeting(line: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(line)
        silent(connection)

    return answer


def dripping(line: bytes) -> Callable[[socket.socket], None]:
    """Say something now and then, so that no single wait is long."""

    def answer(connection: socket.socket) -> None:
        while True:
            for number in line:
                connection.sendall(bytes([number]))
                time.sleep(0.02)

    return answer


@pytest.mark.parametrize("kind", ["FTP", "FTPS", "FTPS_IMPLICIT", "SFTP"])
@pytest.mark.parametrize(
    "answer",
    [
        silent,
        greeting(b"220 .\r\n"),
        greeting(b"SSH-2.0-x\r\n"),
        dripping(b"220-."),
        dripping(b"220-.\r\n"),
        dripping(b"\x16\x03\x03\x40\x00"),
    ],
    ids=["silent", "FTP", "SSH", "a line", "lines", "TLS"],
)
def test_a_server_that_keeps_one_waiting_does_so_until_the_deadline(
    kind: str, answer: Callable[[socket.socket], None]
) -> None:
    deadline = Deadline(0.6)
    with script(answer) as peer, pytest.raises(Unreachable) as told:
        probe(endpoint(peer, kind, host="127.0.0.1"), deadline)

    assert isinstance(told.value, Late | Unsuited)
    assert deadline.left_s() > -SLACK_S


def test_a_server_that_stops_reading_does_so_until_the_deadline(
    tmp_path: Path, host_key: asyncssh.SSHKey
) -> None:
    class Handler(FTPHandler):  # type: ignore[misc]  # it has no types
        def ftp_STOR(self, _file: str, mode: str = "w") -> None:  # noqa: N802 - as FTP calls it
            """Never answer."""

    deadline = Deadline(0.6)
    with ftp_server(tmp_path / "there", handler=Handler) as peer, pytest.raises(Late):
        probe(endpoint(peer, "FTP"), deadline)

    assert deadline.left_s() > -SLACK_S


def endless(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"220-So much to say\r\n" * 1000)


@pytest.mark.parametrize("kind", ["FTP", "FTPS", "FTPS_IMPLICIT", "SFTP"])
@pytest.mark.parametrize(
    "answer",
    [endless, lambda _connection: None, lambda one: one.sendall(b"HTTP/1.1 200 OK\r\n")],
    ids=["endless", "mute", "of the web"],
)
def test_what_is_no_such_server_is_told(kind: str, answer: Callable[[socket.socket], None]) -> None:
    with script(answer) as peer, pytest.raises((BrokenOff, Unsuited, Late)):
        try_there(peer, kind, host="127.0.0.1", total_s=3)


def test_a_port_nobody_listens_on_is_told() -> None:
    with script(silent) as peer:
        pass

    with pytest.raises(ConnectionRefused, match=f"refuses connections on port {peer.port}"):
        try_there(peer, "FTP", host="127.0.0.1")
