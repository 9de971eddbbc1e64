"""A restore that was begun and not ended: nothing else is done with what it has made so far."""

from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from upkeep.sentences import Unable

TABLE = "packer_restoring"


def mark_file() -> Path:
    return Path(settings.DATA_DIR) / ".restoring"


def refuse_half_restored() -> None:
    """Raise Unable if a restore of this instance did not come to its end."""
    if mark_file().exists():
        raise Unable(
            _(
                "This instance was restored in part: run `packer restore` with the same backup "
                "again, which begins anew, or empty its database and its folders."
            )
        )


def marked_files() -> str:
    """Return which backup the files here are of, whose restore was begun."""
    mark = mark_file()
    return mark.read_text() if mark.exists() else ""


def marked_rows() -> str:
    """Return the same of the rows: a mark of their own, since either may be exchanged.

    Without that of the files they are whole, or belong to other files than those here.
    """
    if not mark_file().exists() or TABLE not in connection.introspection.table_names():
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT backup FROM packer_restoring")
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def mark(backup: str) -> None:
    aside = mark_file().with_suffix(".part")
    aside.write_text(backup)
    aside.replace(mark_file())
    with connection.cursor() as cursor:
        # One statement: a table that names no backup would be taken for somebody's.
        cursor.execute("CREATE TABLE packer_restoring AS SELECT %s AS backup", [backup])


def unmark() -> None:
    """Call the restore whole: it is so as soon as the file is gone."""
    mark_file().unlink()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE packer_restoring")
