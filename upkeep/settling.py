"""What a restored instance must know of where it lives now, and of what nobody does any more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from accounts.models import SystemSetting
from accounts.system import MEMORY
from jobs.models import Job, JobLog
from releases.models import Release, Revision, Source, TemplateStorage
from upkeep.holdings import in_parts
from upkeep.places import ELSEWHERE, SET_BY, Places

PATHS: tuple[tuple[type[models.Model], str], ...] = (
    (Release, "root"),
    (Release, "trashed_from"),
    (Revision, "kept"),
    (Source, "local_path"),
    (TemplateStorage, "disk_path"),
)
"""The columns that hold paths of this machine."""


def settle(old: Places, new: Places) -> None:
    move_paths(old, new)
    move_proofs(old, new)
    move_settings(new)
    free_jobs()


def move_paths(old: Places, new: Places) -> None:
    for model, column in PATHS:
        rows: models.QuerySet[Any] = models.QuerySet(model).exclude(**{column: ""}).only(column)
        for row in in_parts(rows):
            was = str(getattr(row, column))
            if model is Source and is_elsewhere(was, old):
                continue  # such files are not backed up
            now = old.moved(was, new)
            if now != was:
                models.QuerySet(model).filter(pk=row.pk).update(**{column: now})


def is_elsewhere(path: str, places: Places) -> bool:
    return places.of(Path(path))[0] == ELSEWHERE


def move_proofs(old: Places, new: Places) -> None:
    for release in in_parts(Release.objects.exclude(proofs=[]).only("proofs")):
        moved = [old.moved(proof, new) for proof in release.proofs]
        Release.objects.filter(pk=release.pk).update(proofs=moved)


def move_settings(new: Places) -> None:
    for place, key in SET_BY.items():
        SystemSetting.objects.filter(key=key).update(value=str(new.folders[place]))
    MEMORY.forget()


def free_jobs() -> None:
    """Have what was running done anew by the next worker; what was to be cancelled is."""
    for job in Job.objects.running():
        if job.cancel_requested:
            job.cancel()
        elif job.release_to_queue():
            job.log(_("It is begun anew: the instance was restored."), JobLog.Level.WARNING)
