"""The disk is full: that of uploads, of releases, of temporary files, of logs."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from chaos.ground import Ground, until
from chaos.hand import Hand
from chaos.r04_upload_cut import TUS, begin, send
from chaos.report import Row
from chaos.works import make_book
from tests.instance import Instance

TITLE = "disk full"
DISK_MIB, FILE_MIB, LEFT_BYTES = 64, 8, 1 << 20
OVER = {"completed", "failed", "cancelled"}
CREATED, NO_CONTENT, INSUFFICIENT = 201, 204, 507


def run(ground: Ground) -> Iterator[Row]:
    if os.geteuid() != 0 or not mounts(ground):
        yield Row("R3", TITLE, 0, 0, not_run="only root may mount a small disk")
        return
    for of in ("uploads", "releases", "temp", "logs"):
        yield from tried(ground, of)


def mounts(ground: Ground) -> bool:
    folder = ground.folder / "probe"
    try:
        small_disk(ground, folder)
    except subprocess.CalledProcessError:
        return False
    return True


def small_disk(ground: Ground, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    size = f"size={DISK_MIB}m"
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=True, capture_output=True
    )
    ground.ends.callback(subprocess.run, ["umount", "-l", str(folder)], check=False)
    return folder


def tried(ground: Ground, of: str) -> Iterator[Row]:
    data = ground.folder / of
    disk = small_disk(ground, data / "uploads" if of == "uploads" else ground.folder / f"{of} disk")
    places = {"releases": "RELEASES_DIR", "temp": "TMPDIR", "logs": "LOGS_DIR"}
    environment = {places[of]: str(disk)} if of in places else {}
    if of == "logs":
        environment["LOG_LEVEL"] = "INFO"
    instance = ground.served(ground.instance(name=of, WORKERS="1", **environment))
    hand, book = ground.hand(instance), make_book(ground.folder, FILE_MIB << 20)
    fill(disk)
    yield from full(of, instance, hand, book)
    (disk / "filling").unlink()
    yield again(of, instance, hand, book)
    instance.kill()


def fill(disk: Path) -> None:
    room = shutil.disk_usage(disk).free
    with suppress(OSError), (disk / "filling").open("wb") as file:
        for _ in range(max(0, room - LEFT_BYTES) >> 20):
            file.write(bytes(1 << 20))


def full(of: str, instance: Instance, hand: Hand, book: Path) -> Iterator[Row]:
    """Upload and pack with no room: where the room is wanted, that is the reason given."""
    status = upload(instance, book)
    wanted = INSUFFICIENT if of == "uploads" else NO_CONTENT
    yield Row("R3", f"{of} full: upload", 1, int(status == wanted), f"answered {status}")
    ended = packed(hand, book, 1)
    wanted_end = "failed" if of == "releases" else "completed"
    right = ended["status"] == wanted_end and (wanted_end == "completed" or bool(ended["error"]))
    figures = f"{ended['status']} {ended['error']}".strip()
    yield Row("R3", f"{of} full: packing", 1, int(right), figures)
    census = hand.do("census")
    is_whole = not (census["broken"] or census["unstated"] or census["lost"])
    alive = httpx.get(f"{instance.url}/livez", timeout=10).text == "ok"
    yield Row("R3", f"{of} full: nothing partial, site up", 2, int(is_whole) + int(alive))


def again(of: str, instance: Instance, hand: Hand, book: Path) -> Row:
    status, ended = upload(instance, book), packed(hand, book, 2)
    done = int(status == NO_CONTENT) + int(ended["status"] == "completed")
    figures = f"answered {status}, {ended['status']} {ended['error']}".strip()
    return Row("R3", f"{of}: works again with room, no restart", 2, done, figures)


def upload(instance: Instance, file: Path) -> int:
    """Send a file, and return the status it ends with."""
    api, content = instance.api(), file.read_bytes()
    asked = begin(api, len(content), file.name)
    if asked.status_code != CREATED:
        return asked.status_code
    place = asked.headers["Location"].removeprefix("/api")
    answer = send(api, place, 0, content)
    if answer.status_code != NO_CONTENT:
        api.delete(place, headers=TUS)
    return answer.status_code


def packed(hand: Hand, book: Path, number: int) -> dict[str, Any]:
    """Return the job of a packing, over."""
    job = hand.do("pack", "EBOOK", str(book), number)

    def row() -> dict[str, Any]:
        return next(row for row in hand.do("jobs") if row["pk"] == job)

    until(lambda: row()["status"] in OVER, 90)
    return row()
