"""How secrets are kept: encrypted under the first of CREDENTIAL_KEYS, opened by any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_noop

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class Undecryptable(Exception):
    """None of the keys opens what was kept."""

    template = gettext_noop(
        "This secret was encrypted under a key that is not among CREDENTIAL_KEYS: "
        "bring that key back, or enter the secret again."
    )

    def __init__(self) -> None:
        super().__init__(self.template)


def seal(text: str) -> str:
    """Return `text` encrypted; an empty one stays empty."""
    return box().encrypt(text.encode()).decode() if text else ""


def unseal(token: str) -> str:
    """Return what `seal` was given.

    Raises:
        Undecryptable: its key is gone, or it was changed.
    """
    from cryptography.fernet import InvalidToken  # noqa: PLC0415  # as in `box`

    try:
        return box().decrypt(token).decode() if token else ""
    except InvalidToken:
        raise Undecryptable from None


def resealed(token: str) -> str:
    """Return `token` encrypted anew under the first key.

    Raises:
        Undecryptable: see `unseal`.
    """
    return seal(unseal(token))


def box() -> MultiFernet:
    from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415  # 50 ms of every command

    return MultiFernet([Fernet(key) for key in settings.CREDENTIAL_KEYS])
