from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User, four_permissions
from rules import search, shipped
from rules.spec import Spec

NAME_LENGTH = 100
LONG = ("content", "words", "spec_data", "unread")
"""The columns that no list reads."""
YEAR_DIGITS = 4
MOST_VALUES = 100
"""Of one filter; what follows is passed over."""
UNKNOWN_YEAR = "?"
"""How one asks for the rules whose year is not known."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of the tree: a scene, a section of it, or a year of that."""

    name: str
    """Of a year that is not known: empty."""
    count: int
    """How many rules are in it."""
    branches: list[Branch] = field(default_factory=list)


class RuleQuerySet(models.QuerySet["Rule"]):
    def for_type(self, release_type: str) -> Self:
        return self.filter(release_type=release_type)

    def packable(self) -> Self:
        return self.filter(is_complete=True)

    def without_texts(self) -> Self:
        """Leave out what is long: a list reads neither texts nor specs."""
        return self.defer(*LONG)

    def search(self, text: str) -> Self:
        """Narrow to the rules with each word of `text` in their name, section or text.

        A word also finds those that begin with it; `*` stands for anything, in names and
        sections. So do words of one or two letters, and in texts they are not looked for.
        """
        found = self
        for word in search.words(text):
            found = found.filter(search.condition(word, self.db))
        return found

    def filtered(
        self,
        *,
        scene: Iterable[str] = (),
        section: Iterable[str] = (),
        year: Iterable[str] = (),
        type: Iterable[str] = (),  # noqa: A002  # as it is called everywhere
        origin: Iterable[str] = (),
    ) -> Self:
        """Narrow by what is given, in any case; each value may be several, with commas between.

        A year that is no number finds nothing.
        """
        found = self
        asked = {"scene": scene, "section": section, "release_type": type, "origin": origin}
        for column, values in asked.items():
            if wanted := separate(values):
                found = found.filter(any_of(f"{column}__iexact", wanted))
        return found.of_years(separate(year))

    def of_years(self, years: list[str]) -> Self:
        if not years:
            return self
        numbers = [int(year) for year in years if year.isdecimal() and len(year) <= YEAR_DIGITS]
        unknown = Q(year=None) if UNKNOWN_YEAR in years else Q()
        return self.filter(Q(year__in=numbers) | unknown)

    def edited(self) -> Self:
        """Narrow to those whose text in force was edited here."""
        edits = RuleVersion.objects.filter(
            rule=OuterRef("pk"), number=OuterRef("version"), origin=RuleVersion.Origin.EDITED
        )
        return self.filter(Exists(edits))

    def vanished(self) -> Self:
        return self.exclude(vanished_at=None)

    def tree(self) -> list[Branch]:
        """Return the scenes, each with its sections, each with its years, newest first.

        Names that differ by their capitals alone are one.
        """
        columns = ("scene", "section", "year")
        counted = self.order_by(*columns).values_list(*columns).annotate(count=Count("pk"))
        names: dict[tuple[str, str], str] = {}
        tree: dict[str, dict[str, Counter[int]]] = {}
        for scene, section, year, count in counted:
            in_scene = names.setdefault(("scene", scene.casefold()), scene)
            in_section = names.setdefault(("section", section.casefold()), section)
            years = tree.setdefault(in_scene, {}).setdefault(in_section, Counter())
            years[year or 0] += count
        return alphabetic(
            above(
                scene, alphabetic(above(name, by_year(years)) for name, years in sections.items())
            )
            for scene, sections in tree.items()
        )

    def recommended_first(self) -> Self:
        """Newest year first, which for EBOOK is [2022] eBOOK."""
        return self.order_by("-year", "section", "name")


def separate(values: Iterable[str]) -> list[str]:
    """Return what is said by values that are repeated, or have commas between them."""
    found = (value.strip() for text in values for value in text.split(","))
    return list(dict.fromkeys(filter(None, found)))[:MOST_VALUES]


def any_of(lookup: str, values: list[str]) -> Q:
    asked = Q()
    for value in values:
        asked |= Q(**{lookup: value})
    return asked


def alphabetic(branches: Iterable[Branch]) -> list[Branch]:
    return sorted(branches, key=lambda branch: branch.name.casefold())


def by_year(years: Mapping[int, int]) -> list[Branch]:
    return [Branch(str(year or ""), years[year]) for year in sorted(years, reverse=True)]


def above(name: str, branches: list[Branch]) -> Branch:
    return Branch(name, sum(branch.count for branch in branches), branches)


class Rule(models.Model):
    """A packaging rule: its text as published, and the spec that is its machine form."""

    class Origin(models.TextChoices):
        SHIPPED = "shipped", _("Came with the program")
        PUBLISHED = "published", _("Published")
        LOCAL = "local", _("Local")

    name = models.CharField(
        _("name"), max_length=NAME_LENGTH, unique=True, help_text=_("E.g. 2022_EBOOK.")
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
    words = models.TextField(
        blank=True, default="", editable=False, help_text="Each word of the text once."
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
        indexes = [
            models.Index(fields=["scene", "section", "year"], name="rules_in_a_tree"),
            models.Index(fields=["-year", "section", "name"], name="rules_recommended_first"),
        ]

    def __str__(self) -> str:
        return f"[{self.year or '?'}] {self.section}"

    def save(self, *args: Any, **options: Any) -> None:
        """Save it, with the words of its text where that is saved."""
        fields = options.get("update_fields")
        if "content" not in self.get_deferred_fields() and (fields is None or "content" in fields):
            self.words = search.distinct_words(self.content)
            options["update_fields"] = None if fields is None else {*fields, "words"}
        super().save(*args, **options)

    def get_absolute_url(self) -> str:
        return reverse("rulebook:rule", args=[self.pk])

    @property
    def has_vanished(self) -> bool:
        return self.vanished_at is not None

    def belongs_to(self, user: User) -> bool:
        """A rule is everybody's: what is held on rules is held on each."""
        return True

    @property
    def has_shipped_spec(self) -> bool:
        """Whether its spec came with the program: then no text changes it."""
        return self.name in shipped.NAMES

    @property
    def is_house_profile(self) -> bool:
        return self.name in shipped.HOUSE_PROFILES

    @property
    def is_shipped(self) -> bool:
        return self.has_shipped_spec or self.origin == self.Origin.SHIPPED

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
