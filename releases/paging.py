"""Pages of many releases, found by their numbers in one index.

The index has all that a list is sorted and narrowed by, so that no row is read that is not shown.
The database is told to take it: left alone, both take an index of a column that nearly all rows
agree on, and sort 90,000 of them. What lies past the middle is counted from the end.
"""

from __future__ import annotations

import re
from functools import cached_property
from hashlib import blake2b
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.core.paginator import Page, Paginator
from django.db import connection

from accounts.models import User
from releases.filters import Asked
from releases.models import Release, ReleaseQuerySet
from releases.models.release import BY_WORDS

MANY = 5_000
"""So many numbers tell how many there are as well, where there are no more."""
COUNT_AGE_S = 30
"""How old the count of more than these may be."""
FEW = 1_000
"""Who may see no more than these is asked for them first, and no index is read through."""
PRIMARY = "PRIMARY"
BY_KEY = {"sqlite": "NOT INDEXED", "mysql": "FORCE INDEX (PRIMARY)"}
HINTS = {"sqlite": "INDEXED BY {}", "mysql": "FORCE INDEX ({})"}


def pages_of(asked: Asked, user: User, per_page: int, *, rows: ReleaseQuerySet) -> ByIndex:
    """Return the pages of what `asked` asks for among what `user` may see."""
    releases, index = Release.objects.visible_to(user), asked.index
    if (keys := few_of(user)) is not None:
        releases, index = releases.filter(pk__in=keys), PRIMARY
    return ByIndex(asked.narrowed(releases), per_page, index=index, rows=rows)


def few_of(user: User) -> list[int] | None:
    """Return the keys of what `user` may see where that is little."""
    key = f"many:{user.pk}"
    if user.is_admin or cache.get(key):
        return None
    keys = Release.objects.first_keys(user, FEW + 1)
    if len(keys) <= FEW:
        return keys
    cache.set(key, len(keys), COUNT_AGE_S)
    return None


class ByIndex(Paginator):  # type: ignore[type-arg]  # its own stub has no type for the list
    """Pages of `found` by the numbers in `index`; `rows` says what is read of each."""

    def __init__(
        self, found: ReleaseQuerySet, per_page: int, *, index: str, rows: ReleaseQuerySet
    ) -> None:
        super().__init__([], per_page)
        self.found, self.index, self.rows = found, index, rows

    @cached_property
    def count(self) -> int:
        key = f"count:{fingerprint(self.found)}"
        if known := cache.get(key):
            return int(known)
        if len(self.first) <= MANY:
            return len(self.first)
        count = counted(self.found, self.index)
        cache.set(key, count, COUNT_AGE_S)
        return count

    @cached_property
    def first(self) -> list[int]:
        return numbers(self.found, self.index, 0, MANY + 1)

    def page(self, number: int | str) -> Page[Any]:
        valid = self.validate_number(number)
        start = (valid - 1) * self.per_page
        wanted = self.numbered(start, min(start + self.per_page, self.count))
        rows = self.rows.in_bulk(wanted)
        return Page([rows[pk] for pk in wanted if pk in rows], valid, self)

    def numbered(self, start: int, stop: int) -> list[int]:
        if "first" in self.__dict__ and stop <= len(self.first):
            return self.first[start:stop]
        if start <= self.count // 2:
            return numbers(self.found, self.index, start, stop)
        from_end = numbers(self.found.reverse(), self.index, self.count - stop, self.count - start)
        return from_end[::-1]


def numbers(found: ReleaseQuerySet, index: str, start: int, stop: int) -> list[int]:
    """Return the keys of `found` from `start` to `stop`, in their order."""
    try:
        sql, values = found.values_list("pk")[start:stop].query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(hinted(sql, index), values)
        return [pk for (pk,) in cursor.fetchall()]


def counted(found: ReleaseQuerySet, index: str) -> int:
    sql, values = found.order_by().values_list("pk").query.sql_with_params()
    whole = hinted(sql, index)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) {whole[whole.index('FROM') :]}", values)
        return int(cursor.fetchone()[0])


def hinted(sql: str, index: str) -> str:
    """Return `sql` with the index to take, after the table that it asks first.

    Where it asks that table again, it is for words: see `ReleaseQuerySet.search`.
    """
    quote = connection.ops.quote_name
    table, hint = f"FROM {quote(Release._meta.db_table)}", HINTS[connection.vendor]
    first = BY_KEY[connection.vendor] if index == PRIMARY else hint.format(quote(index))
    told = sql.replace(table, f"{table} {first}", 1)
    return re.sub(rf"({table} [A-Z]\d+)", rf"\1 {hint.format(quote(BY_WORDS))}", told)


def fingerprint(found: ReleaseQuerySet) -> str:
    """Return what is equal for two questions that find the same releases."""
    try:
        sql, values = found.order_by().values_list("pk").query.sql_with_params()
    except EmptyResultSet:
        return "none"
    return blake2b(repr((sql, values)).encode(), digest_size=16).hexdigest()
