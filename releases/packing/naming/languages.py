"""How names say languages."""

import re
from functools import cache

from releases.packing.naming.spelling import words


def spelled_language(name: str) -> str:
    """Return the LANGUAGE of a name: the letters of its English name, in capitals."""
    return re.sub("[^A-Za-z]", "", words(name)).upper()


@cache
def languages() -> dict[str, str]:
    """Return the code of each LANGUAGE, e.g. ``{"FRENCH": "fr"}``."""
    from babel import Locale  # noqa: PLC0415  (few names have a language, and it takes 20 ms)

    names = Locale("en").languages
    return {spelled_language(name): code for code, name in names.items() if code.isalpha()}
