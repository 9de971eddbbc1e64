"""From old keys to a new one."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext_noop

from vault.fields import EncryptedTextField, Secret
from vault.sealing import Undecryptable, resealed


class Lost(Exception):
    """Rows hold what no key opens; nothing was changed."""

    template = gettext_noop(
        "Nothing was changed, since no key of CREDENTIAL_KEYS opens: %(rows)s. "
        "Bring their key back, or enter these secrets again, then rotate again."
    )

    def __init__(self, rows: list[str]) -> None:
        self.values = {"rows": ", ".join(rows)}
        super().__init__(self.template % self.values)


@transaction.atomic
def rotate_keys() -> dict[str, int]:
    """Encrypt every kept secret under the first key; return how many of each column there were.

    Raises:
        Lost: some cannot be opened; names them all.
    """
    counts, lost = {}, []
    for column in encrypted_columns():
        kept = list(column.model._default_manager.exclude(**{column.name: ""}).select_for_update())
        lost += [name_of(row, column) for row in kept if not renewed(row, column)]
        counts[f"{column.model._meta.label}.{column.name}"] = len(kept)
    if lost:
        raise Lost(lost)
    return counts


def encrypted_columns() -> Iterator[EncryptedTextField]:
    for model in apps.get_models():
        for column in model._meta.local_fields:
            if isinstance(column, EncryptedTextField):
                yield column


def renewed(row: models.Model, column: EncryptedTextField) -> bool:
    """Encrypt one secret anew, and tell whether that was possible."""
    before: Secret = getattr(row, column.attname)
    try:
        after = Secret(resealed(before.token))
    except Undecryptable:
        return False
    type(row)._default_manager.filter(pk=row.pk).update(**{column.name: after})
    return True


def name_of(row: models.Model, column: EncryptedTextField) -> str:
    return f"{row._meta.verbose_name} {row.pk} ({row}, {column.name})"
