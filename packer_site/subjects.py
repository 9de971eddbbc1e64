"""What jobs can be about: the table that jobs.subjects asks."""

from collections.abc import Callable
from typing import Any

from django.db.models import CharField, Model, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from drafts.models import Draft
from jobs.subjects import About, Kind
from releases.models import InboxFile, Release, Source


def releases(by: User, numbers: list[int]) -> dict[int, About]:
    rows = Release.objects.reachable_by(by).filter(pk__in=numbers).values_list("pk", "name")
    return {pk: About(name, reverse("releases:detail", args=[pk])) for pk, name in rows}


def sources(by: User, numbers: list[int]) -> dict[int, About]:
    rows = Source.objects.visible_to(by).filter(pk__in=numbers).values_list("pk", "name")
    return {pk: About(name) for pk, name in rows}


def drafts(by: User, numbers: list[int]) -> dict[int, About]:
    rows = Draft.objects.visible_to(by).filter(pk__in=numbers).defer("typed")
    return {draft.pk: About(draft.title, draft.get_absolute_url()) for draft in rows}


def drafts_unfinished(numbers: list[int]) -> set[int]:
    """Return the drafts that are neither packed nor gone."""
    return set(Draft.objects.filter(pk__in=numbers, release=None).values_list("pk", flat=True))


def inbox_files(by: User, numbers: list[int]) -> dict[int, About]:
    rows = InboxFile.objects.visible_to(by).filter(pk__in=numbers)
    return {file.pk: About(file.name, reverse("inbox:index")) for file in rows}


def holding(field: str, model: Any) -> Callable[[User, str], QuerySet[Any]]:
    """Return what finds the rows of `model` that hold a text in `field`."""
    name = f"{field}__icontains"
    return lambda by, text: model.objects.visible_to(by).filter(**{name: text})


def drafts_found(by: User, text: str) -> QuerySet[Draft]:
    title = Cast(KT("answers__enrichment__title"), CharField())
    return Draft.objects.visible_to(by).annotate(said=title).filter(said__icontains=text)


def there(model: type[Model]) -> Callable[[list[int]], set[int]]:
    """Return what tells which rows of `model` are not gone."""
    return lambda numbers: set(
        model._default_manager.filter(pk__in=numbers).values_list("pk", flat=True)
    )


def one(name: str | Promise, page: str) -> Kind:
    """Return the kind of what there is only one of."""
    return Kind(lambda by, numbers: {0: About(str(name), reverse(page))})


SUBJECTS = {
    "release": Kind(releases, holding("name", Release), there(Release)),
    "source": Kind(sources, holding("name", Source), there(Source)),
    "draft": Kind(drafts, drafts_found, drafts_unfinished),
    "inbox": Kind(inbox_files, holding("path", InboxFile), there(InboxFile)),
    "rules": one(_("Rules"), "rulebook:index"),
    "templates": one(_("Templates"), "library:index"),
}
