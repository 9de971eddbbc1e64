from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.system import system
from jobs.models import Job
from releases.metadata import Problem


class SourceQuerySet(models.QuerySet["Source"]):
    def visible_to(self, user: User) -> Self:
        return self if user.is_admin else self.filter(created_by=user)

    def lying_at(self, path: Path | str) -> list[Source]:
        """Return what was noted of the file at `path`, the latest first.

        MariaDB takes two names for one that differ in capitals or accents; a disk does not.
        """
        found = self.filter(local_path=str(path)).order_by("-pk")
        return [source for source in found if source.local_path == str(path)]


class Source(models.Model):
    """A file that a release can be made of, and what its analysis found."""

    handle = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(_("file name"), max_length=255)
    local_path = models.CharField(
        max_length=4096, blank=True, help_text=_("Where it lies, if not among the uploads.")
    )
    size = models.PositiveBigIntegerField(_("size"), db_index=True)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    analysis = models.JSONField(_("analysis"), default=dict)
    created_by = models.ForeignKey(
        User, verbose_name=_("sent by"), on_delete=models.PROTECT, related_name="sources"
    )
    created_at = models.DateTimeField(_("sent"), default=timezone.now)

    objects = SourceQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("source file")
        verbose_name_plural = _("source files")

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        return Path(self.local_path) if self.local_path else system().uploads / str(self.handle)

    @property
    def cover_path(self) -> Path:
        """Where its small cover lies, if one was wanted and found."""
        return system().cache / f"{self.handle}.jpg"

    @property
    def format(self) -> str:
        """The real type, e.g. ``epub``; empty before the first analysis."""
        return str(self.analysis.get("format", ""))

    @property
    def extension(self) -> str:
        """What its name says that it is, in lower case and without the dot."""
        return Path(self.name).suffix.removeprefix(".").lower()

    @property
    def subject(self) -> str:
        return f"source:{self.pk}"

    def checksum(self) -> str:
        """Return its SHA-256; it is read for that where it was not summed as it arrived."""
        if not self.sha256:
            with self.path.open("rb") as file:
                self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            self.save(update_fields=["sha256"])
        return self.sha256

    def is_as_registered(self) -> bool:
        """Tell whether its file still lies there, as long and as old as it was."""
        try:
            found = self.path.stat()
        except OSError:
            return False
        return found.st_size == self.size and found.st_mtime <= self.created_at.timestamp()

    def proposed(self) -> dict[str, Any]:
        """Return what the analysis proposes for the fields of the metadata."""
        found = dict(self.analysis.get("metadata", {}))
        if authors := found.pop("authors", None):
            found["author"] = " & ".join(authors)
        return found

    def places(self) -> dict[str, str]:
        """Return, for each field that is proposed, where in the file it stands."""
        found = dict(self.analysis.get("sources", {}))
        if authors := found.pop("authors", None):
            found["author"] = authors
        return found

    def problems(self) -> list[Problem]:
        """Return what the analysis found to be wrong with the file."""
        return [Problem.from_json(found) for found in self.analysis.get("problems", ())]

    def damage(self) -> list[Problem]:
        """Return what keeps the file from being read; a mere flaw of its format does not."""
        return [problem for problem in self.problems() if not problem.is_flaw]

    def latest_analysis(self) -> Job | None:
        return Job.objects.about(self.subject).newest_first().first()
