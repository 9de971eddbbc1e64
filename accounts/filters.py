"""What the pages ask of people, roles and groups: lists that the address narrows and sorts."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group as AuthGroup
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import QueryDict

from accounts.models import ReleaseGroup, Role, User

PEOPLE_SORTS = {
    "username": "username",
    "email": "email",
    "added": "date_joined",
    "login": "last_login",
}
NAMES = ("username", "email", "first_name", "last_name")
STATES = {"active": True, "inactive": False}
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column that a list can be sorted by."""

    query: str
    """Of the address that sorts by it, or turns the order round."""
    direction: str
    """As ``aria-sort`` says it."""


def columns(asked: QueryDict, sorts: Iterable[str], usual: str) -> dict[str, Column]:
    now, order = sorting(asked, sorts, usual)
    found = {}
    for name in sorts:
        turned = "desc" if name == now and order == "asc" else "asc"
        query = asked.copy()
        query.pop("page", None)
        query["sort"], query["order"] = name, turned
        direction = {"asc": "ascending", "desc": "descending"}[order] if name == now else "none"
        found[name] = Column(query.urlencode(), direction)
    return found


def sorting(asked: QueryDict, sorts: Iterable[str], usual: str) -> tuple[str, str]:
    """Return the column that is sorted by, and ``asc`` or ``desc``."""
    now = asked.get("sort", "")
    return now if now in sorts else usual, "desc" if asked.get("order") == "desc" else "asc"


def in_order(found: QuerySet[Any], asked: QueryDict, sorts: Mapping[str, str]) -> QuerySet[Any]:
    """Sort by what is asked, and by the number where that is the same."""
    usual = next(iter(sorts))
    name, order = sorting(asked, sorts, usual)
    sign = "-" if order == "desc" else ""
    return found.order_by(f"{sign}{sorts[name]}", f"{sign}pk")


def people_asked(asked: QueryDict) -> QuerySet[User]:
    """Return the people that a page's address asks for, with their roles and groups."""
    found = sought(User.objects.all(), asked.get("search", ""), NAMES)
    if (state := STATES.get(asked.get("status", ""))) is not None:
        found = found.filter(is_active=state)
    if role := asked.get("role", ""):
        found = found.filter(groups__name=role)
    if group := asked.get("group", "").strip().upper():
        found = found.filter(release_groups__tag=group)
    of_theirs = (
        Prefetch("groups", AuthGroup.objects.order_by("name")),
        Prefetch("release_groups", ReleaseGroup.objects.order_by("tag")),
    )
    return in_order(found, asked, PEOPLE_SORTS).prefetch_related(*of_theirs)


def roles_asked() -> QuerySet[Any]:
    """Return the roles with how many have each, as `people`."""
    return Role.objects.annotate(people=Count("user")).order_by("name")


GROUP_SORTS = {"tag": "tag", "members": "people", "created": "created_at"}


def groups_asked(asked: QueryDict) -> QuerySet[ReleaseGroup]:
    """Return the groups that are asked for, with how many are in each, as `people`."""
    counted = ReleaseGroup.objects.annotate(people=Count("members"))
    return in_order(sought(counted, asked.get("search", ""), ("tag",)), asked, GROUP_SORTS)


def sought(found: QuerySet[Any], words: str, names: Iterable[str]) -> QuerySet[Any]:
    """Keep what has every one of `words` in any of its fields; ``*`` stands for any letters."""
    for word in words.split()[:MOST_WORDS]:
        by = ("iregex", pattern(word)) if "*" in word else ("icontains", word)
        either = Q()
        for name in names:
            either |= Q((f"{name}__{by[0]}", by[1]))
        found = found.filter(either)
    return found


def pattern(word: str) -> str:
    """Return `word` as a regular expression that never tries a part in two places.

    Taking the first place of each is enough, and all others together would take for ever.
    """
    first, *others = map(re.escape, word.split("*"))
    return first + "".join(f"(?>.*?{part})" for part in others)
