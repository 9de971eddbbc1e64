from __future__ import annotations

from typing import Any, Self, TypeVar
from uuid import uuid4

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from jobs.models import Job, JobQuerySet
from releases.models import NfoTemplate, Release, Source
from rules.models import Rule

Row = TypeVar("Row", bound=models.Model)
ABOUT_METADATA = ("locked", "sources")
"""What is kept beside the metadata: the fields that stay as they are, and who said each."""


class DraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, user: User) -> Self:
        """A draft is its owner's alone."""
        return self.filter(owner=user)

    def unfinished(self) -> Self:
        return self.filter(release=None)

    def newest_first(self) -> Self:
        return self.order_by("-updated_at", "-pk")


class Draft(models.Model):
    """Unfinished answers: of a person in the wizard or of a program. It becomes a release."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        User, verbose_name=_("owner"), on_delete=models.CASCADE, related_name="drafts"
    )
    answers = models.JSONField(
        _("answers"), default=dict, help_text="By step key, then by field name."
    )
    typed = models.JSONField(
        _("typed"),
        default=dict,
        blank=True,
        help_text="By step key, then by field name: what is no valid answer yet.",
    )
    step = models.CharField(_("step"), max_length=16, default="group")
    release = models.OneToOneField(
        Release, verbose_name=_("release"), null=True, on_delete=models.CASCADE
    )
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")

    def __str__(self) -> str:
        return gettext("Draft %(number)s") % {"number": self.pk}

    def get_absolute_url(self) -> str:
        return reverse("wizard:step", args=[self.uuid, self.step])

    @property
    def subject(self) -> str:
        return f"draft:{self.pk}"

    def enrichments(self) -> JobQuerySet:
        """Narrow to the questions asked of providers about the present file, newest first."""
        since = self.source.created_at if self.source else self.created_at
        asked = Job.objects.about(self.subject).filter(work="enrich", queued_at__gte=since)
        return asked.newest_first()

    def answer(self, step: str, field: str, default: Any = None) -> Any:
        return self.answers.get(step, {}).get(field, default)

    @property
    def is_packed(self) -> bool:
        return self.release_id is not None

    @property
    def title(self) -> str:
        """Return what tells this draft from others: what is known of the work, and the group."""
        known = (self.answer("enrichment", "title"), self.answer("group", "group"))
        return " · ".join(str(part) for part in known if part) or str(self)

    @property
    def metadata(self) -> dict[str, Any]:
        """Return what is answered of the work; where it comes from stands beside it."""
        answers = self.answers.get("enrichment", {})
        return {name: value for name, value in answers.items() if name not in ABOUT_METADATA}

    @property
    def release_type(self) -> str:
        return str(self.answer("type", "release_type", ""))

    @property
    def rule(self) -> Rule | None:
        """Return the rule chosen, while releases can be packed by it."""
        return self._chosen(Rule.objects.packable(), pk=self.answer("rule", "rule_id"))

    @property
    def source(self) -> Source | None:
        sent = Source.objects.filter(created_by=self.owner_id)
        return self._chosen(sent, handle=self.answer("source", "file_path"))

    @property
    def template(self) -> NfoTemplate | None:
        """Return the NFO template chosen, or the one that suits best."""
        suiting: dict[str, Any] = {
            "rule_id": self.answer("rule", "rule_id"),
            "chosen_id": self.answer("nfo", "template_id"),
        }
        asked = (NfoTemplate, self.release_type, *suiting.values())
        if asked not in self._rows:
            seen = NfoTemplate.objects.visible_to(self.owner)
            ranked = seen.best_first(self.owner, self.release_type, **suiting)
            self._rows[asked] = ranked.select_related("rule").first()
        found: NfoTemplate | None = self._rows[asked]
        return found

    def _chosen(self, among: models.QuerySet[Row], **key: Any) -> Row | None:
        """Return the row that an answer names, asking the database once for each answer."""
        if None in key.values():
            return None
        asked = (among.model, *key.values())
        if asked not in self._rows:
            self._rows[asked] = among.filter(**key).first()
        found: Row | None = self._rows[asked]
        return found

    @cached_property
    def _rows(self) -> dict[Any, Any]:
        return {}
