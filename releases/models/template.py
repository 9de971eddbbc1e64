from __future__ import annotations

from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from releases.models.types import ReleaseType
from releases.templating import MAX_TEMPLATE_CHARACTERS
from rules.models import Rule


class NfoTemplateQuerySet(models.QuerySet["NfoTemplate"]):
    def visible_to(self, user: User) -> Self:
        """Narrow to everybody's and the user's own."""
        return self if user.is_admin else self.filter(Q(is_system=True) | Q(created_by=user))

    def say(self, text: str) -> bool:
        """Tell whether one of them has exactly this text; databases may think alike what is not."""
        return text in self.filter(content=text).values_list("content", flat=True)

    def best_first(
        self, user: User, release_type: str, *, rule_id: int | None, chosen_id: int | None
    ) -> Self:
        """Order by how well they suit a release: chosen, made for its rule, default, any.

        What others keep for themselves, which administrators see, comes last.
        """
        own = DefaultTemplate.objects.filter(template=OuterRef("pk"), user=user, type=release_type)
        for_user = Q(is_system=True) | Q(created_by=user)
        ranks = [
            Q(pk=chosen_id or 0),
            *([Q(rule=rule_id, created_by=user), for_user & Q(rule=rule_id)] if rule_id else []),
            Q(Exists(own)),
            Q(type=release_type, is_default=True),
            for_user & Q(type=release_type),
            for_user & Q(type=""),
        ]
        cases = [When(asked, then=Value(rank)) for rank, asked in enumerate(ranks)]
        rank = Case(*cases, default=Value(len(ranks)), output_field=IntegerField())
        return self.order_by(rank, "-is_default", "name")


class NfoTemplate(models.Model):
    """A text with placeholders, from which NFOs are rendered."""

    class Encoding(models.TextChoices):
        CP437 = "cp437", "CP437"
        UTF_8 = "utf-8", "UTF-8"
        ASCII = "ascii", "ASCII"

    name = models.CharField(_("name"), max_length=100, unique=True)
    type = models.CharField(_("type"), max_length=8, choices=ReleaseType, blank=True)
    rule = models.ForeignKey(
        Rule,
        verbose_name=_("rule"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="templates",
        help_text=_("It is made for this rule."),
    )
    content = models.TextField(_("text"), max_length=MAX_TEMPLATE_CHARACTERS)
    encoding = models.CharField(
        _("encoding"), max_length=8, choices=Encoding, default=Encoding.CP437
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    file = models.CharField(
        _("file"), max_length=255, blank=True, editable=False, help_text="In the folder of texts."
    )
    file_sum = models.CharField(
        max_length=64, blank=True, editable=False, help_text="SHA-256 of the file as last seen."
    )
    is_system = models.BooleanField(_("everybody's"), default=False)
    is_default = models.BooleanField(_("default of its type"), default=False)
    created_by = models.ForeignKey(
        User, verbose_name=_("made by"), null=True, blank=True, on_delete=models.SET_NULL
    )
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    objects = NfoTemplateQuerySet.as_manager()

    trouble = ""
    """Why the text of its file is not taken, where it is not."""

    class Meta:
        default_permissions = ()
        verbose_name = _("NFO template")
        verbose_name_plural = _("NFO templates")
        ordering = ["-is_default", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("library:edit", args=[self.pk])

    def belongs_to(self, user: User) -> bool:
        return self.created_by_id == user.pk and not self.is_system


class TemplateVersion(models.Model):
    """What a template was once. The newest one is the template as it is."""

    template = models.ForeignKey(
        NfoTemplate,
        verbose_name=_("NFO template"),
        on_delete=models.CASCADE,
        related_name="versions",
    )
    number = models.PositiveIntegerField(_("version"))
    content = models.TextField(_("text"))
    encoding = models.CharField(_("encoding"), max_length=8, choices=NfoTemplate.Encoding)
    by = models.ForeignKey(
        User,
        verbose_name=_("changed by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Empty: it came with the program, or its file was edited."),
    )
    at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        default_permissions = ()
        verbose_name = _("version of a template")
        verbose_name_plural = _("versions of templates")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="one_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.number}"


class DefaultTemplate(models.Model):
    """The template that a user wants for releases of a type, instead of everybody's default."""

    user = models.ForeignKey(
        User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="default_templates"
    )
    type = models.CharField(_("type"), max_length=8, choices=ReleaseType)
    template = models.ForeignKey(
        NfoTemplate, verbose_name=_("NFO template"), on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        default_permissions = ()
        verbose_name = _("default template of a user")
        verbose_name_plural = _("default templates of users")
        constraints = [
            models.UniqueConstraint(fields=["user", "type"], name="one_default_per_user_and_type")
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.type}: {self.template}"


class TemplateStorage(models.Model):
    """Where the texts of the templates lie. There is one row, or none: then all is as at first."""

    class Place(models.TextChoices):
        DB = "db", _("Database")
        DISK = "disk", _("Files in a folder")

    id = models.PositiveSmallIntegerField(primary_key=True, editable=False)
    storage = models.CharField(_("storage"), max_length=4, choices=Place, default=Place.DB)
    disk_path = models.CharField(_("folder"), max_length=500, blank=True)
    seeded = models.JSONField(
        default=list, editable=False, help_text="Shipped templates that were made once."
    )

    class Meta:
        default_permissions = ()
        verbose_name = _("storage of templates")
        verbose_name_plural = _("storage of templates")
        constraints = [
            models.CheckConstraint(name="one_storage_of_templates", condition=Q(pk=1)),
        ]

    def __str__(self) -> str:
        return str(self.get_storage_display())

    @classmethod
    def current(cls) -> Self:
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def is_disk(self) -> bool:
        return self.storage == self.Place.DISK

    @property
    def folder(self) -> Path:
        """Where the texts lie, or would lie unless another folder is asked for."""
        return Path(self.disk_path) if self.disk_path else settings.TEMPLATE_ROOTS[0]
