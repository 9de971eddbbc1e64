"""The codes that providers write languages in."""

import langcodes


def alpha3(tag: str) -> str:
    """Return the three letters of ISO 639-2 for a BCP 47 tag, or nothing."""
    try:
        return langcodes.Language.get(tag).to_alpha3() if tag else ""
    except (LookupError, ValueError):
        return ""


def locale(tag: str) -> str:
    """Return language and country for a BCP 47 tag, the likeliest country where it says none."""
    language = langcodes.Language.get(tag).maximize()
    return f"{language.language}-{language.territory}"
