from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.models import ReleaseGroup, User, four_permissions
from accounts.permissions import granted
from jobs.models import Job, JobQuerySet
from releases import description
from releases.packing import Payload, Plan, naming, nfo
from rules.models import Rule

MILLION = 1_000_000


class ReleaseType(models.TextChoices):
    EBOOK = "EBOOK", _("eBook")
    TV = "TV", _("TV")
    DOCS = "DOCS", _("Document")


class SourceQuerySet(models.QuerySet["Source"]):
    def visible_to(self, user: User) -> Self:
        return self if user.is_admin else self.filter(created_by=user)


class Source(models.Model):
    """A file that a release can be made of, and what its analysis found."""

    handle = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(_("file name"), max_length=255)
    local_path = models.CharField(
        max_length=4096, blank=True, help_text=_("Where it lies, if not among the uploads.")
    )
    size = models.PositiveBigIntegerField(_("size"))
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
        return Path(self.local_path) if self.local_path else settings.UPLOADS_DIR / str(self.handle)

    @property
    def format(self) -> str:
        """The real type, e.g. ``epub``; empty before the first analysis."""
        return str(self.analysis.get("format", ""))

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

    def proposed(self) -> dict[str, Any]:
        """Return what the analysis proposes for the fields of the metadata."""
        found = dict(self.analysis.get("metadata", {}))
        if authors := found.pop("authors", None):
            found["author"] = " & ".join(authors)
        return found

    def damage(self) -> list[str]:
        """Return what keeps the file from being read; a mere flaw of its format does not."""
        found = self.analysis
        return [problem for problem in found["problems"] if problem not in found["flaws"]]

    def latest_analysis(self) -> Job | None:
        return Job.objects.about(self.subject).newest_first().first()


class NfoTemplate(models.Model):
    """A text with placeholders, from which NFOs are rendered."""

    class Encoding(models.TextChoices):
        CP437 = "cp437", "CP437"
        UTF_8 = "utf-8", "UTF-8"
        ASCII = "ascii", "ASCII"

    name = models.CharField(_("name"), max_length=100, unique=True)
    type = models.CharField(_("type"), max_length=8, choices=ReleaseType, blank=True)
    content = models.TextField(_("text"))
    encoding = models.CharField(
        _("encoding"), max_length=8, choices=Encoding, default=Encoding.CP437
    )
    is_default = models.BooleanField(_("default of its type"), default=False)
    created_by = models.ForeignKey(
        User, verbose_name=_("made by"), null=True, blank=True, on_delete=models.SET_NULL
    )

    class Meta:
        default_permissions = ()
        verbose_name = _("NFO template")
        verbose_name_plural = _("NFO templates")
        ordering = ["-is_default", "name"]

    def __str__(self) -> str:
        return self.name


class ReleaseQuerySet(models.QuerySet["Release"]):
    def visible_to(self, user: User) -> Self:
        """Narrow to what `user` made, what their groups made, and what they were granted."""
        if user.is_admin:
            return self
        shared = granted(Release.objects.all(), user, "releases").values("pk")
        return self.filter(
            Q(created_by=user) | Q(group__in=user.release_groups.values("pk")) | Q(pk__in=shared)
        )

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def search(self, text: str) -> Self:
        return self.filter(Q(name__icontains=text) | Q(title__icontains=text)) if text else self


class Release(models.Model):
    """What is made, and all that is needed to make it again, byte for byte."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Not packed yet")
        COMPLETED = "completed", _("Completed")
        FAILED = "failed", _("Could not be packed")

    class Format(models.TextChoices):
        ZIP = "ZIP", _("RAR volumes inside ZIP volumes")
        RAR = "RAR", _("RAR volumes with SFV")

    class RarVersion(models.IntegerChoices):
        RAR4 = 4, "RAR 4: .rar .r00 .r01"
        RAR5 = 5, "RAR 5: .part01.rar .part02.rar"

    class Rights(models.TextChoices):
        OWN_WORK = "own_work", _("My own work")
        LICENSED = "licensed", _("Licensed to me for distribution")
        PUBLIC_DOMAIN = "public_domain", _("Public domain")
        OTHER = "other", _("Other, as noted")

    name = models.CharField(_("name"), max_length=243)
    root = models.CharField(
        _("folder"), max_length=500, blank=True, help_text=_("Empty: the releases folder.")
    )
    type = models.CharField(_("type"), max_length=8, choices=ReleaseType)
    group = models.ForeignKey(
        ReleaseGroup, verbose_name=_("group"), on_delete=models.PROTECT, related_name="releases"
    )
    rule = models.ForeignKey(
        Rule, verbose_name=_("rule"), on_delete=models.PROTECT, related_name="releases"
    )
    source = models.ForeignKey(
        Source, verbose_name=_("source file"), on_delete=models.PROTECT, related_name="releases"
    )
    title = models.CharField(_("title"), max_length=500, blank=True)
    metadata = models.JSONField(_("metadata"), default=dict)
    rights = models.CharField(_("rights"), max_length=16, choices=Rights)
    rights_note = models.CharField(_("note on the rights"), max_length=500, blank=True)
    nfo = models.TextField("NFO", help_text=_("As rendered."))
    nfo_encoding = models.CharField(
        _("encoding"), max_length=8, choices=NfoTemplate.Encoding, default="cp437"
    )
    format = models.CharField(_("format"), max_length=4, choices=Format)
    volume_bytes = models.PositiveBigIntegerField(_("volume size"))
    volume_base = models.CharField(max_length=243, editable=False)
    rar_version = models.PositiveSmallIntegerField(
        _("RAR version"), choices=RarVersion, default=RarVersion.RAR4
    )
    proofs = models.JSONField(
        _("proofs"), default=list, blank=True, help_text=_("Paths of pictures on this machine.")
    )
    generate_sfv = models.BooleanField("SFV", default=True)
    released_on = models.DateField(_("release date"))
    status = models.CharField(
        _("status"), max_length=16, choices=Status, default=Status.DRAFT, db_index=True
    )
    size = models.PositiveBigIntegerField(_("size"), default=0)
    volumes = models.PositiveSmallIntegerField(_("volumes"), default=0)
    created_by = models.ForeignKey(
        User, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="releases"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_index=True)
    packed_at = models.DateTimeField(_("packed"), null=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = four_permissions("release")
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [
            models.UniqueConstraint(fields=["root", "name"], name="one_release_per_folder"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("releases:detail", args=[self.pk])

    def belongs_to(self, user: User) -> bool:
        return self.created_by_id == user.pk

    @property
    def subject(self) -> str:
        return f"release:{self.pk}"

    @property
    def into(self) -> Path:
        """The directory that holds, or will hold, the release's folder."""
        return Path(self.root) if self.root else settings.RELEASES_DIR

    @property
    def folder(self) -> Path:
        return self.into / self.name

    def jobs(self) -> JobQuerySet:
        return Job.objects.about(self.subject).newest_first()

    def latest_job(self) -> Job | None:
        return self.jobs().first()

    def plan(self) -> Plan:
        """Describe this release to the packing engine, which knows no database."""
        stem = file_stem(self.type, self.name, self.group.tag, self.title)
        return Plan(
            name=self.name,
            scheme=self.format.lower(),
            payloads=(Payload(path=self.source.path, name=f"{stem}.{self.source.format}"),),
            volume_base=self.volume_base,
            volume_bytes=self.volume_bytes,
            rar_version=self.rar_version,
            max_volumes=self.rule.spec.max_volumes,
            nfo=nfo.encode(self.nfo, self.nfo_encoding),
            nfo_name=f"{stem}.nfo",
            diz_lines=description.diz_lines(self.metadata, self.name, self.released_on),
            dated=self.released_on,
            sfv=self.generate_sfv,
            manifest=self.generate_sfv,
            sample=self.type == ReleaseType.TV and self.format == self.Format.RAR,
            proofs=tuple(map(Path, self.proofs)),
        )


def file_stem(release_type: str, name: str, tag: str, title: str) -> str:
    """Return the stem of the payload's and the NFO's names: for TV, the release's own."""
    return name.lower() if release_type == ReleaseType.TV else naming.file_stem(tag, title)


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
    def name(self) -> str:
        return Path(self.path).name

    @property
    def place(self) -> str:
        """Return where it lies in the release's folder, or beside it."""
        inside = Path(self.path).parts[1:]
        return str(Path(*inside)) if inside else self.path


class ReleaseUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Release, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()


class ReleaseGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Release, on_delete=models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        default_permissions = ()
