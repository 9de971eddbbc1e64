"""Work that another machine does: packing a file that was sent, delivering what was packed."""

import json
import socket
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.doors.address import Address
from cli.doors.remote import RemoteDoor
from cli.doors.sending import PIECE_BYTES, SMALL_BYTES, Sending
from cli.exits import Exit
from cli.journal import digest
from tests.books import make_epub
from tests.cli.stage import Case, Stage
from tests.instance import Instance

pytestmark = pytest.mark.slow
SIZES = {"local": 200_000, "remote": SMALL_BYTES + 1}
"""The file that is sent is just large enough to be resumable."""
OPTIONS = "--group GRP --author Ann --publisher House --year 2020 --language en"


@pytest.fixture(scope="module")
def packed(stage: Stage) -> dict[str, dict[str, object]]:
    """Pack a book here and from elsewhere, and deliver each both ways."""
    results = {}
    for mode in ("local", "remote"):
        make_epub(stage.folder / f"{mode}.epub", title=mode, size_bytes=SIZES[mode])
        line = f"pack {mode}.epub {OPTIONS} --title {mode.title()} --json"
        (results[mode],) = stage.ran(mode, Case(line))
    return results


def test_a_file_of_this_machine_is_packed_elsewhere(
    packed: dict[str, dict[str, object]], stage: Stage
) -> None:
    here, there = packed["local"], packed["remote"]

    assert (here["code"], there["code"]) == (Exit.DONE, Exit.DONE), (here["err"], there["err"])
    made, sent = json.loads(str(here["out"])), json.loads(str(there["out"]))
    assert made.keys() == sent.keys()
    assert {frozenset(file) for file in sent["files"]} == {frozenset(made["files"][0])}
    assert sent["path"] == f"/releases/{sent['release']}"
    release = stage.instance.data_dir / "releases" / sent["release"]
    for file in sent["files"]:
        assert (release.parent / file["path"]).stat().st_size == file["size"]


def test_the_page_of_what_was_packed_elsewhere_is_told(stage: Stage) -> None:
    make_epub(stage.folder / "told.epub", title="Told", authors=["Ann"], year=2020)

    (answer,) = stage.ran("remote", Case(f"pack told.epub {OPTIONS} --title Told"))

    asked = stage.instance.api().get("/releases", params={"search": "Told"})
    (release,) = asked.json()["releases"]
    assert answer["out"] == f"{stage.instance.url}/releases/{release['id']}/\n"


def test_a_release_that_breaks_its_rule_is_refused_as_here(stage: Stage) -> None:
    make_epub(stage.folder / "bare.epub", title="Bare", authors=["Ann"], year=2020)
    line = f"pack bare.epub {OPTIONS} --title Bare --format RAR --json"

    answers = [stage.ran(mode, Case(line))[0] for mode in ("local", "remote")]

    assert [answer["code"] for answer in answers] == [Exit.INVALID, Exit.INVALID]
    assert answers[0]["err"] == answers[1]["err"]


@pytest.mark.parametrize("option", ["--output out", "--release-name X", "--enrich", "--as ann"])
def test_what_is_of_the_machine_of_the_instance_is_not_taken(stage: Stage, option: str) -> None:
    make_epub(stage.folder / "some.epub", title="Some", authors=["Ann"], year=2020)

    (answer,) = stage.ran("remote", Case(f"pack some.epub {OPTIONS} {option}"))

    assert answer["code"] == Exit.INVALID
    assert option.split(maxsplit=1)[0] in answer["err"]


def test_a_batch_is_packed_elsewhere_by_a_personal_token(stage: Stage) -> None:
    items = []
    for name in ("one", "two", "none"):
        if name != "none":
            make_epub(stage.folder / f"{name}.epub", title=name, authors=["Ann"], year=2020)
        items.append({"file": f"{name}.epub", "title": f"Batch {name}"})
    shared = {"group": "GRP", "author": "Ann", "publisher": "House", "year": 2020}
    (stage.folder / "list.json").write_text(json.dumps({"items": items, "defaults": shared}))

    (answer,) = stage._replace(tokens=stage.personal).ran("remote", Case("batch list.json --json"))

    results = json.loads(answer["out"])["results"]
    assert answer["code"] == Exit.FAILED
    assert [one["status"] for one in results] == ["completed", "completed", "failed"]
    assert results[2]["error"] == "not_found"


@pytest.fixture
def shelf(stage: Stage, tmp_path: Path) -> Path:
    """A list of two books, which nobody packed before."""
    items = [{"file": f"{name}.epub", "title": f"{tmp_path.name} {name}"} for name in ("a", "b")]
    for item in items:
        make_epub(tmp_path / item["file"], title=item["title"], authors=["Ann"], year=2020)
    shared = {"group": "GRP", "author": "Ann", "publisher": "House", "language": "en"}
    path = tmp_path / "shelf.json"
    path.write_text(json.dumps({"items": items, "defaults": shared | {"year": 2020}}))
    return path


def batch(stage: Stage, shelf: Path) -> list[dict[str, Any]]:
    """Have the list packed elsewhere, two at once; return what came of its items."""
    journal = shelf.with_suffix(".journal")
    line = f"batch {shelf} --jobs 2 --journal {journal} --json"
    (answer,) = stage.ran("remote", Case(line))
    assert answer["code"] == Exit.DONE, answer
    results: list[dict[str, Any]] = json.loads(answer["out"])["results"]
    return results


def test_a_batch_makes_elsewhere_what_is_missing_there(stage: Stage, shelf: Path) -> None:
    first = batch(stage, shelf)
    headers = {"Authorization": f"Bearer {stage.tokens['admin']}"}
    address = f"{stage.instance.url}/api/releases/{first[0]['release_id']}"
    assert httpx.delete(address, headers=headers).is_success

    again = batch(stage, shelf)

    assert [one["status"] for one in again] == ["completed", "completed"]
    assert [one.get("resumed", False) for one in again] == [False, True]
    assert again[0]["release_id"] != first[0]["release_id"]
    assert again[1]["release_id"] == first[1]["release_id"]


def test_a_batch_goes_on_with_jobs_that_were_begun_elsewhere(stage: Stage, shelf: Path) -> None:
    first = batch(stage, shelf)
    journal = shelf.with_suffix(".journal")
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(line for line in lines if json.loads(line)["status"] == "begun"))

    again = batch(stage, shelf)

    assert [one["job_id"] for one in again] == [one["job_id"] for one in first]
    assert not any(one.get("resumed") for one in again)


def test_what_one_instance_made_another_one_has_not(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = Namespace(file=shelf)
    monkeypatch.setenv("PACKER_URL", "https://one.example/")
    digests = [digest(options)]
    for url in ("https://one.example", "https://two.example", ""):
        monkeypatch.setenv("PACKER_URL", url)
        digests.append(digest(options))

    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_a_release_is_delivered_from_here_and_from_elsewhere(
    packed: dict[str, dict[str, object]], stage: Stage
) -> None:
    names = {mode: json.loads(str(packed[mode]["out"]))["release"] for mode in packed}

    for mode, name in names.items():
        whole, early = stage.ran(
            mode,
            Case(f"deliver {name} Shelf --json"),
            Case(f"deliver {name} Nowhere"),
        )

        assert whole["code"] == Exit.DONE, whole
        assert json.loads(whole["out"])["status"] == "completed"
        assert (stage.instance.data_dir / "delivered" / "shelf" / name).is_dir()
        assert early["code"] == Exit.DESTINATION_FAILED, early
        assert "Nowhere" in early["err"] or "/nowhere" in early["err"]


class Cutter:
    """Stands before an instance, and cuts the first connections that bring too much."""

    def __init__(self, instance: Instance, *, cuts: int, after: int) -> None:
        self.to, self.cuts, self.after = instance.port, cuts, after
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.made = 0

    def serve(self) -> None:
        with suppress(OSError):  # how the end is told
            while True:
                client = self.listener.accept()[0]
                threading.Thread(target=self.passed_on, args=(client,), daemon=True).start()

    def passed_on(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self.to))
        back = threading.Thread(target=pump, args=(server, client), daemon=True)
        back.start()
        with closing(client), closing(server), suppress(OSError):
            passed = 0
            while piece := client.recv(1 << 16):
                passed += len(piece)
                if passed > self.after and self.made < self.cuts:
                    self.made += 1
                    return
                server.sendall(piece)
            server.shutdown(socket.SHUT_WR)
            back.join()


def pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(1 << 16):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def cutting(instance: Instance, *, cuts: int, after: int) -> Iterator[Cutter]:
    cutter = Cutter(instance, cuts=cuts, after=after)
    thread = threading.Thread(target=cutter.serve)
    thread.start()
    try:
        yield cutter
    finally:
        cutter.listener.shutdown(socket.SHUT_RDWR)
        cutter.listener.close()
        thread.join()


def test_a_file_whose_way_is_cut_goes_on_where_it_was(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    make_epub(path, size_bytes=3 << 20, title="Large", authors=["Ann"], year=2020)
    told: list[int] = []
    size = path.stat().st_size

    with cutting(stage.instance, cuts=2, after=1 << 20) as cutter, path.open("rb") as file:
        door = RemoteDoor(Address(cutter.url, stage.tokens["admin"], is_here=True))
        sending = Sending(door, "large.epub", file, size, lambda _s, done, _t: told.append(done))
        handle = sending.sent()
        door.client.close()

    assert cutter.made == 2
    assert handle
    assert told[-1] == size
    again = [later for earlier, later in pairwise(told) if later < earlier]
    assert any(begun > PIECE_BYTES for begun in again), again  # not from its beginning
