"""One moment of the database, seen by all that is read of it, while others go on writing."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from upkeep.sentences import Unable


@contextmanager
def snapshot() -> Iterator[None]:
    """Read within one transaction that takes no lock and is never committed.

    Django's own would take the one write lock of SQLite, and see each statement's moment on
    MariaDB.
    """
    begin = {
        "sqlite": ["BEGIN DEFERRED"],
        "mysql": [
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        ],
    }[connection.vendor]
    with connection.cursor() as cursor:
        for statement in begin:
            cursor.execute(statement)
        try:
            yield
        finally:
            with suppress(Error):  # a lost connection is told by what found it lost
                cursor.execute("ROLLBACK")


def refuse_outdated() -> None:
    """Make sure that the database is as this version knows it.

    Raises:
        Unable: it is older, newer or empty.
    """
    executor = MigrationExecutor(connection)
    known = set(executor.loader.graph.nodes)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Unable(
            _(
                "The database is of an earlier version, or was never set up: run `packer setup`, "
                "or use the version that it was made with."
            )
        )
    if set(executor.loader.applied_migrations) - known:
        raise Unable(_("The database is of a later version: use that version."))
