"""A server of FTP, FTPS or SFTP to be killed: `python -m chaos.peer KIND FOLDER PORT SECRETS MODE`.

The folder of secrets holds the certificate and the key that it shows. Its mode is `good`, `full`
(no room), `short` (it loses the end of what it is sent).
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import asyncssh

from tests.delivery.peers import (
    PASSWORD,
    USER,
    WRITES,
    FTPHandler,
    Guard,
    Peer,
    TLS_FTPHandler,
)

# After those: they keep quiet what is imported here.
from pyftpdlib.authorizers import DummyAuthorizer  # isort: skip
from pyftpdlib.servers import FTPServer  # isort: skip

HOST_KEY = "host_key"
LOST_BYTES = 1000


def main() -> None:
    kind, folder, port, secrets, mode = sys.argv[1:]
    if kind == "SFTP":
        asyncio.run(serve_sftp(Path(folder), int(port), Path(secrets), mode))
    else:
        serve_ftp(kind, Path(folder), int(port), Path(secrets), mode)


def serve_ftp(kind: str, folder: Path, port: int, secrets: Path, mode: str) -> None:
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(folder), perm=WRITES)
    own: dict[str, Any] = {"authorizer": authorizer, "auth_failed_timeout": 0.01} | MODES[mode]
    base = FTPHandler
    if kind == "FTPS":
        base = TLS_FTPHandler
        own["certfile"] = str(secrets / "certificate.pem")
        own["keyfile"] = str(secrets / "key.pem")
    FTPServer(("127.0.0.1", port), type("Handler", (base,), own)).serve_forever()


def refuse(handler: Any, file: str, mode: str = "w") -> None:
    handler.respond("552 There is no room.")


def lose_the_end(handler: Any, file: str) -> None:
    path = Path(file)
    with path.open("rb+") as received:
        received.truncate(max(0, path.stat().st_size - LOST_BYTES))


MODES: dict[str, dict[str, Any]] = {
    "good": {},
    "full": {"ftp_STOR": refuse, "ftp_APPE": refuse},
    "short": {"on_file_received": lose_the_end},
}


class Full(asyncssh.SFTPServer):
    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        raise asyncssh.SFTPNoSpaceOnFilesystem("There is no room.")


class Short(asyncssh.SFTPServer):
    """Writes nothing of a large file but its beginning."""

    def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        return len(data) if offset else int(super().write(file_obj, offset, data))  # type: ignore[arg-type]  # it is one


async def serve_sftp(folder: Path, port: int, secrets: Path, mode: str) -> None:
    peer = Peer(folder)
    files = {"good": asyncssh.SFTPServer, "full": Full, "short": Short}[mode]
    acceptor = await asyncssh.listen(
        "127.0.0.1",
        port,
        server_factory=lambda: Guard(peer, []),
        server_host_keys=[str(secrets / HOST_KEY)],
        sftp_factory=lambda channel: files(channel, chroot=bytes(folder)),
    )
    await acceptor.wait_closed()


if __name__ == "__main__":
    main()
