from collections.abc import Iterable
from pathlib import Path

from django.db import models
from django.utils.translation import gettext_lazy as _

from releases.models.release import Release
from releases.packing import PackedFile

TEXTS = {"nfo", "diz", "sfv", "manifest"}
"""The kinds that one can read."""


class ArtifactQuerySet(models.QuerySet["Artifact"]):
    def replace(self, release: Release, files: Iterable[PackedFile]) -> None:
        """Have `release` consist of `files`, whatever it consisted of."""
        self.filter(release=release).delete()
        self.bulk_create(
            Artifact(
                release=release,
                path=file.path,
                kind=file.kind,
                size=file.size,
                crc32=file.crc32,
                sha256=file.sha256,
            )
            for file in files
        )


class Artifact(models.Model):
    """One file of a packed release."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="artifacts")
    path = models.CharField(_("path"), max_length=500, help_text=_("From the releases folder."))
    kind = models.CharField(_("kind"), max_length=16)
    size = models.PositiveBigIntegerField(_("size"))
    crc32 = models.CharField("CRC-32", max_length=8)
    sha256 = models.CharField(
        "SHA-256", max_length=64, blank=True, help_text=_("Known where a manifest was asked for.")
    )

    objects = ArtifactQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("artifact")
        verbose_name_plural = _("artifacts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["release", "path"], name="one_artifact_per_path")
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def file(self) -> Path:
        return self.release.into / self.path

    @property
    def is_text(self) -> bool:
        return self.kind in TEXTS

    @property
    def name(self) -> str:
        return Path(self.path).name

    @property
    def place(self) -> str:
        """Return where it lies in the release's folder, or beside it."""
        inside = Path(self.path).parts[1:]
        return str(Path(*inside)) if inside else self.path
