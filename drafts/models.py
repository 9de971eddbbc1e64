from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar
from uuid import UUID, uuid4

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Preference, User
from accounts.preferences import preference
from accounts.system import system
from jobs.models import Job, JobQuerySet
from releases.models import NfoTemplate, Release, ReleaseType, Source, Upload
from releases.models.upload import UploadQuerySet
from rules.models import Rule

Row = TypeVar("Row", bound=models.Model)
DEFAULTS = "wizard_defaults"
WARNED_DAYS = 30
"""So long before a draft is thrown away, lists say so."""
ABOUT_METADATA = ("locked", "sources")
"""What is kept beside the metadata: the fields that stay as they are, and who said each."""


class DraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, user: User) -> Self:
        """A draft is its owner's alone."""
        return self.filter(owner=user)

    def unfinished(self) -> Self:
        return self.filter(release=None)

    def stale(self) -> Self:
        """Narrow to what nobody touched for so long that it is thrown away."""
        days = system().drafts_days
        since = timezone.now() - timedelta(days=days)
        return self.unfinished().filter(updated_at__lt=since) if days else self.none()

    def awaiting_review(self) -> Self:
        """Narrow to those made of files that came by themselves, and that nobody looked at."""
        return self.unfinished().filter(awaits_review=True)

    def with_defaults(self, owner: User) -> Self:
        """Read what `owner` answers as a rule along with each, see `Draft.defaults`."""
        kept = Preference.objects.heard_by(owner).filter(key=DEFAULTS).order_by("-owner_number")
        return self.annotate(kept_defaults=models.Subquery(kept.values("value")[:1]))

    def newest_first(self) -> Self:
        return self.order_by("-updated_at", "-pk")


class Draft(models.Model):
    """Unfinished answers: of a person in the wizard or of a program. It becomes a release."""

    class Origin(models.TextChoices):
        PERSON = "person", _("Begun by hand")
        QUEUE = "queue", _("One of several files sent together")
        INBOX = "inbox", _("Found in the inbox")

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
    version = models.PositiveIntegerField(
        default=0, editable=False, help_text="Grows with each change: two tabs meet by it."
    )
    writers = models.JSONField(
        default=dict,
        editable=False,
        help_text="By step key: the version of its last change, and the page that made it.",
    )
    origin = models.CharField(
        _("origin"), max_length=8, choices=Origin, default=Origin.PERSON, editable=False
    )
    file_name = models.CharField(
        _("file name"),
        max_length=255,
        blank=True,
        editable=False,
        help_text="Of the file that it was begun for, where no person began it.",
    )
    awaits_review = models.BooleanField(
        _("awaits review"), default=False, help_text=_("Nobody has looked at it yet.")
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

    @property
    def goes_at(self) -> datetime | None:
        """Return when it is thrown away unless somebody touches it, if that is soon."""
        days = system().drafts_days
        at = self.updated_at + timedelta(days=days)
        is_soon = at - timezone.now() < timedelta(days=WARNED_DAYS)
        return at if days and is_soon else None

    @property
    def further_subject(self) -> str:
        """Return what files are about that come behind its own: each gets a draft like it."""
        return f"queue:{self.pk}"

    @property
    def arriving(self) -> UploadQuerySet:
        """The files that are on their way to it, and those behind its own."""
        mine = Upload.objects.visible_to(self.owner).alive()
        return mine.about(self.subject, self.further_subject).newest_first()

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
        """Return what tells this draft from others: what is known of the work, and the group.

        Before anything is, a file that came by itself tells its name.
        """
        known = (
            self.answer("enrichment", "title") or self.file_name,
            self.answer("group", "group"),
        )
        return " · ".join(str(part) for part in known if part) or str(self)

    @property
    def metadata(self) -> dict[str, Any]:
        """Return what is answered of the work; where it comes from stands beside it."""
        answers = self.answers.get("enrichment", {})
        return {name: value for name, value in answers.items() if name not in ABOUT_METADATA}

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """Return what the owner answers as a rule."""
        if "kept_defaults" in vars(self):
            return dict(vars(self)["kept_defaults"] or {})
        return dict(preference(self.owner, DEFAULTS))

    @property
    def release_type(self) -> str:
        return str(self.answer("type", "release_type", ""))

    @property
    def release_type_label(self) -> str:
        return str(dict(ReleaseType.choices).get(self.release_type, self.release_type))

    @property
    def rule(self) -> Rule | None:
        """Return the rule chosen, while releases can be packed by it."""
        return self._chosen(Rule.objects.packable(), pk=self.answer("rule", "rule_id"))

    @property
    def source(self) -> Source | None:
        sent = Source.objects.filter(created_by=self.owner_id)
        return self._chosen(sent, handle=self.answer("source", "file_path"))

    def named_sources(self) -> models.QuerySet[Source]:
        """Narrow to the files that the answer, or what is typed in its place, names."""
        typed = self.typed.get("source", {}).get("file_path", [])
        named = [*typed, self.answer("source", "file_path")]
        return Source.objects.filter(created_by=self.owner_id, handle__in=list(handles(named)))

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

    def is_gone(self, step: str) -> bool:
        """Tell whether the answer names what is no more, as far as was looked already."""
        named = {
            "rule": (Rule, self.answer("rule", "rule_id")),
            "source": (Source, self.answer("source", "file_path")),
        }
        return step in named and self._rows.get(named[step], step) is None

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


def handles(texts: Iterable[Any]) -> Iterator[UUID]:
    """Yield those of `texts` that can be the handle of a file: a page sends what it likes."""
    for text in texts:
        with suppress(ValueError):
            yield UUID(str(text))
