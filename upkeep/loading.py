"""Rows of a backup into an empty database, of either kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.management import call_command
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from upkeep.manifest import Manifest
from upkeep.marks import TABLE
from upkeep.reading import Backup, damaged
from upkeep.rows import Digest, Model, columns_of, insert, lines, number_from, tables
from upkeep.sentences import Unable
from vault.fields import EncryptedTextField
from vault.sealing import Undecryptable, unseal

Node = tuple[str, str]


def refuse_later(manifest: Manifest) -> None:
    """Make sure that this version knows the database that was backed up."""
    known = MigrationExecutor(connection).loader.graph.nodes
    if any((app, name) not in known for app, name in manifest.migrations):
        raise Unable(
            _("The backup was made by a later version (%(version)s): use that version.")
            % {"version": manifest.program}
        )


def refuse_other_keys(backup: Backup, own: Iterable[str]) -> None:
    """Make sure that what is encrypted in the backup can be opened here."""
    is_known = backup.manifest.keys[0] in set(own)
    if not is_known or not all(map(opens, secrets_of(backup))):
        raise Unable(
            _(
                "CREDENTIAL_KEYS does not open the credentials of this backup: "
                "set the keys of the instance that was backed up. Nothing was changed."
            )
        )


def secrets_of(backup: Backup) -> Iterator[str]:
    models = models_at(backup.manifest.migrations)
    for name, model in models.items():
        facts = backup.manifest.tables.get(name, {"columns": []})
        sealed = {f.column for f in model._meta.fields if isinstance(f, EncryptedTextField)}
        places = [place for place, column in enumerate(facts["columns"]) if column in sealed]
        if places:
            for row in backup.rows(name):
                yield from (str(row[place]) for place in places)


def opens(token: str) -> bool:
    try:
        unseal(token)
    except Undecryptable:
        return False
    return True


def leaves(migrations: Iterable[Iterable[str]]) -> list[Node]:
    """Return the last migration of each app among `migrations`."""
    graph = MigrationExecutor(connection).loader.graph
    applied = {(app, name) for app, name in migrations}
    inner = {
        parent.key
        for node in applied
        for parent in graph.node_map[node].parents
        if parent.key[0] == node[0]
    }
    return sorted(applied - inner)


def models_at(migrations: Iterable[Iterable[str]]) -> dict[str, Model]:
    """Return the models as they were after `migrations`, by table."""
    loader = MigrationExecutor(connection).loader
    return tables(loader.project_state(leaves(migrations)).apps)


def load(backup: Backup) -> None:
    """Bring the empty database to the state of the backup, fill it, and bring it up to date.

    Raises:
        Unable: the rows do not fit, or are not the same when they are read back.
    """
    manifest = backup.manifest
    targets = leaves(manifest.migrations)
    MigrationExecutor(connection).migrate(targets)
    models = models_at(manifest.migrations)
    with connection.constraint_checks_disabled(), transaction.atomic():
        for model in models.values():
            empty(model)  # of what migrations put there
        for name, facts in manifest.tables.items():
            load_table(backup, name, models, facts["columns"])
    verify_rows(manifest, models)
    number_from(manifest.numbers, models)
    call_command("migrate", verbosity=0, interactive=False)


def empty(model: Model) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608  # of a model


def load_table(backup: Backup, name: str, models: Mapping[str, Model], columns: list[str]) -> None:
    model = models.get(name)
    if model is None or columns_of(model) != columns:
        raise damaged(name)
    try:
        insert(model, backup.rows(name))
    except (Error, ValueError) as error:
        reason = {"table": name, "reason": error}
        raise Unable(
            _("The rows of %(table)s do not fit into this database: %(reason)s") % reason
        ) from error


def verify_rows(manifest: Manifest, models: Mapping[str, Model]) -> None:
    """Read all rows back, and compare their sums.

    Raises:
        Unable: they are not the same, or one names a row that is not there.
    """
    try:
        connection.check_constraints()
    except Error as error:
        raise Unable(
            _("A row of the backup points nowhere: use another backup. (%(reason)s)")
            % {"reason": error}
        ) from error
    for name, facts in manifest.tables.items():
        digest = Digest()
        for line in lines(models[name]):
            digest.add(line)
        if digest.told() != {"rows": facts["rows"], "digest": facts["digest"]}:
            raise Unable(
                _("The rows of %(table)s are not the same when they are read back.")
                % {"table": name}
            )


def drop_all() -> None:
    """Remove every table, the mark last: what an interrupted restore has made."""
    names = connection.introspection.table_names()
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for name in sorted(names, key=lambda name: name == TABLE):
            drop(cursor, name)


def drop(cursor: Any, name: str) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(name)}")
