"""What a file that comes from the web is called here."""

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import unquote, unquote_to_bytes

from releases.metadata.fields import clean
from releases.metadata.http.targets import Target

NAME_BYTES = 200
"""File systems allow 255."""
SUFFIX_BYTES = 16
_EXTENDED = re.compile(r"filename\*\s*=\s*([\w-]+)'[^']*'([^;\s]+)", re.IGNORECASE)
_QUOTED = re.compile(r'filename\s*=\s*"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_BARE = re.compile(r"filename\s*=\s*([^;\s\"]+)", re.IGNORECASE)
_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"|?*\ud800-\udfff]')


def file_name(there: Target, headers: Mapping[str, str]) -> str:
    """Return how the file at `there` is called: as its server says, else as its address does."""
    said = _disposed(headers.get("content-disposition", ""))
    path = unquote(there.path.partition("?")[0])
    return fitted(said) or fitted(path) or fitted(there.host) or "file"


def fitted(name: str) -> str:
    """Return the last part of `name` as a file can be called anywhere, or nothing."""
    last = re.split(r"[/\\]", name)[-1]
    composed = unicodedata.normalize("NFC", clean(last, 1000))
    plain = _UNFIT.sub("-", composed).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    if not stem or len(suffix.encode()) > SUFFIX_BYTES:
        return _cut(plain, NAME_BYTES)
    return _cut(stem, NAME_BYTES - SUFFIX_BYTES) + dot + suffix


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore").strip(" .")


def _disposed(header: str) -> str:
    """Return the file name of a Content-Disposition, by RFC 6266."""
    if found := _EXTENDED.search(header):
        try:
            return unquote_to_bytes(found[2]).decode(found[1])
        except (LookupError, UnicodeError):
            pass  # there is no such encoding, or it carries something else
    if found := _QUOTED.search(header):
        return _as_utf8(re.sub(r"\\(.)", r"\1", found[1]))
    found = _BARE.search(header)
    return _as_utf8(unquote(found[1])) if found else ""


def _as_utf8(text: str) -> str:
    """Return what many servers mean, who send UTF-8 where Latin-1 is agreed."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text
