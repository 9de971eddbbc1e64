"""What a rule is used by, to be told before it is changed or deleted."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from releases.models import NfoTemplate, Release
from rules.models import Rule

MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Uses:
    releases: int = 0
    """While there are any, the rule cannot be deleted."""
    templates: int = 0
    """NFO templates made for it; they stay."""
    drafts: tuple[int, ...] = ()
    """The numbers of unfinished drafts that chose it: they must choose again."""

    def __bool__(self) -> bool:
        return bool(self.releases or self.templates or self.drafts)

    @property
    def draft_names(self) -> str:
        """Return what names the drafts in a sentence."""
        named = [_("Draft %(number)s") % {"number": number} for number in self.drafts[:MOST_NAMED]]
        return ", ".join([*named, "…"] if len(self.drafts) > MOST_NAMED else named)


def uses(rule: Rule) -> Uses:
    return uses_of([rule.pk])[rule.pk]


def uses_of(numbers: Collection[int]) -> dict[int, Uses]:
    """Return by what each of these rules is used, in three queries."""
    used = {"rule__in": numbers}
    releases = Counter(Release.objects.filter(**used).values_list("rule_id", flat=True))
    templates = Counter(NfoTemplate.objects.filter(**used).values_list("rule_id", flat=True))
    drafts: dict[int, list[int]] = {number: [] for number in numbers}
    for draft, rule in unfinished_drafts(numbers):
        drafts[rule].append(draft)
    return {
        number: Uses(releases[number], templates[number], tuple(drafts[number]))
        for number in numbers
    }


def unfinished_drafts(numbers: Collection[int]) -> QuerySet[Model, tuple[int, int]]:
    """Return the number of each draft, and that of its rule.

    The drafts stand above the rules: they are asked for by name, as a foreign key does.
    """
    drafts = apps.get_model("drafts", "Draft")._default_manager.filter(release=None)
    chosen = "answers__rule__rule_id"
    return drafts.filter(**{f"{chosen}__in": [*numbers]}).values_list("pk", chosen).order_by("pk")
