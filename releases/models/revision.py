from __future__ import annotations

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from jobs.models import Job
from releases.models.release import Release


class RevisionQuerySet(models.QuerySet["Revision"]):
    def unfinished(self) -> Self:
        """Narrow to those whose files were not all put in their places."""
        return self.filter(is_done=False)


class Revision(models.Model):
    """One change of a release that was made, with all that is needed to take it back."""

    class Operation(models.TextChoices):
        REPACK = "repack", _("Repacked")
        NFOFIX = "nfofix", _("NFO mended")
        READNFO = "readnfo", _("Read anew from its NFO")
        DIRFIX = "dirfix", _("Folder mended")
        EDIT = "edit", _("Edited")
        UNDO = "undo", _("Undone")

    release = models.ForeignKey(
        Release, verbose_name=_("release"), on_delete=models.CASCADE, related_name="revisions"
    )
    number = models.PositiveIntegerField(_("revision"))
    operation = models.CharField(_("operation"), max_length=16, choices=Operation)
    changes = models.JSONField(
        _("changes"),
        default=list,
        help_text="Sentences that are told in any language: lists of a template and its values.",
    )
    before = models.JSONField(_("before"), default=dict, help_text="By field of the release.")
    after = models.JSONField(_("after"), default=dict, help_text="By field of the release.")
    kept = models.CharField(
        max_length=500, blank=True, editable=False, help_text="The folder of the files replaced."
    )
    inode = models.CharField(
        max_length=20, blank=True, editable=False, help_text="Of the folder that is put in place."
    )
    is_done = models.BooleanField(
        default=True, db_index=True, editable=False, help_text="Whether its files are in place."
    )
    job = models.ForeignKey(
        Job, verbose_name=_("job"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    undoes = models.ForeignKey(
        "self",
        verbose_name=_("undoes"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="undone_by",
    )
    by = models.ForeignKey(
        User, verbose_name=_("changed by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(_("time"), default=timezone.now)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["release", "number"], name="one_revision_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.release} {self.number}"
