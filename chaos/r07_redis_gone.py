"""Redis is emptied under load, and then is gone: nothing of worth lies in it."""

import shutil
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from subprocess import Popen

import httpx

from chaos.ground import Ground, until
from chaos.r06_database_restart import OK, Load
from chaos.report import Row
from chaos.works import make_book
from tests.instance import PASSWORD, Instance, free_port

TITLE = "Redis emptied, and gone, under load"
PHASE_S = 3
OVER = {"completed", "failed", "cancelled"}


def run(ground: Ground) -> Iterator[Row]:
    if not shutil.which("redis-server"):
        yield Row("R7", TITLE, 0, 0, not_run="redis-server is not here")
        return
    port = free_port()
    redis = started(ground, port)
    url = f"redis://127.0.0.1:{port}/0"
    instance = ground.served(ground.instance(REDIS_URL=url, WORKERS="2"))
    hand, book = ground.hand(instance), str(make_book(ground.folder, 2 << 20))
    asked: list[int] = []
    with Load(instance) as load:
        for phase in ("there", "emptied", "gone"):
            if phase == "emptied":
                flush(port)
            if phase == "gone":
                redis.send_signal(signal.SIGKILL)
                redis.wait(10)
                yield from without(instance)
            for _ in range(ground.of(10, 2)):
                asked.append(hand.do("pack", "EBOOK", book, len(asked) + 1))
            time.sleep(PHASE_S)
    yield judged(load)
    until(lambda: all(row["status"] in OVER for row in hand.do("jobs")), 120)
    rows = [row for row in hand.do("jobs") if row["pk"] in asked]
    done = sum(row["status"] == "completed" for row in rows)
    yield Row("R7", "jobs asked meanwhile: done", len(asked), done)


def started(ground: Ground, port: int) -> "Popen[bytes]":
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = ground.process("redis-server", *options, env={}, cwd=ground.folder)
    until(lambda: answers(port))
    return process


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def flush(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"FLUSHALL\r\n")
        connection.recv(64)


def without(instance: Instance) -> Iterator[Row]:
    """Try, with Redis gone, what people do first; and ask whether it is told."""
    login = {"username": "admin", "password": PASSWORD}
    signed = httpx.post(f"{instance.url}/api/auth/login", json=login, timeout=30)
    yield Row("R7", "Redis gone: login", 1, int(signed.status_code == OK), str(signed.status_code))
    token = signed.json().get("access_token", "")
    headers = {"Authorization": f"Bearer {token}"}
    seen = [
        httpx.get(f"{instance.url}/api/{of}", headers=headers, timeout=30).status_code
        for of in ("releases", "jobs", "rules")
    ]
    yield Row("R7", "Redis gone: lists", len(seen), seen.count(OK), str(seen))
    ready = httpx.get(f"{instance.url}/readyz", timeout=30)
    is_told = "degraded" in ready.text
    yield Row("R7", "Redis gone: /readyz says degraded", 1, int(is_told), ready.text[:80])


def judged(load: Load) -> Row:
    statuses = Counter(status for _, status, _ in load.answers)
    good = statuses[OK]
    figures = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
    return Row("R7", "answers to 4 clients meanwhile", len(load.answers), good, figures)
