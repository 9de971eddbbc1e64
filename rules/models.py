from __future__ import annotations

from typing import Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User, four_permissions
from rules.spec import Spec

NAME_LENGTH = 100


class RuleQuerySet(models.QuerySet["Rule"]):
    def for_type(self, release_type: str) -> Self:
        return self.filter(release_type=release_type)

    def packable(self) -> Self:
        return self.filter(is_complete=True)

    def without_texts(self) -> Self:
        """Leave out what is long: a list reads neither texts nor specs."""
        return self.defer("content", "spec_data", "unread")

    def recommended_first(self) -> Self:
        """Newest year first, which for EBOOK is [2022] eBOOK."""
        return self.order_by("-year", "section", "name")


class Rule(models.Model):
    """A packaging rule: its text as published, and the spec that is its machine form."""

    class Origin(models.TextChoices):
        SHIPPED = "shipped", _("Came with the program")
        PUBLISHED = "published", _("Published")
        LOCAL = "local", _("Local")

    name = models.CharField(
        _("name"), max_length=NAME_LENGTH, unique=True, help_text="E.g. 2022_EBOOK."
    )
    scene = models.CharField(_("scene"), max_length=32)
    section = models.CharField(_("section"), max_length=64)
    year = models.PositiveSmallIntegerField(
        _("year"), null=True, blank=True, validators=[MaxValueValidator(9999)]
    )
    release_type = models.CharField(_("type"), max_length=8, blank=True, db_index=True)
    origin = models.CharField(
        _("origin"), max_length=16, choices=Origin, default=Origin.LOCAL, db_index=True
    )
    content = models.TextField(
        _("text"), blank=True, help_text=_("That of the version in force, to search in.")
    )
    version = models.PositiveIntegerField(
        _("version"),
        default=0,
        editable=False,
        help_text=_("The one in force; 0: no text is known."),
    )
    spec_data = models.JSONField(_("spec"), default=dict, blank=True)
    unread = models.JSONField(
        _("not read"),
        default=list,
        blank=True,
        help_text=_("What a spec needs and the text does not tell, or not clearly."),
    )
    is_complete = models.BooleanField(
        _("complete"),
        default=False,
        db_index=True,
        help_text=_("Its spec leaves nothing open: releases can be packed by it."),
    )
    vanished_at = models.DateTimeField(
        _("vanished"), null=True, blank=True, help_text=_("When its site no longer listed it.")
    )
    created_by = models.ForeignKey(
        User, verbose_name=_("added by"), null=True, blank=True, on_delete=models.SET_NULL
    )
    created_at = models.DateTimeField(_("added"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = four_permissions("rule")
        verbose_name = _("rule")
        verbose_name_plural = _("rules")

    def __str__(self) -> str:
        return f"[{self.year or '?'}] {self.section}"

    def get_absolute_url(self) -> str:
        return reverse("rulebook:rule", args=[self.pk])

    def belongs_to(self, user: User) -> bool:
        """A rule is everybody's: what is held on rules is held on each."""
        return True

    @property
    def spec(self) -> Spec:
        """Its machine form.

        Raises:
            TypeError: it has none, or not all of it; see `is_complete`.
        """
        return Spec.from_dict(self.spec_data)


class RuleVersion(models.Model):
    """The text of a rule as it was once published, sent or edited. A version never changes."""

    class Origin(models.TextChoices):
        PUBLISHED = "published", _("Published")
        UPLOADED = "uploaded", _("Uploaded")
        EDITED = "edited", _("Edited here")

    rule = models.ForeignKey(
        Rule, verbose_name=_("rule"), on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveIntegerField(_("version"))
    origin = models.CharField(_("origin"), max_length=16, choices=Origin)
    raw = models.BinaryField(_("bytes"), help_text="As they came.")
    encoding = models.CharField(_("encoding"), max_length=16)
    sha256 = models.CharField(max_length=64, db_index=True)
    content = models.TextField(_("text"), help_text="With LF line ends.")
    source = models.CharField(
        _("source"), max_length=255, blank=True, help_text=_("The name of the file it came in.")
    )
    url = models.CharField(_("address"), max_length=500, blank=True)
    by = models.ForeignKey(
        User,
        verbose_name=_("added by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Empty: a synchronization."),
    )
    at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        default_permissions = ()
        verbose_name = _("version of a rule")
        verbose_name_plural = _("versions of rules")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="one_rule_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.number}"
