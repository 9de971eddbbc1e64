"""How long a delivery takes, as a share of what sftp and curl take to bring the same file.

`make bench-delivery` sends 1 GiB to OpenSSH and to vsftpd on this machine, in turns, and tells the
most memory that the process that sends held. ARGS="--gibibytes 0.1 --rounds 1" for a short run.
Ours is timed from the call to its return: with login, sums and renaming, without starting Python.
"""

import json
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import asyncssh
from isal.isal_zlib import crc32

from benchmarks.measuring import Clock, Row, settled, shell, show, table
from benchmarks.packing import GIBIBYTE, write_noise
from delivery.endpoint import Endpoint
from tests.delivery.bringing import described, endpoint_of
from tests.delivery.peers import Daemon, openssh_server, vsftpd_server

SHARE = 0.6
"""Of their speed."""
MOST_MEMORY = 64
"""In MiB."""
SFTP, SUMMED, CURL = "sftp: put", "sftp: put, sha256sum at both ends", "curl: upload"
ROWS = (
    Row(SFTP, SFTP),
    Row("SFTP: sent", SFTP, round(1 / SHARE, 2)),
    Row(SUMMED, SUMMED),
    Row("SFTP: sent, summed, renamed", SUMMED, round(1 / SHARE, 2)),
    Row(CURL, CURL),
    Row("FTP: sent", CURL, round(1 / SHARE, 2)),
    Row("FTP: sent, sized, renamed", CURL, round(1 / SHARE, 2)),
)


def main() -> None:
    parser = ArgumentParser()
    parser.add_argument("--gibibytes", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    options = parser.parse_args()
    clock, memory = Clock(), 0.0
    with tempfile.TemporaryDirectory(dir=options.folder) as name, ExitStack() as stack:
        folder = Path(name)
        payload = folder / "payload.mkv"
        write_noise(payload, int(options.gibibytes * GIBIBYTE))
        key = asyncssh.generate_private_key("ssh-ed25519")
        ssh = stack.enter_context(openssh_server(folder / "there", folder / "ssh", key))
        ftp = stack.enter_context(vsftpd_server(folder / "there", folder / "ftp"))
        by_ssh = endpoint_of(ssh, "SFTP", host_key=described(key))
        by_ftp = endpoint_of(ftp, "FTP", host="127.0.0.1")
        for _ in range(options.rounds):
            put_and_summed(clock, payload, ssh, folder / "ssh")
            memory = max(memory, sent(clock, by_ssh, payload, ssh))
            timed(clock, CURL, ftp, lambda: upload(payload, ftp))
            memory = max(memory, sent(clock, by_ftp, payload, ftp))
    show(f"{options.gibibytes} GiB, median of {options.rounds} rounds", table(ROWS, clock))
    sys.stdout.write(f"  most memory: {memory:.0f} MiB (at most {MOST_MEMORY})\n")


def timed(clock: Clock, name: str, server: Daemon, way: Callable[[], None]) -> None:
    settled(server.folder)
    clock.time(name, way)


def put_and_summed(clock: Clock, payload: Path, server: Daemon, own: Path) -> None:
    options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR")
    said: list[str | Path] = [
        "-q",
        "-i",
        own / "user",
        *(word for option in options for word in ("-o", option)),
    ]
    login = f"{server.login['username']}@127.0.0.1"
    batch = own / "batch"
    batch.write_text(f"put {payload} {server.folder}/copy\n")
    settled(server.folder)
    began = time.perf_counter()
    shell("sftp", *said, "-P", str(server.port), "-b", batch, login)
    clock.add(SFTP, time.perf_counter() - began)
    shell("ssh", *said, "-p", str(server.port), login, f"sha256sum {server.folder}/copy")
    shell("sha256sum", payload)
    clock.add(SUMMED, time.perf_counter() - began)


def upload(payload: Path, server: Daemon) -> None:
    shell("curl", "-s", "-T", payload, f"ftp://127.0.0.1:{server.port}/copy")


def sent(clock: Clock, endpoint: Endpoint, payload: Path, server: Daemon) -> float:
    """Deliver in a process of its own; return the MiB of memory that it held at most."""
    settled(server.folder)
    said = asdict(endpoint) | {"allowed_hosts": sorted(endpoint.allowed_hosts), "roots": []}
    order = json.dumps({"endpoint": said, "payload": str(payload), "crc32": sum_of(payload)})
    command = [sys.executable, "-m", "benchmarks.delivery_sender", order]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    names = [row.name for row in ROWS if row.name.startswith(f"{endpoint.type}: ")]
    for name, seconds in zip(names, (answer["sent"], answer["all"]), strict=True):
        clock.add(name, seconds)
    return float(answer["memory"])


def sum_of(payload: Path) -> str:
    crc = 0
    with payload.open("rb") as file:
        while piece := file.read(1 << 20):
            crc = crc32(piece, crc)
    return f"{crc:08x}"


if __name__ == "__main__":
    main()
