"""Servers of FTP and SFTP on this machine, as they are in life: some help, some do not."""

import asyncio
import getpass
import os
import signal
import socket
import subprocess
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncssh

with warnings.catch_warnings():  # it still uses asyncore, which Python 3.12 has not
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import DTPHandler, FTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

__all__ = ["DTPHandler", "FTPHandler", "ImplicitHandler", "TLS_FTPHandler"]
USER, PASSWORD = "courier", "canary-4711"
WRITES, READS = "elradfmwMT", "elr"


class Peer:
    """A server on loopback: where it is, what lies in its folder, what it heard."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.logins: list[tuple[str, str]] = []
        """User and password, or kind of key, of everybody who tried."""
        self.connections: list[asyncssh.SSHServerConnection] = []
        self.login: dict[str, str] = {"username": USER, "password": PASSWORD}
        """What an endpoint must say to get in."""

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


class Authorizer(DummyAuthorizer):  # type: ignore[misc]  # it has no types
    peer: Peer

    def validate_authentication(self, username: str, password: str, handler: Any) -> None:
        self.peer.logins.append((username, password))
        super().validate_authentication(username, password, handler)


class ImplicitHandler(TLS_FTPHandler):  # type: ignore[misc]  # it has no types
    """Encrypts from the first byte on."""

    def handle(self) -> None:
        self.secure_connection(self.ssl_context)

    def handle_ssl_established(self) -> None:
        super().handle()


@contextmanager
def ftp_server(
    folder: Path,
    *,
    handler: type[FTPHandler] = FTPHandler,
    certificate: Path | None = None,
    may: str = WRITES,
    **attributes: Any,
) -> Iterator[Peer]:
    """Serve `folder`; with a folder that holds `certificate.pem` and `key.pem`, under TLS."""
    peer = Peer(folder)
    folder.mkdir(exist_ok=True)
    authorizer = Authorizer()
    authorizer.peer = peer
    authorizer.add_user(USER, PASSWORD, str(folder), perm=may)
    own: dict[str, Any] = {"authorizer": authorizer, "auth_failed_timeout": 0.01, **attributes}
    if certificate:
        own["certfile"] = str(certificate / "certificate.pem")
        own["keyfile"] = str(certificate / "key.pem")
    kind = type("Handler", (handler,), own)
    loop = IOLoop()
    server = FTPServer(("127.0.0.1", 0), kind, ioloop=loop)
    peer.port = server.address[1]
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            loop.loop(timeout=0.01, blocking=False)
        server.close_all()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield peer
    finally:
        over.set()
        thread.join()


class Guard(asyncssh.SSHServer):
    def __init__(self, peer: Peer, keys: list[asyncssh.SSHKey]) -> None:
        self._peer = peer
        self._keys = keys

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._peer.connections.append(conn)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self._peer.logins.append((username, password))
        return (username, password) == (USER, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self._peer.logins.append((username, key.get_algorithm()))
        return username == USER and key.public_data in {one.public_data for one in self._keys}


@contextmanager
def sftp_server(
    folder: Path,
    host_key: asyncssh.SSHKey,
    *,
    keys: list[asyncssh.SSHKey] | None = None,
    more_keys: tuple[asyncssh.SSHKey, ...] = (),
    files: type[asyncssh.SFTPServer] = asyncssh.SFTPServer,
) -> Iterator[Peer]:
    """Serve `folder` to who knows the password, or has one of `keys`."""
    peer = Peer(folder)
    folder.mkdir(exist_ok=True)
    loop = asyncio.new_event_loop()

    async def listen() -> Any:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=lambda: Guard(peer, keys or []),
            server_host_keys=[host_key, *more_keys],
            sftp_factory=lambda channel: files(channel, chroot=bytes(folder)),
        )

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        # In its own thread from the first: this one may have a loop, that of a browser.
        acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(30)
        peer.port = acceptor.sockets[0].getsockname()[1]
        try:
            yield peer
        finally:
            asyncio.run_coroutine_threadsafe(closed(acceptor, peer), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def closed(acceptor: Any, peer: Peer) -> None:
    acceptor.close()
    for connection in peer.connections:
        connection.abort()
        await connection.wait_closed()
    await acceptor.wait_closed()


@contextmanager
def script(answer: Callable[[socket.socket], None]) -> Iterator[Peer]:
    """Listen, and have `answer` deal with each connection; it sees the end of the test as EOF."""
    peer = Peer(Path())
    listening = socket.create_server(("127.0.0.1", 0))
    peer.port = listening.getsockname()[1]
    opened: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection = listening.accept()[0]
            except OSError:
                return
            opened.append(connection)
            threading.Thread(target=deal, args=(connection,), daemon=True).start()

    def deal(connection: socket.socket) -> None:
        with closing(connection):
            try:
                answer(connection)
            except OSError:
                return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield peer
    finally:
        for one in [listening, *opened]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        thread.join()


class Daemon(Peer):
    """A server that is a process, and can be killed, halted and started again."""

    def __init__(self, folder: Path, *command: str) -> None:
        super().__init__(folder)
        folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.command = command
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while not answers(self.port):
            assert self._process.poll() is None, f"{self.command} does not start"

    def signal(self, number: int) -> None:
        """Signal the server and all that it started, the listening process first."""
        assert self._process
        for pid in family(self._process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        if self._process:
            self._process.wait()


def family(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except ConnectionRefusedError:
        time.sleep(0.01)
        return False


@contextmanager
def running(daemon: Daemon) -> Iterator[Daemon]:
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.kill()


@contextmanager
def openssh_server(
    folder: Path, own: Path, host_key: asyncssh.SSHKey, **options: object
) -> Iterator[Daemon]:
    """Have OpenSSH serve to who runs the tests, by a key; its files lie in the folder `own`."""
    own.mkdir()
    key = asyncssh.generate_private_key("ssh-ed25519")
    for name, content in (("host", host_key), ("user", key)):
        (own / name).write_bytes(content.export_private_key())
        (own / name).chmod(0o600)
    (own / "allowed").write_bytes(key.export_public_key())
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # it insists on it
    daemon = Daemon(folder, "/usr/sbin/sshd", "-D", "-f", str(own / "sshd.conf"))
    daemon.login = {
        "username": getpass.getuser(),
        "private_key": (own / "user").read_text(),
        "folder": str(folder),
    }
    lines = {
        "Port": daemon.port,
        "ListenAddress": "127.0.0.1",
        "HostKey": own / "host",
        "AuthorizedKeysFile": own / "allowed",
        "StrictModes": "no",
        "UsePAM": "no",
        "PidFile": "none",
        "PermitRootLogin": "yes",
        "MaxStartups": 100,
        "Subsystem": "sftp internal-sftp",
        **options,
    }
    (own / "sshd.conf").write_text("".join(f"{name} {value}\n" for name, value in lines.items()))
    with running(daemon):
        yield daemon


@contextmanager
def vsftpd_server(
    folder: Path, own: Path, certificate: Path | None = None, **options: object
) -> Iterator[Daemon]:
    """Have vsftpd serve to everybody; under TLS it wants files in the session of the commands."""
    own.mkdir()
    daemon = Daemon(folder, "/usr/sbin/vsftpd", str(own / "vsftpd.conf"))
    daemon.login = {"username": "anonymous", "password": PASSWORD}
    lines: dict[str, object] = {
        "listen": "YES",
        "listen_address": "127.0.0.1",
        "listen_port": daemon.port,
        "background": "NO",
        "anonymous_enable": "YES",
        "local_enable": "NO",
        "write_enable": "YES",
        "anon_upload_enable": "YES",
        "anon_mkdir_write_enable": "YES",
        "anon_other_write_enable": "YES",
        "anon_world_readable_only": "NO",
        "anon_root": folder,
        "anon_umask": "022",
        "allow_writeable_chroot": "YES",
        "run_as_launching_user": "YES",
        "seccomp_sandbox": "NO",
        "xferlog_enable": "NO",
    }
    if certificate:
        lines |= {
            "ssl_enable": "YES",
            "allow_anon_ssl": "YES",
            "force_anon_logins_ssl": "YES",
            "force_anon_data_ssl": "YES",
            "require_ssl_reuse": "YES",
            "strict_ssl_read_eof": "YES",
            "rsa_cert_file": certificate / "certificate.pem",
            "rsa_private_key_file": certificate / "key.pem",
        }
    lines |= options
    (own / "vsftpd.conf").write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
    with running(daemon):
        yield daemon
