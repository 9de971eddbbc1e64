from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.models import ReleaseGroup, User, four_permissions
from accounts.permissions import granted, granted_keys, holds
from accounts.system import system
from jobs.models import Job, JobQuerySet
from releases import description, edits, search
from releases.identity import Identity, identity
from releases.models.source import Source
from releases.models.template import NfoTemplate
from releases.models.types import ReleaseType
from releases.packing import Payload, Plan, naming, nfo
from rules.models import Rule

MILLION = 1_000_000
DELIVERS = "deliver"
"""The work of jobs that bring a release to a destination: ``release:7:3`` is one to the third."""
NARROWED = ("type", "status", "conformity_state", "group", "created_by")
"""What a list is narrowed by: beside what it is sorted by, so that an index tells it all."""
BY_DATE, BY_NAME, BY_SIZE = "releases_by_date", "releases_by_name", "releases_by_size"
BY_GROUP, BY_WORDS = "releases_by_group", "releases_by_words"


class ReleaseQuerySet(models.QuerySet["Release"]):
    def visible_to(self, user: User) -> Self:
        """Narrow to what `user` made, what their groups made, and what they were granted.

        What lies in the trash is in no list but that of the trash.
        """
        return self.standing().reachable_by(user)

    def standing(self) -> Self:
        return self.filter(trashed_at=None)

    def trashed(self) -> Self:
        return self.exclude(trashed_at=None)

    def reachable_by(self, user: User) -> Self:
        shared = granted(Release, user, "releases")
        if not holds(user, "releases", "read"):
            return self.filter(shared)
        if user.is_admin:
            return self
        return self.filter(Q(created_by=user) | Q(group__in=groups_of(user)) | shared)

    def first_keys(self, user: User, most: int) -> list[int]:
        """Return the keys of what `user` may reach who is no administrator, `most` of them.

        Each reason is asked for by its own index; what lies in the trash is among them.
        """
        own = self.filter(created_by=user).values_list("pk")
        of_groups = self.filter(group__in=groups_of(user)).values_list("pk")
        found = own.union(of_groups, *granted_keys(Release, user, "releases"))
        return [pk for (pk,) in found[:most]]

    def permitted(self, user: User, action: str, keys: Sequence[int]) -> models.QuerySet[Any, int]:
        """Return those of `keys` on whose releases `user` was granted `action`, one by one."""
        found = self.filter(granted(Release, user, "releases", action), pk__in=keys)
        return found.values_list("pk", flat=True)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def like(self, one: Identity, seer: User) -> list[Release]:
        """Return the releases of the same file, the same ISBN, the same work; newest first.

        It takes one query, and an index for each; `is_seen` tells what `seer` may see.
        """
        alike = {"source__sha256": one.sha256, "isbn": one.isbn, "work_key": one.work}
        its = models.Exists(Release.objects.visible_to(seer).filter(pk=models.OuterRef("pk")))
        rows = self.standing().select_related("group", "source").defer("nfo", "metadata_sources")
        parts = [
            rows.filter(**{name: value}).annotate(is_seen=its)
            for name, value in alike.items()
            if value
        ]
        found = {row.pk: row for row in parts[0].union(*parts[1:], all=True)} if parts else {}
        return sorted(found.values(), key=lambda row: (row.created_at, row.pk), reverse=True)

    def brief(self) -> Self:
        """Leave out what is long, and in no list."""
        return self.defer("nfo", "conformity", "metadata_sources")

    def search(self, text: str) -> Self:
        """Narrow to those in whose words every part of `text` stands; signs alone stand nowhere.

        They are asked for apart, so that the index of the words is read and not the rows.
        """
        wanted = search.parts(text)
        if not wanted and text.strip("* \t\r\n"):
            return self.none()
        having = Release.objects.filter(*(Q(words__contains=part) for part in wanted))
        return self.filter(pk__in=having.values("pk")) if wanted else self


def groups_of(user: User) -> models.QuerySet[Any, Any]:
    return ReleaseGroup.members.through.objects.filter(user=user).values("releasegroup")


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
    rule_version = models.PositiveIntegerField(
        _("version of the rule"),
        null=True,
        help_text=_("Of its text when this was packed; empty: no text was known."),
    )
    source = models.ForeignKey(
        Source, verbose_name=_("source file"), on_delete=models.PROTECT, related_name="releases"
    )
    title = models.CharField(_("title"), max_length=500, blank=True)
    metadata = models.JSONField(_("metadata"), default=dict)
    isbn = models.CharField("ISBN", max_length=13, blank=True, db_index=True, editable=False)
    work_key = models.CharField(
        max_length=32,
        blank=True,
        db_index=True,
        editable=False,
        help_text="Equal for two releases of one work, however that is spelled.",
    )
    metadata_sources = models.JSONField(
        _("sources of the metadata"),
        default=dict,
        blank=True,
        help_text=_("By field: file, person, or the provider that said it."),
    )
    rights = models.CharField(_("rights"), max_length=16, choices=Rights)
    rights_note = models.CharField(_("note on the rights"), max_length=500, blank=True)
    nfo = models.TextField("NFO", help_text=_("As rendered."))
    nfo_encoding = models.CharField(
        _("encoding"), max_length=8, choices=NfoTemplate.Encoding, default="cp437"
    )
    nfo_template = models.ForeignKey(
        NfoTemplate,
        verbose_name=_("NFO template"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="releases",
    )
    nfo_template_name = models.CharField(
        _("name of the NFO template"), max_length=100, blank=True, help_text=_("As it was.")
    )
    nfo_template_version = models.PositiveIntegerField(_("version of the NFO template"), null=True)
    nfo_is_own = models.BooleanField(
        _("own text"), default=False, help_text=_("The template was changed for this release.")
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
    edits = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="What the next repack takes: by column, or metadata.<field>.",
    )
    released_on = models.DateField(_("release date"))
    corrects = models.CharField(
        _("corrects"),
        max_length=243,
        blank=True,
        help_text=_("Name of the release that this one corrects."),
    )
    duplicate_of = models.JSONField(
        _("duplicate of"),
        default=list,
        blank=True,
        help_text=_("Names of the releases like it that stood when it was made."),
    )
    duplicate_confirmed_by = models.ForeignKey(
        User,
        verbose_name=_("duplicate confirmed by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    status = models.CharField(
        _("status"), max_length=16, choices=Status, default=Status.DRAFT, db_index=True
    )
    conformity = models.JSONField(
        _("conformity"),
        default=dict,
        blank=True,
        editable=False,
        help_text=_("The latest report; see releases.packing.lint.kept."),
    )
    conformity_state = models.CharField(
        max_length=16, blank=True, editable=False, help_text="Of that report."
    )
    checked_at = models.DateTimeField(_("checked"), null=True, editable=False)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    volumes = models.PositiveSmallIntegerField(_("volumes"), default=0)
    created_by = models.ForeignKey(
        User, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="releases"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_index=True)
    packed_at = models.DateTimeField(_("packed"), null=True)
    package_key = models.CharField(
        max_length=80,
        blank=True,
        editable=False,
        help_text="Where its files lie in the store of files; empty: on a disk alone.",
    )
    trashed_at = models.DateTimeField(
        _("put in the trash"), null=True, blank=True, db_index=True, editable=False
    )
    trashed_from = models.CharField(
        max_length=500, blank=True, editable=False, help_text="Its folder's root before that."
    )
    group_tag = models.CharField(
        max_length=100, blank=True, editable=False, help_text="Of its group, to sort by."
    )
    words = models.CharField(
        max_length=search.MOST_KEPT, blank=True, editable=False, help_text="See releases.search."
    )

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = four_permissions("release")
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [
            models.UniqueConstraint(fields=["root", "name"], name="one_release_per_folder"),
        ]
        indexes = [
            models.Index(fields=["trashed_at", "created_at", "id", *NARROWED], name=BY_DATE),
            *(
                models.Index(fields=["trashed_at", key, "id", *NARROWED, "created_at"], name=name)
                for key, name in {"name": BY_NAME, "size": BY_SIZE, "group_tag": BY_GROUP}.items()
            ),
            models.Index(fields=["words"], name=BY_WORDS),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **options: Any) -> None:
        """Save it; what it is found again by follows what it says."""
        only = options.get("update_fields")
        derived = {
            name: value
            for said, derive in self.derivations().items()
            if only is None or said & set(only)
            for name, value in derive().items()
        }
        for name, value in derived.items():
            setattr(self, name, value)
        options |= {} if only is None else {"update_fields": {*only, *derived}}
        super().save(**options)

    def get_absolute_url(self) -> str:
        return reverse("releases:detail", args=[self.pk])

    def derivations(self) -> dict[frozenset[str], Callable[[], dict[str, str]]]:
        """Return how each column that is derived follows others."""
        return {
            frozenset({"metadata"}): self.keys,
            frozenset({"name", "title", "metadata", "group"}): self.sought_words,
            frozenset({"conformity"}): self.state_of_conformity,
        }

    def keys(self) -> dict[str, str]:
        known = self.identity()
        return {"isbn": known.isbn, "work_key": known.work}

    def sought_words(self) -> dict[str, str]:
        tag = self.group.tag
        return {"group_tag": tag, "words": search.kept(self.name, self.title, self.author, tag)}

    def state_of_conformity(self) -> dict[str, str]:
        return {"conformity_state": str(self.conformity.get("state", ""))}

    @property
    def author(self) -> str:
        return str(self.metadata.get("author") or "")

    def edited(self, name: str) -> Any:
        """Return the column `name` as it is once the edits are packed."""
        return self.edits.get(name, getattr(self, name))

    @property
    def edited_metadata(self) -> dict[str, Any]:
        """The metadata as they are once the edits are packed."""
        known = {**self.metadata, **edits.of_metadata(self.edits)}
        return {name: value for name, value in known.items() if value not in ("", None)}

    def belongs_to(self, user: User) -> bool:
        return self.created_by_id == user.pk

    @property
    def subject(self) -> str:
        return f"release:{self.pk}"

    @property
    def is_fix(self) -> bool:
        """Whether it holds a correction, but not the work."""
        return bool(self.corrects) and naming.is_workless(self.name)

    @property
    def into(self) -> Path:
        """The directory that holds, or will hold, the release's folder."""
        return Path(self.root) if self.root else system().releases

    @property
    def folder(self) -> Path:
        return self.into / self.name

    def identity(self) -> Identity:
        """Return what tells it from others."""
        return identity(
            self.type,
            self.name,
            self.metadata,
            group=self.group.tag,
            form=self.source.format,
            sha256=self.source.sha256,
        )

    def jobs(self) -> JobQuerySet:
        return Job.objects.about(self.subject).newest_first()

    def latest_job(self) -> Job | None:
        return self.jobs().first()

    def deliveries_under_way(self) -> JobQuerySet:
        """Return the deliveries that wait or run; none of them is among `jobs`."""
        its = Job.objects.filter(work=DELIVERS, subject__startswith=f"{self.subject}:")
        return its.active()

    def plan(self) -> Plan:
        """Describe this release to the packing engine, which knows no database."""
        stem = file_stem(self.type, self.name, self.group.tag, self.title)
        return Plan(
            name=self.name,
            scheme="fix" if self.is_fix else self.format.lower(),
            payloads=self.payloads(stem),
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
            sample=not self.is_fix and self.has_sample,
            proofs=() if self.is_fix else tuple(map(Path, self.proofs)),
            corrects=self.corrects,
        )

    @property
    def has_sample(self) -> bool:
        return self.type == ReleaseType.TV and self.format == self.Format.RAR

    def payloads(self, stem: str) -> tuple[Payload, ...]:
        if self.is_fix:
            return ()
        return (Payload(path=self.source.path, name=f"{stem}.{self.source.format}"),)


def file_stem(release_type: str, name: str, tag: str, title: str) -> str:
    """Return the stem of the payload's and the NFO's names: for TV, the release's own."""
    return name.lower() if release_type == ReleaseType.TV else naming.file_stem(tag, title)


class ReleaseUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Release, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()


class ReleaseGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Release, on_delete=models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        default_permissions = ()
