"""The objects of a PDF, of which none need be what its place asks for."""

import codecs
import re

import pikepdf

UNREADABLE = (
    pikepdf.PikepdfError,
    AttributeError,
    KeyError,
    IndexError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What reading a damaged object raises."""

TEXT_BYTES = 64 << 10

_LANGUAGE_ESCAPE = re.compile("\x1b[^\x1b]{2,6}\x1b")


def text(value: object) -> str:
    """Return the text of a string, or nothing.

    Strings are in UTF-16 or UTF-8 with a mark, or in an encoding of their own. Many programs
    write UTF-8 without a mark, which hardly any text in the other encoding happens to be.
    """
    if not isinstance(value, pikepdf.String):
        return ""
    raw = bytes(value)
    if raw.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        return _LANGUAGE_ESCAPE.sub("", raw[:TEXT_BYTES].decode("utf-16", "replace"))
    try:
        return str(value) if raw.isascii() else raw[:TEXT_BYTES].decode("utf-8-sig")
    except UnicodeDecodeError:
        return str(value)


def member(value: object, key: str) -> pikepdf.Object | None:
    """Return what the dictionary `value` has under `key`, if it is a dictionary that has it."""
    if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        found = value.get(key)
        return found if isinstance(found, pikepdf.Object) else None
    return None
