"""The web server is restarted while it is read from, and one of its processes is killed."""

import http.client
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from chaos.ground import Ground, below, until
from chaos.report import Row
from tests.instance import Instance, await_web

TITLE = "web server restarted under load"
CLIENTS, LOAD_S = 8, 4
PROCESSES = 2
SERVED, LOST, REFUSED, WRONG = "served", "lost in flight", "not connected", "wrong"


def run(ground: Ground) -> Iterator[Row]:
    instance = ground.instance()
    server = started(ground, instance)
    tally = told_to_end(instance, server)
    failed = tally[LOST] + tally[WRONG]
    sent = tally[SERVED] + failed
    yield Row(
        "R8", "SIGTERM under load: requests begun, answered", sent, sent - failed, said(tally)
    )
    ended = until(lambda: server.poll() is not None, 60)
    yield Row("R8", "SIGTERM: it ends", 1, int(ended and server.poll() == 0), f"{server.poll()}")
    server = started(ground, instance)
    tally = one_killed(ground, instance, server)
    is_right = tally[LOST] <= CLIENTS and not tally[WRONG] and not tally[REFUSED]
    what = "SIGKILL of one process: only requests in flight are lost"
    yield Row("R8", what, 1, int(is_right), said(tally))


def started(ground: Ground, instance: Instance) -> "subprocess.Popen[Any]":
    listening = ("--port", str(instance.port), "--workers", str(PROCESSES))
    command = instance.command("web", *listening)
    server = ground.process(*command, env=instance.environment, cwd=instance.data_dir)
    await_web(instance)
    return server


def told_to_end(instance: Instance, server: "subprocess.Popen[Any]") -> Counter[str]:
    with Readers(instance) as readers:
        time.sleep(LOAD_S)
        server.send_signal(signal.SIGTERM)
        until(lambda: readers.tally[REFUSED], 60)
    return readers.tally


def one_killed(ground: Ground, instance: Instance, server: "subprocess.Popen[Any]") -> Counter[str]:
    with Readers(instance) as readers:
        time.sleep(LOAD_S)
        processes = [pid for pid in below(server.pid, b"gunicorn") if pid != server.pid]
        if len(processes) != PROCESSES:
            raise RuntimeError(f"{len(processes)} processes serve, not {PROCESSES}")
        os.kill(ground.chance.choice(processes), signal.SIGKILL)
        time.sleep(LOAD_S)
    return readers.tally


class Readers:
    """Clients that ask for one page over and over, each request on a connection of its own."""

    def __init__(self, instance: Instance) -> None:
        self.port, self.tally = instance.port, Counter[str]()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._read) for _ in range(CLIENTS)]

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        while not self._over.is_set():
            end = self._asked()
            self.tally[end] += 1
            if end == REFUSED:
                time.sleep(0.05)

    def _asked(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.connect()
        except OSError:
            return REFUSED
        try:
            connection.request("GET", "/accounts/login/", headers={"Connection": "close"})
            answer = connection.getresponse()
            return SERVED if answer.status == 200 and b"</html>" in answer.read() else WRONG
        except (OSError, http.client.HTTPException):
            return LOST
        finally:
            connection.close()


def said(tally: Counter[str]) -> str:
    return ", ".join(f"{count} {end}" for end, count in tally.items())
