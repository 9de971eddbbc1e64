"""Unfinished drafts as lists show them: the latest change first, with how far each is."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from accounts.models import User
from drafts.models import Draft, DraftQuerySet
from drafts.steps import BY_KEY, STEPS, Step


@dataclass(frozen=True, slots=True)
class Row:
    draft: Draft
    step: Step

    @property
    def done(self) -> int:
        return self.step.number - 1

    @property
    def steps(self) -> int:
        return len(STEPS)


@dataclass(frozen=True, slots=True)
class Counts:
    drafts: int
    awaiting: int
    """Those of them that nobody has looked at yet."""


def listed(user: User) -> DraftQuerySet:
    return Draft.objects.visible_to(user).unfinished().defer("typed").newest_first()


def rows(drafts: Iterable[Draft]) -> list[Row]:
    return [Row(draft, BY_KEY.get(draft.step, STEPS[0])) for draft in drafts]


def counts(user: User) -> Counts:
    mine = Draft.objects.visible_to(user).unfinished()
    return Counts(**mine.aggregate(drafts=Count("pk"), awaiting=Count("pk", Q(awaits_review=True))))
