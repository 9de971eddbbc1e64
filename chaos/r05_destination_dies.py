"""The server that a release is delivered to dies, stalls, is full, lies, or lets nobody in."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncssh
from isal.isal_zlib import crc32

from chaos.ground import Ground, until
from chaos.peer import HOST_KEY
from chaos.report import Row
from delivery.endpoint import Endpoint
from delivery.parcel import Delivered, Manner, Parcel
from delivery.transfer import deliver
from network import trust
from network.addresses import NotAllowed, Unreachable
from tests.delivery.peers import PASSWORD, USER
from tests.instance import ROOT, free_port
from tests.network.certificates import serving

TITLE = "destination dies, stalls, refuses"
KINDS = ("FTP", "FTPS", "SFTP")
RELEASE, FILES = "Some.Release-GRP", 8
TIMEOUT_S, SPARE_S, ATTEMPTS = 15.0, 5.0, 20
BYTES_PER_S = 20_000_000
DOWN_S = 0.2


def run(ground: Ground) -> Iterator[Row]:
    secrets = ground.folder / "secrets"
    secrets.mkdir()
    serving(secrets, "localhost")
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(secrets / HOST_KEY)
    os.environ["SSL_CERT_FILE"] = str(secrets / "certificate.pem")
    trust.trust.cache_clear()
    for kind in KINDS:
        site = Site(ground, kind, secrets)
        yield from killed(site, ground.of(50, 5))
        yield stalled(site)
        for mode in ("full", "short"):
            yield refused(site, mode)
        yield let_nobody_in(site)
        site.stop()


@dataclass
class Site:
    """A server that can be ended and begun again, and what is to be brought there."""

    ground: Ground
    kind: str
    secrets: Path

    def __post_init__(self) -> None:
        self.folder = self.ground.folder / f"at {self.kind}"
        self.folder.mkdir()
        self.port, self.process = free_port(), None
        self.parcels = parcels(self.ground.folder / f"of {self.kind}", self.ground.of(40, 4) << 20)
        self.start()

    process: "subprocess.Popen[Any] | None" = None

    def start(self, mode: str = "good") -> None:
        where = (str(self.folder), str(self.port), str(self.secrets), mode)
        command = (sys.executable, "-W", "ignore", "-m", "chaos.peer", self.kind, *where)
        env = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
        self.process = self.ground.process(*command, env=env)
        until(self._answers, pause_s=0.01)

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def send(self, number: int) -> None:
        assert self.process
        self.process.send_signal(number)

    def stop(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait(10)

    def emptied(self, mode: str) -> None:
        """Begin again with nothing there, in another mode."""
        self.stop()
        for path in sorted(self.folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        self.start(mode)

    @property
    def endpoint(self) -> Endpoint:
        key = asyncssh.read_private_key(self.secrets / HOST_KEY)
        return Endpoint(
            type=self.kind,
            host="localhost",
            port=self.port,
            username=USER,
            password=PASSWORD,
            timeout_s=TIMEOUT_S,
            host_key=f"ssh-ed25519 {key.get_fingerprint()}",
            allowed_hosts=frozenset({f"localhost:{self.port}"}),
        )

    def wrong(self) -> list[str]:
        """Return what stands under a final name and is not what was to be brought."""
        right = {one.name: one.sha256 for one in self.parcels}
        there = {str(path.relative_to(self.folder)): path for path in self.folder.rglob("*.bin")}
        return [name for name, path in there.items() if sha256(path) != right.get(name)]


def parcels(folder: Path, size: int) -> list[Parcel]:
    folder.mkdir()
    made = []
    for number in range(FILES):
        path, content = folder / f"{number}.bin", os.urandom(size)
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        sums = {"crc32": f"{crc32(content):08X}", "sha256": digest}
        made.append(Parcel(path=path, name=f"{RELEASE}/{path.name}", size=size, **sums))
    return made


def sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def brought(site: Site, manner: Manner, endpoint: Endpoint | None = None) -> Delivered:
    def heard(stage: str, done: int, total: int) -> None:
        """Hear, and say nothing."""

    def note(parcel: Parcel) -> None:
        """As above."""

    def warn(fault: Unreachable) -> None:
        """As above."""

    where = endpoint or site.endpoint
    return deliver(site.parcels, where, manner, heard, arrived={}, note=note, warn=warn)


def killed(site: Site, kills: int) -> Iterator[Row]:
    """Kill the server at any moment of a delivery, until it was killed often enough."""
    deaths, sent, wrong, whole, rounds = 0, 0, 0, 0, 0
    given_up: set[str] = set()
    while deaths < kills:
        over = threading.Event()
        dying = Dying(site, over, kills - deaths)
        dying.start()
        try:
            done = brought(site, Manner(connections=2, bytes_per_s=BYTES_PER_S, attempts=ATTEMPTS))
            sent += done.sent_bytes
        except (Unreachable, NotAllowed) as fault:
            given_up.add(type(fault).__name__)
        finally:
            over.set()
            dying.join()
        rounds += 1
        deaths, wrong = deaths + dying.deaths, wrong + dying.wrong
        whole += not site.wrong() and len(list(site.folder.rglob("*.bin"))) == FILES
        site.emptied("good")
    name = f"{site.kind}: server killed"
    yield Row("R5", f"{name}: nothing wrong under a final name", deaths, deaths - wrong)
    total = rounds * sum(one.size for one in site.parcels)
    figures = f"{deaths} deaths; the last tries sent {sent / total:.0%} of the bytes"
    figures += f"; given up: {', '.join(sorted(given_up))}" if given_up else ""
    yield Row("R5", f"{name}: delivered all the same", rounds, whole, figures)


class Dying(threading.Thread):
    """Kills the server now and then, looks at what it left, and starts it again."""

    def __init__(self, site: Site, over: threading.Event, most: int) -> None:
        super().__init__()
        self.site, self.over, self.most = site, over, most
        self.deaths = self.wrong = 0

    def run(self) -> None:
        while self.deaths < self.most:
            if self.over.wait(self.site.ground.chance.uniform(0.05, 0.8)):
                return
            self.site.stop()
            self.deaths += 1
            self.wrong += bool(self.site.wrong())
            time.sleep(DOWN_S)
            self.site.start()


def stalled(site: Site) -> Row:
    """Stop the server in the middle: no delivery waits for it longer than it may."""
    end = "it went on"
    stopped_at: list[float] = []

    def stop() -> None:
        site.send(signal.SIGSTOP)
        stopped_at.append(time.monotonic())

    threading.Timer(0.5, stop).start()
    try:
        brought(site, Manner(attempts=1, bytes_per_s=1_000_000))
    except Unreachable as fault:
        end = type(fault).__name__
    took = time.monotonic() - stopped_at[0]
    site.send(signal.SIGCONT)
    is_right = end != "it went on" and took <= TIMEOUT_S + SPARE_S and not site.wrong()
    figures = f"{end} after {took:.1f} s, of {TIMEOUT_S:g} s + {SPARE_S:g} s"
    return Row("R5", f"{site.kind}: server stops: given up in time", 1, int(is_right), figures)


def refused(site: Site, mode: str) -> Row:
    site.emptied(mode)
    end = "delivered"
    try:
        brought(site, Manner(attempts=2))
    except (Unreachable, NotAllowed) as fault:
        end = type(fault).__name__
    is_right = end != "delivered" and not site.wrong()
    return Row("R5", f"{site.kind}: {SAID[mode]}: refused, nothing wrong", 1, int(is_right), end)


SAID = {"full": "no room (552)", "short": "wrong size"}


def let_nobody_in(site: Site) -> Row:
    site.emptied("good")
    began, end = time.monotonic(), "delivered"
    try:
        brought(site, Manner(), replace(site.endpoint, password="wrong"))  # noqa: S106  # it is
    except NotAllowed as fault:
        end = type(fault).__name__
    took = time.monotonic() - began
    is_right = end == "LoginRefused" and took < TIMEOUT_S
    figures = f"{end} after {took:.1f} s, not tried again"
    return Row("R5", f"{site.kind}: login refused", 1, int(is_right), figures)
