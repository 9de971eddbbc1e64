"""Packed releases to mend, and what tells whether two folders are the same."""

import hashlib
import os
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import User
from jobs.models import Job
from packer_site import work
from releases import actions, packing
from releases.actions import mending
from releases.models import Release
from rules.models import Rule
from tests.factories import make_new, make_source
from tests.packing.videos import make_film


def make_packed(operator: User, **fields: Any) -> Release:
    """Return a book that is packed as ZIP volumes."""
    release = actions.create_release(make_new(owner=operator, **fields), by=operator)
    return packed(release, operator)


def make_episode(operator: User) -> Release:
    """Return a video that is packed as RAR volumes."""
    source = make_source(owner=operator)
    source.analysis |= {"format": "mkv"}
    source.name = "film.mkv"
    source.path.unlink()
    make_film(source.path.with_suffix(".mkv"), 71).rename(source.path)
    source.size, source.sha256 = source.path.stat().st_size, ""
    source.created_at = timezone.now()
    source.save()
    metadata = {
        "title": "Some Show",
        "episode": "S01E02",
        "language": "en",
        "tv_format": "WEB.H264",
        "year": 2020,
    }
    new = make_new(
        owner=operator,
        type="TV",
        source=source,
        metadata=metadata,
        rule=Rule.objects.get(name="2020_WDX"),
    )
    return packed(actions.create_release(new, by=operator), operator)


def packed(release: Release, operator: User) -> Release:
    ran(actions.request_packing(release, by=operator))
    return Release.objects.get(pk=release.pk)


def ran(job: Job) -> Job:
    work.run(job.pk)
    job.refresh_from_db()
    return job


def mend(operation: str, release: Release, operator: User, **options: Any) -> Job:
    """Apply an operation as somebody does who looked at its proposal; the job must do it."""
    proposal = mending.propose(operation, release, by=operator, options=options)
    assert not proposal.refusal, proposal.refusal
    job = mending.apply(operation, release, by=operator, options=options, token=proposal.token)
    assert ran(job).status == Job.Status.COMPLETED, job.error
    release.refresh_from_db()
    return job


def undo(release: Release, operator: User, number: int | None = None) -> Job:
    job = ran(mending.undo_revision(release, by=operator, number=number))
    assert job.status == Job.Status.COMPLETED, job.error
    release.refresh_from_db()
    return job


def tree(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Return sum, rights and time of each file that can be seen in `folder`."""
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mode,
            int(path.stat().st_mtime),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.relative_to(folder).parts[0].startswith(".")
    }


def row(release: Release) -> dict[str, Any]:
    """Return all columns of a release, and its files."""
    stored = Release.objects.filter(pk=release.pk).values().get()
    files = release.artifacts.order_by("path").values_list(
        "path", "kind", "size", "crc32", "sha256"
    )
    return stored | {"files": list(files)}


def sound(release: Release) -> None:
    """Make sure that its folder verifies, conforms, and is what the row says."""
    verdict = packing.verify(release.folder)
    report = packing.lint(release.folder, release.rule.spec)
    assert verdict.faults == ()
    assert [one.message for one in report.violations if one.severity == "structure"] == []
    on_disk = {path: size for path, size in walked(release.into) if path.startswith(release.name)}
    assert on_disk == {one.path: one.size for one in release.artifacts.all()}


def walked(folder: Path) -> list[tuple[str, int]]:
    return [
        (os.path.relpath(path, folder), path.stat().st_size)
        for path in folder.rglob("*")
        if path.is_file() and not path.relative_to(folder).parts[0].startswith(".")
    ]
