"""The rows of a database as lines that any database takes: one JSON array a row.

Models are given, and not looked up: those of an earlier state of the database serve as well.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import islice
from typing import Any, TypeAlias
from uuid import UUID

from django.apps.registry import Apps
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils.encoding import force_bytes

from vault.fields import Secret

AT_ONCE = 500
TRANSIENT = {
    "django_q_ormq",  # signed messages of a queue: pending jobs are sent anew
    "django_q_task",
    "jobs_supervisor",
    "accounts_session",  # whoever has a key of a session is logged in
    "django_session",
    "accounts_logintries",
    "api_idempotentanswer",  # it may hold a token that was shown once
}
"""Tables that a backup leaves out: what stands there is of the moment, or opens a door."""

Model = type[models.Model]
Field: TypeAlias = "models.Field[Any, Any]"


class Digest:
    """The number and the sum of lines, whatever order a database gives them in."""

    def __init__(self) -> None:
        self.rows, self._sum = 0, 0

    def add(self, line: bytes) -> None:
        self.rows += 1
        self._sum = (self._sum + int.from_bytes(sha256(line).digest(), "big")) % (1 << 256)

    def told(self) -> dict[str, Any]:
        return {"rows": self.rows, "digest": f"{self._sum:064x}"}


def tables(registry: Apps) -> dict[str, Model]:
    """Return the model of each table that is kept, sorted by its name."""
    found = {
        model._meta.db_table: model
        for model in registry.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return {name: found[name] for name in sorted(found) if name not in TRANSIENT}


def fields_of(model: Model) -> list[Field]:
    """Return the fields by name: their order differs between models and their migrations."""
    written = [field for field in model._meta.local_concrete_fields if not field.generated]
    return sorted(written, key=lambda field: str(field.column))


def columns_of(model: Model) -> list[str]:
    return [str(field.column) for field in fields_of(model)]


def lines(model: Model) -> Iterator[bytes]:
    """Yield each row; no more than `AT_ONCE` are held."""
    names = [field.attname for field in fields_of(model)]
    key = str(model._meta.pk.attname)
    place = names.index(key)
    rows: models.QuerySet[Any, Any] = models.QuerySet(model).order_by(key).values_list(*names)
    part = list(rows[:AT_ONCE])
    while part:
        for row in part:
            yield line_of(row)
        part = list(rows.filter(**{f"{key}__gt": part[-1][place]})[:AT_ONCE])


def line_of(row: Sequence[Any]) -> bytes:
    return json.dumps(row, default=plain, ensure_ascii=False, separators=(",", ":")).encode()


def plain(value: Any) -> str:
    """Return what JSON has no form for, as `Field.to_python` reads it."""
    for kinds, write in FORMS:
        if isinstance(value, kinds):
            return write(value)
    raise TypeError(f"no form is known for {type(value)}")


FORMS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (Secret, lambda secret: str(secret.token)),
    ((datetime, date), lambda moment: str(moment.isoformat())),
    ((UUID, Decimal), str),
    ((bytes, memoryview), lambda data: b64encode(force_bytes(data)).decode()),
)


def insert(model: Model, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows as they were read; nothing is derived, no time is set anew.

    Raises:
        ValueError: a value is none of its column's.
    """
    fields = fields_of(model)
    statement = insertion(model, fields)
    rows = iter(rows)
    while part := list(islice(rows, AT_ONCE)):
        try:
            values = [values_of(fields, row) for row in part]
            with connection.cursor() as cursor:
                cursor.executemany(statement, values)
        except (ValidationError, TypeError, OverflowError, AttributeError) as error:
            raise ValueError(str(error)) from error


def insertion(model: Model, fields: Sequence[Field]) -> str:
    quote = connection.ops.quote_name
    slots = ", ".join("_binary %s" if is_bytes(field) else "%s" for field in fields)
    names = ", ".join(quote(str(field.column)) for field in fields)
    return f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({slots})"  # noqa: S608  # names of models


def is_bytes(field: Field) -> bool:
    """Tell whether MariaDB must hear that a value is no text."""
    return connection.vendor == "mysql" and isinstance(field, models.BinaryField)


def values_of(fields: Sequence[Field], row: Sequence[Any]) -> list[Any]:
    return [prepared(field, value) for field, value in zip(fields, row, strict=True)]


def prepared(field: Field, value: Any) -> Any:
    if value is None and isinstance(field, models.JSONField) and not field.null:
        return "null"  # JSON's, where the column takes no other
    return field.get_db_prep_save(field.to_python(value), connection)


def numbers() -> dict[str, int]:
    """Return the last number that each table gave; numbers of deleted rows do not come again."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
        else:
            cursor.execute(
                "SELECT table_name, auto_increment - 1 FROM information_schema.tables "
                "WHERE table_schema = DATABASE() AND auto_increment IS NOT NULL"
            )
        return {str(name): int(last) for name, last in cursor.fetchall()}


def number_from(last: dict[str, int], names: Iterable[str]) -> None:
    """Have the tables `names` count on from what they gave `last`."""
    with connection.cursor() as cursor:
        for name in names:
            if last.get(name):
                count_on(cursor, name, last[name])


def count_on(cursor: Any, name: str, last: int) -> None:
    if connection.vendor == "sqlite":
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [name])
        cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [name, last])
    else:
        table = connection.ops.quote_name(name)
        cursor.execute(f"ALTER TABLE {table} AUTO_INCREMENT = %s", [last + 1])
