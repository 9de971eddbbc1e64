"""Backups that somebody made who means no good: all their sums are right."""

import gzip
import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.upkeep.test_restore import back_up, quiet
from tests.upkeep.world import World
from upkeep.manifest import sum_of
from upkeep.places import new_places, told_places
from upkeep.reading import Backup
from upkeep.restoring import refuse_overwriting
from upkeep.sentences import Unable, Unsound

pytestmark = pytest.mark.slow
Known = dict[str, Any]


def read_back(backup: Path) -> None:
    """Read all that is read before anything is written, and the rows."""
    with closing(Backup(backup)) as opened:
        opened.verify(quiet)
        for table in opened.manifest.tables:
            list(opened.rows(table))


def signed(backup: Path, change: Callable[[Known], object]) -> None:
    path = backup / "manifest.json"
    known = json.loads(path.read_bytes())
    del known["sum"]
    change(known)
    path.write_text(json.dumps(known | {"sum": sum_of(known)}))


def listed(backup: Path, *values: object) -> None:
    """Have the backup list one file alone."""
    packed = gzip.compress(json.dumps(values).encode() + b"\n")
    (backup / "files.jsonl.gz").write_bytes(packed)
    told = {"count": 1, "bytes": 4, "sha256": hashlib.sha256(packed).hexdigest()}
    signed(backup, lambda known: known.update(files=told))


def rowed(backup: Path, data: bytes) -> None:
    """Have a table consist of `data`."""
    packed = gzip.compress(data)
    (backup / "rows" / "jobs_job.jsonl.gz").write_bytes(packed)
    sha256 = hashlib.sha256(packed).hexdigest()
    signed(backup, lambda known: known["tables"]["jobs_job"].update(sha256=sha256))


SUM = hashlib.sha256(b"evil").hexdigest()
MANIFESTS: list[Known] = [
    {"keys": []},
    {"keys": "ab"},
    {"migrations": [["jobs"]]},
    {"places": {"data": "/srv"}},
    {"tables": {"../../etc/x": {"columns": [], "rows": 0, "digest": "", "sha256": ""}}},
    {"tables": {"jobs_job": {}}},
    {"numbers": {"jobs_job": 10**30}},
    {"files": {"count": "1"}},
    {"chosen": ["paths.uploads"]},
]
LISTED: list[tuple[object, ...]] = [
    ("data", "../../evil", 4, SUM, 1, 0o644, ""),
    ("data", "/etc/evil", 4, SUM, 1, 0o644, ""),
    ("data", "a\0b", 4, SUM, 1, 0o644, ""),
    ("data", "", 4, SUM, 1, 0o644, ""),
    ("nowhere", "evil", 4, SUM, 1, 0o644, ""),
    ("data", "evil", 10**30, SUM, 1, 0o644, ""),
    ("data", "evil", 4, SUM, "now", 0o644, ""),
    ("data", "evil"),
]
ROWS = [b"{}\n", b"[1]\n", b"[" * 100_000 + b"\n", b"[1]"]


def test_what_means_no_good_is_refused_with_a_sentence(world: World, tmp_path: Path) -> None:
    backup = back_up(tmp_path / "backups")
    evils: list[Callable[[Path], None]] = [
        *(
            lambda at, facts=facts: signed(at, lambda known: known.update(facts))
            for facts in MANIFESTS
        ),
        *(lambda at, values=values: listed(at, *values) for values in LISTED),
        *(lambda at, data=data: rowed(at, data) for data in ROWS),
        leads_away,
        pipes,
    ]
    for number, evil in enumerate(evils):
        at = tmp_path / f"evil{number}"
        shutil.copytree(backup, at)
        evil(at)
        with pytest.raises(Unsound):
            read_back(at)


def leads_away(backup: Path) -> None:
    (backup / "files" / "data").mkdir(exist_ok=True)
    (backup / "files" / "data" / "evil").symlink_to("/dev/zero")
    listed(backup, "data", "evil", 4, SUM, 1, 0o644, "")


def pipes(backup: Path) -> None:
    (backup / "manifest.json").unlink()
    os.mkfifo(backup / "manifest.json")


def test_what_lies_among_the_data_is_not_replaced(world: World, tmp_path: Path) -> None:
    backup = back_up(tmp_path / "backups")
    listed(backup, "data", "mine.txt", 4, SUM, 1, 0o644, "")
    (world.data_dir / "mine.txt").write_text("mine")

    with closing(Backup(backup)) as opened, pytest.raises(Unable, match=r"mine\.txt is there"):
        refuse_overwriting(opened, new_places(opened.manifest.places, {}))


def test_a_tar_of_links_and_devices_is_refused(tmp_path: Path) -> None:
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
        entry = tarfile.TarInfo("manifest.json")
        entry.type, entry.linkname = kind, "/etc/passwd"
        with tarfile.open(tmp_path / "evil.tar", "w") as tar:
            tar.addfile(entry)

        with pytest.raises(Unsound, match="no whole backup"):
            Backup(tmp_path / "evil.tar")


def test_paths_of_rows_lead_nowhere_but_to_our_folders(tmp_path: Path) -> None:
    old = told_places({"releases": "/old/releases", "elsewhere": "/"})
    new = new_places(old.told(), {})
    outer = new.folders["elsewhere"]

    for path in ("/old/releases/../../etc", "../../etc", "//etc", "/etc"):
        assert old.moved(path, new) == str(outer / "etc")
    assert old.moved("/old/releases/A-GRP", new) == str(new.folders["releases"] / "A-GRP")


def test_a_chosen_folder_is_kept_within_the_roots_alone(settings: Any, tmp_path: Path) -> None:
    settings.STORAGE_ROOTS = [tmp_path]
    told = {"uploads": f"{tmp_path}/../away"}

    assert new_places(told, {"paths.uploads": 1}).folders["uploads"] == settings.UPLOADS_DIR
