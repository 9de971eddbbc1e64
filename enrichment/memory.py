"""The memory of providers, as rows: workers on every machine share it."""

import hashlib
import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from enrichment.models import Answer
from vault.sealing import Undecryptable, seal, unseal

FORGOTTEN_AT_ONCE = 500


class RowMemory:
    """A `Memory` as `releases.metadata.providers` asks for."""

    def get(self, key: str) -> Any | None:
        row = Answer.objects.filter(key=hashed(key)).first()
        return content(row) if row else None

    def set(self, key: str, value: Any, ttl_s: float) -> None:
        kept = {"value": seal(json.dumps(value)), "until": end_of(ttl_s)}
        if Answer.objects.filter(key=hashed(key)).update(**kept):
            return
        with suppress(IntegrityError), transaction.atomic():  # another's is as good
            Answer.objects.create(key=hashed(key), **kept)

    def add(self, key: str, ttl_s: float) -> int:
        """Count one more. Who finds that another has counted meanwhile looks again."""
        first = {"value": seal("1"), "until": end_of(ttl_s)}
        while True:
            row, is_first = Answer.objects.get_or_create(key=hashed(key), defaults=first)
            count = 1 if is_first else int(content(row) or 0) + 1
            if is_first or self._replace(row, count, first):
                return count

    def _replace(self, row: Answer, count: int, first: dict[str, Any]) -> int:
        """Put `count` in the row, if it still holds what we read; tell whether it did."""
        until = first["until"] if row.is_over() else row.until
        unchanged = Answer.objects.filter(pk=row.pk, value=row.value)
        return unchanged.update(value=seal(json.dumps(count)), until=until)


def forget_old() -> None:
    """Delete what is over: found by its time, locked by its row, as who changes it does."""
    old = list(Answer.objects.over().values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    Answer.objects.filter(pk__in=old).delete()


def content(row: Answer) -> Any | None:
    """Return what `row` keeps; nothing where its time is over, or its key was taken away."""
    if row.is_over():
        return None
    try:
        return json.loads(unseal(row.value))
    except Undecryptable:
        return None


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def end_of(ttl_s: float) -> datetime:
    return timezone.now() + timedelta(seconds=ttl_s)
