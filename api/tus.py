"""The headers of tus 1.0, the protocol of resumable uploads: https://tus.io/protocols."""

import base64
import binascii
import re

from rest_framework.exceptions import APIException, ValidationError

from releases.actions.uploads import CHECKSUMS

VERSION = "1.0.0"
EXTENSIONS = ("creation", "checksum", "expiration", "termination")
CONTENT_TYPE = "application/offset+octet-stream"


class WrongVersion(APIException):
    status_code = 412
    default_detail = f"Speak tus {VERSION}, and say so: Tus-Resumable: {VERSION}."


class WrongType(APIException):
    status_code = 415
    default_detail = f"The bytes of a file are sent as {CONTENT_TYPE}."


def whole_number(name: str, text: str | None) -> int:
    """Return the number in a header.

    Raises:
        ValidationError: it holds none.
    """
    if not re.fullmatch(r"[0-9]{1,18}", text or ""):
        raise ValidationError({name: ["A whole number is expected."]})
    return int(text or "")


def metadata(text: str) -> dict[str, str]:
    """Return what Upload-Metadata tells: pairs of a key and its value in base64, by commas.

    Raises:
        ValidationError: a value is no base64 of a text.
    """
    told = {}
    for pair in filter(None, map(str.strip, text.split(","))):
        key, _, value = pair.partition(" ")
        try:
            told[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ValidationError({"Upload-Metadata": [f"{key} is no text in base64."]}) from error
    return told


def checksum(text: str | None) -> tuple[str, bytes] | None:
    """Return the algorithm and the digest of Upload-Checksum, if there is one.

    Raises:
        ValidationError: the algorithm is not known, or the digest no base64.
    """
    if text is None:
        return None
    name, _, digest = text.partition(" ")
    if name not in CHECKSUMS:
        raise ValidationError({"Upload-Checksum": [f"Use one of {', '.join(CHECKSUMS)}."]})
    try:
        return name, base64.b64decode(digest.strip(), validate=True)
    except binascii.Error as error:
        raise ValidationError({"Upload-Checksum": ["The digest is no base64."]}) from error


def encoded(**told: str) -> str:
    """Return Upload-Metadata that tells the values given."""
    pairs = (f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())
    return ",".join(pairs)
