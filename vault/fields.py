"""A column that nobody reads by accident."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute

from vault.sealing import seal, unseal


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that is seen only where `reveal` is called: no page, log or document tells it."""

    token: str = field(repr=False)

    def __str__(self) -> str:
        return "••••••••" if self.token else ""

    def __bool__(self) -> bool:
        return bool(self.token)

    def reveal(self) -> str:
        """Return the text.

        Raises:
            Undecryptable: its key is gone.
        """
        return unseal(self.token)


class Sealing(DeferredAttribute):
    """Seals what is assigned, so that a model never holds the plain text."""

    def __set__(self, instance: models.Model, value: Secret | str) -> None:
        secret = value if isinstance(value, Secret) else Secret(seal(value))
        instance.__dict__[self.field.attname] = secret


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # the stub is generic
    """Takes a text, gives a `Secret`, keeps it encrypted."""

    descriptor_class = Sealing

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"editable": False})

    def from_db_value(self, value: str, *_about: Any) -> Secret:
        return Secret(value)

    def to_python(self, value: Any) -> Secret:
        """Return the secret of a serialised row; those are encrypted, too."""
        return value if isinstance(value, Secret) else Secret(value)

    def get_prep_value(self, value: Any) -> str:
        return value.token if isinstance(value, Secret) else seal(value)

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj).token)
