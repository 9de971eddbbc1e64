"""An instance with something of everything that a backup must hold."""

import gzip
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from accounts.models import User
from delivery.models import Destination
from drafts.models import Draft
from enrichment.models import ApiConfig
from jobs.models import Job
from packer_site import work
from releases import actions
from releases.actions.mending import apply
from releases.actions.trash import trash_release
from releases.models import Release, Upload
from tests.factories import METADATA, make_job, make_new, make_operator, make_source

CANARY = "canary-7c1f"
PASSWORD = "Correct-Horse-7"


@dataclass(frozen=True)
class World:
    data_dir: Path
    admin: User
    release: Release
    """Packed, and repacked once."""
    trashed: Release
    elsewhere: Release
    """In a folder that is not the site's."""
    running: Job
    upload: Upload


def make_world(data_dir: Path) -> World:
    admin = User.objects.create_superuser("admin", password=PASSWORD)
    release = packed(admin, title="One")
    mended = apply("nfofix", release, by=admin, options={"text": "Mended\n"}, at_once=True)
    work.run(mended.pk)
    trashed = packed(admin, title="Two")
    trash_release(trashed, by=admin)
    elsewhere = packed(admin, title="Three", root=str(data_dir.parent / "asked-for"))
    keep_secrets(admin)
    Draft.objects.create(owner=admin, answers={"group": {"group": "GRP"}, "é": ["\u2588", None]})
    release.refresh_from_db()
    trashed.refresh_from_db()
    return World(data_dir, admin, release, trashed, elsewhere, begun_job(admin), half_upload(admin))


def packed(admin: User, *, title: str, root: str = "") -> Release:
    source = make_source(owner=admin, title=title)
    new = make_new(owner=admin, source=source, metadata=METADATA | {"title": title}, root=root)
    release = actions.create_release(new, by=admin)
    job = actions.request_packing(release, by=admin, at_once=True)
    work.run(job.pk)
    release.refresh_from_db()
    assert release.status == Release.Status.COMPLETED, Job.objects.get(pk=job.pk).error
    release.source.cover_path.parent.mkdir(exist_ok=True)
    release.source.cover_path.write_bytes(title.encode())
    return release


def keep_secrets(admin: User) -> None:
    ApiConfig.objects.create(name="OMDb", api_key=f"{CANARY}-key")
    Destination.objects.create(
        user=admin, name="Box", type="FTP", host="127.0.0.1", password=f"{CANARY}-password"
    )


def begun_job(admin: User) -> Job:
    """Make a job that a worker was at."""
    job = make_job(by=make_operator(), work="analysis", subject="source:999", active_key="k")
    claimed = Job.objects.claim(job.pk)
    assert claimed
    return claimed


def half_upload(admin: User) -> Upload:
    upload = Upload.objects.create(name="b.epub", size=100, received=40, created_by=admin)
    upload.path.write_bytes(b"x" * 50)  # the last ten were never recorded
    return upload


def plain_bytes(backup: Path) -> Iterator[bytes]:
    """Yield all that a backup holds, as who opens it can read it."""
    if backup.is_file():
        with tarfile.open(backup) as tar:
            for member in tar:
                file = tar.extractfile(member)
                assert file
                yield opened(file.read())
        return
    for path in backup.rglob("*"):
        if path.is_file():
            yield opened(path.read_bytes())


def opened(data: bytes) -> bytes:
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
