"""What the environment says, each variable by itself or by a file that its `_FILE` names."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import EnvValidationError, FileAwareEnv

PLACE = re.compile(r"\[[0-9A-Fa-f:.]+\]:\d{1,5}|[^\s:/@\[\]]+:\d{1,5}")
"""A host and a port, as an operator allows them."""


class Environment(FileAwareEnv):
    """Reads `NAME`, or all of the file that `NAME_FILE` names, without space around it."""

    def __init__(self) -> None:
        super().__init__(strip_whitespace=True)

    def places(self, name: str) -> list[str]:
        """Return the places that `name` lists, each as host:port.

        Raises:
            ImproperlyConfigured: one is none: it would allow nothing, without a word.
        """
        listed: list[str] = self.list(name, default=[])
        places = [place.strip() for place in listed if place.strip()]
        if wrong := next((place for place in places if not PLACE.fullmatch(place)), None):
            raise ImproperlyConfigured(
                f"{name}: {wrong!r} is no host and port: write example.org:22, several with commas."
            )
        return places

    def count(self, name: str, default: int, *, least: int = 0) -> int:
        """Return the whole number that `name` says.

        Raises:
            ImproperlyConfigured: it is none, or less than `least`.
        """
        said: int = self.int(name, default=default)
        if said < least:
            raise ImproperlyConfigured(f"{name} is {said}: write a number of at least {least}.")
        return said

    def choice(self, name: str, *known: str) -> str:
        """Return the one of `known` that `name` says, in any case; the first unless it is set.

        Raises:
            ImproperlyConfigured: it says another.
        """
        said: str = self.str(name, default=known[0])
        for one in known:
            if said.casefold() == one.casefold():
                return one
        raise ImproperlyConfigured(f"{name} is {said!r}: write one of {', '.join(known)}.")

    def site(self, name: str) -> str:
        """Return the address that `name` says, or nothing.

        Raises:
            ImproperlyConfigured: it is none of a site.
        """
        said: str = self.str(name, default="")
        parts = urlsplit(said)
        if said and not (parts.scheme in {"http", "https"} and parts.hostname):
            raise ImproperlyConfigured(
                f"{name} is {said!r}: write the address of the site, as https://packer.example.org."
            )
        return said

    def _get_value(self, env_key: str, default: Any) -> Any:
        try:
            return super()._get_value(env_key, default)
        except (OSError, ValueError) as error:
            raise ImproperlyConfigured(
                f"{env_key}_FILE names no text file that can be read: give its path, and let the "
                "user of this program read it."
            ) from error


def telling(read: Callable[..., Any]) -> Callable[..., Any]:
    """Return `read`, which says without the value why a variable cannot be used."""

    @wraps(read)
    def reading(env: Environment, name: str, *given: Any, **options: Any) -> Any:
        try:
            return read(env, name, *given, **options)
        except EnvValidationError as error:
            reasons = " ".join(map(str, error.error_messages))
            raise ImproperlyConfigured(f"{name} cannot be used: {reasons}") from error

    return reading


for kind in ("bool", "float", "int", "list"):
    setattr(Environment, kind, telling(getattr(FileAwareEnv, kind)))
