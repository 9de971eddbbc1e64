"""What a field of metadata may hold: hostile text in, a clean value or nothing out."""

import re
import unicodedata

TEXT_LIMIT = 1_000
"""Characters kept of one field."""

_SEPARATOR_CONTROLS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85]")
_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f"
    r"\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"  # bidi and zero width
    r"\ud800-\udfff\ufffe\uffff]"
)
_YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d{2}|2100)(?!\d)")
_COMPACT_DATE = re.compile(r"(1\d{3}|20\d{2}|2100)(0[1-9]|1[0-2])([0-2]\d|3[01])")
_INDEX = re.compile(r"(\d{1,6})(?:[.,](\d{1,4}))?(?![\d,])")
_ISBN_DIGIT = re.compile(r"[\dXx]")
_ISBN_LENGTHS = (10, 13)
_REPEATED_DIGIT = re.compile(r"(\d)\1+")

PLACEHOLDERS = {
    "unknown", "unknown author", "unknown title", "unknown publisher", "untitled", "no title",
    "none", "null", "n/a", "sans titre", "inconnu", "inconnue", "unbekannt", "desconocido",
    "desconhecido", "sconosciuto", "onbekend", "okänd", "ukjent", "ukendt", "nieznany",
    "неизвестный", "неизвестно", "未知", "不明", "",
}  # fmt: skip
"""What programs write where they know nothing."""

LANGUAGE_NAMES = {
    "arabic": "ar", "chinese": "zh", "czech": "cs", "danish": "da", "deutsch": "de",
    "dutch": "nl", "english": "en", "español": "es", "finnish": "fi", "français": "fr",
    "french": "fr", "german": "de", "greek": "el", "hebrew": "he", "hungarian": "hu",
    "italian": "it", "italiano": "it", "japanese": "ja", "korean": "ko", "latin": "la",
    "nederlands": "nl", "norwegian": "no", "polish": "pl", "polski": "pl", "portuguese": "pt",
    "português": "pt", "romanian": "ro", "russian": "ru", "spanish": "es", "svenska": "sv",
    "swedish": "sv", "turkish": "tr", "ukrainian": "uk", "русский": "ru",
}  # fmt: skip
"""Names found where a tag belongs; the library's own names need a second package."""

COMMON_TAGS = {
    tag.casefold(): tag for tag in (
        "ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi",
        "hr", "hu", "id", "it", "ja", "ko", "la", "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru",
        "sk", "sl", "sr", "sv", "th", "tr", "uk", "vi", "zh", "de-AT", "de-CH", "de-DE", "en-AU",
        "en-CA", "en-GB", "en-US", "es-ES", "es-MX", "fr-BE", "fr-CA", "fr-CH", "fr-FR", "it-IT",
        "ja-JP", "nl-NL", "pt-BR", "pt-PT", "ru-RU", "zh-CN", "zh-TW",
    )
}  # fmt: skip
"""Tags that are right as they are: of others the library is asked, which takes time to load."""

_NO_LANGUAGE = ("und", "mul", "zxx", "mis", "x")


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return `text` in NFC, on one line, without control or direction characters.

    Markup stays as it is: escaping belongs to whoever shows it.
    """
    spaced = _SEPARATOR_CONTROLS.sub(" ", text)
    visible = _INVISIBLE.sub("", spaced)
    return " ".join(unicodedata.normalize("NFC", visible).split())[:limit].rstrip()


def known(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return `text` cleaned, or nothing where it only holds the place of a value."""
    value = clean(text, limit)
    return "" if value.strip("[](). ").casefold() in PLACEHOLDERS else value


def language(text: str) -> str:
    """Return the BCP 47 tag for `text`: a tag, a three-letter code or a common name."""
    value = clean(text).casefold()
    value = LANGUAGE_NAMES.get(value, value)
    return COMMON_TAGS.get(value) or _tag(value)


def _tag(value: str) -> str:
    import langcodes  # noqa: PLC0415  # takes longer than reading a book
    from langcodes.tag_parser import LanguageTagError  # noqa: PLC0415

    try:
        tag = langcodes.standardize_tag(value)
    except LanguageTagError:
        return ""
    usable = langcodes.tag_is_valid(tag) and tag.split("-")[0] not in _NO_LANGUAGE
    return tag if usable else ""


def isbn(text: str) -> str:
    """Return the thirteen digits of an ISBN whose checksum holds, or nothing."""
    digits = re.sub(r"(?i)^(urn:)?isbn(-1[03])?[:=\s]*", "", clean(text))
    if len(_ISBN_DIGIT.findall(digits)) not in _ISBN_LENGTHS:
        return ""
    from stdnum import isbn as isbn_number  # noqa: PLC0415  # as above
    from stdnum.exceptions import ValidationError  # noqa: PLC0415

    try:
        thirteen: str = isbn_number.validate(digits, convert=True)
    except ValidationError:
        return ""
    return "" if _REPEATED_DIGIT.fullmatch(isbn_number.compact(digits)) else thirteen


def year(text: str) -> int | None:
    """Return the year of a date in any notation, if it lies between 1000 and 2100."""
    value = clean(text)
    found = _COMPACT_DATE.fullmatch(value) or _YEAR.search(value)
    return int(found[1]) if found else None


def index(text: str) -> float | None:
    """Return the place in a series, `1.5` or `1,5`."""
    found = _INDEX.match(clean(text))
    return float(f"{found[1]}.{found[2] or 0}") if found else None
