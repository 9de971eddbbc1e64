import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth import authenticate
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from drafts.models import Draft
from enrichment.models import ApiConfig
from jobs.models import Job
from releases import packing
from releases.actions.mending import apply
from releases.actions.trash import restore_release
from releases.models import Release, Revision
from tests.fresh import fresh_database
from tests.upkeep.conftest import place
from tests.upkeep.world import CANARY, PASSWORD, World, packed, plain_bytes
from upkeep.checking import check_instance
from upkeep.making import make_backup
from upkeep.reading import Backup
from upkeep.restoring import restore_backup
from upkeep.sentences import Unable, Unsound

pytestmark = pytest.mark.slow


def quiet(stage: str, done: int, total: int) -> None:
    """Hear of progress, and show nothing."""


def back_up(target: Path) -> Path:
    made = make_backup(target, with_files=True, heard=quiet)
    assert made.lacking == []
    return made.path


def digests(backup: Path) -> dict[str, tuple[int, str]]:
    with closing(Backup(backup)) as opened:
        tables = opened.manifest.tables
    return {name: (facts["rows"], facts["digest"]) for name, facts in tables.items()}


def files(backup: Path) -> set[tuple[str, str, int, str]]:
    with closing(Backup(backup)) as opened:
        return {(one.place, one.path, one.size, one.sha256) for one in opened.entries()}


@pytest.fixture
def empty_instance(backup: Path, tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """Another instance, with an empty database of the kind the suite runs on."""
    with fresh_database(tmp_path / "two.sqlite3"):
        place(settings, tmp_path / "two")
        yield tmp_path / "two"


def test_what_is_restored_is_what_was_backed_up(
    world: World, tmp_path: Path, settings: Settings
) -> None:
    backup = back_up(tmp_path / "all.tar")
    last = Release.objects.order_by("-pk")[0].pk
    with fresh_database(tmp_path / "two.sqlite3"):
        place(settings, tmp_path / "two")

        restored = restore_backup(backup, heard=quiet)

        again = back_up(tmp_path / "again")
        differing = {
            table for table, facts in digests(backup).items() if digests(again)[table] != facts
        }
        # Paths of the other machine, and the job that nobody is at any more.
        assert differing == {"releases_release", "releases_revision", "jobs_job", "jobs_joblog"}
        assert inside(files(again)) == inside(files(backup))
        assert restored.files == len(files(backup))
        assert list(check_instance(quick=False, heard=quiet)) == []
        assert authenticate(username="admin", password=PASSWORD)
        assert ApiConfig.objects.get(name="OMDb").api_key.reveal() == f"{CANARY}-key"
        assert Job.objects.get(pk=world.running.pk).status == "pending"
        goes_on_working(world, last)


def inside(found: set[tuple[str, str, int, str]]) -> set[tuple[str, int, str]]:
    """Return what lies in folders of the site; one that was asked for gets another name."""
    return {(Path(path).name, size, sha256) for _place, path, size, sha256 in found}


def goes_on_working(world: World, last: int) -> None:
    """Undo, put back and pack in the restored instance."""
    from packer_site import work  # noqa: PLC0415  # as a worker

    admin = User.objects.get(username="admin")
    trashed = Release.objects.get(pk=world.trashed.pk)
    restore_release(trashed, by=admin)
    assert packing.verify(trashed.folder).faults == ()
    release = Release.objects.get(pk=world.release.pk)
    work.run(apply("nfofix", release, by=admin, options={"text": "Again\n"}, at_once=True).pk)
    assert Revision.objects.filter(release=release, is_done=True).count() == 2
    elsewhere = Release.objects.get(pk=world.elsewhere.pk)
    assert elsewhere.folder.is_dir()
    assert not elsewhere.folder.is_relative_to(world.data_dir.parent / "asked-for")
    assert packed(admin, title="Four").pk > last


def test_no_secret_stands_in_a_backup_as_it_is(world: World, tmp_path: Path) -> None:
    for backup in (back_up(tmp_path / "backups"), back_up(tmp_path / "all.tar")):
        found = b"\n".join(plain_bytes(backup))

        assert b"ann.author.some" not in found.lower() or b"admin" in found  # it was opened
        for secret in (CANARY, PASSWORD, *settings_secrets()):
            assert secret.encode() not in found


def settings_secrets() -> list[str]:
    from django.conf import settings  # noqa: PLC0415  # those of the test

    return [settings.SECRET_KEY, settings.JWT_SECRET_KEY, *settings.CREDENTIAL_KEYS]


def test_nothing_is_restored_without_the_keys(
    empty_instance: Path, settings: Settings, backup: Path
) -> None:
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(Unable, match="CREDENTIAL_KEYS does not open"):
        restore_backup(backup, heard=quiet)

    assert connection.introspection.table_names() == []
    assert [path for path in empty_instance.rglob("*") if path.is_file()] == []


def test_nothing_is_restored_where_something_lies(empty_instance: Path, backup: Path) -> None:
    (empty_instance / "releases").mkdir()
    (empty_instance / "releases" / "mine").write_text("mine")

    with pytest.raises(Unable, match="releases already"):
        restore_backup(backup, heard=quiet)

    assert connection.introspection.table_names() == []
    (empty_instance / "releases" / "mine").unlink()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE mine (id integer)")
    with pytest.raises(Unable, match="The database is not empty"):
        restore_backup(backup, heard=quiet)
    assert connection.introspection.table_names() == ["mine"]


@pytest.fixture
def backup(world: World, tmp_path: Path) -> Path:
    return back_up(tmp_path / "backups")


def test_a_backup_of_an_earlier_version_is_brought_up_to_date(
    backup: Path, empty_instance: Path
) -> None:
    from tests.upkeep.aged import without_column  # noqa: PLC0415  # beside its only user

    without_column(backup, "drafts", "0005_draft_file_name", "drafts_draft", "file_name")

    restore_backup(backup, heard=quiet)

    assert Draft.objects.get().file_name == ""
    assert list(check_instance(quick=True, heard=quiet)) == []


@pytest.mark.parametrize("kind", ["backups", "all.tar"])
def test_damage_is_found_before_anything_is_done(world: World, tmp_path: Path, kind: str) -> None:
    backup = back_up(tmp_path / kind)
    damages = in_a_tar if backup.is_file() else in_a_folder
    for damaged, sentence in damages(backup, tmp_path):
        with pytest.raises(Unsound, match=sentence):
            read_back(damaged)


def read_back(backup: Path) -> None:
    with closing(Backup(backup)) as opened:
        opened.verify(quiet)


Damage = Callable[[Path], None]


def in_a_folder(backup: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    volume = next((backup / "files" / "releases").rglob("*.zip")).relative_to(backup)
    damages: list[tuple[Path, Damage, str]] = [
        (volume, flip, f"{volume.name}.* damaged"),
        (volume, cut, f"{volume.name}.* damaged"),
        (volume, Path.unlink, "missing or damaged"),
        (Path("rows/jobs_job.jsonl.gz"), flip, "jobs_job.* damaged"),
        (Path("rows/jobs_job.jsonl.gz"), Path.unlink, "jobs_job.* missing"),
        (Path("files.jsonl.gz"), flip, "files.jsonl.gz.* damaged"),
        (Path("manifest.json"), cut, "cut short"),
        (Path("manifest.json"), foreign, "no backup"),
        (Path("manifest.json"), changed, "manifest of the backup is dam"),
        (Path("manifest.json"), Path.unlink, "no whole backup"),
    ]
    for number, (path, damage, sentence) in enumerate(damages):
        copy = folder / f"copy{number}"
        shutil.copytree(backup, copy)
        damage(copy / path)
        yield copy, sentence
    yield folder / "nowhere", "There is no backup"


def in_a_tar(backup: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    for number, (damage, sentence) in enumerate(
        [
            (cut, "no whole backup"),
            (flip_content, "missing or damaged"),
            (foreign, "no whole backup"),
        ]
    ):
        copy = folder / f"copy{number}.tar"
        shutil.copy(backup, copy)
        damage(copy)
        yield copy, sentence


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def flip_content(path: Path) -> None:
    """Change a file within a tar: the header and the head of its first member end before."""
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x03\x04") + 40] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def foreign(path: Path) -> None:
    path.write_bytes(b'{"name": "something else"}' * 100)


def changed(path: Path) -> None:
    path.write_text(path.read_text().replace('"rows": ', '"rows": 1'))
