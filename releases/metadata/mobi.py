"""Palm databases that hold a Mobipocket or Kindle book: their first record.

Source: https://wiki.mobileread.com/wiki/MOBI.
"""

import struct
from pathlib import Path

KF8 = 8

_FIRST_RECORD_AT = 78
_ENCRYPTION_AT = 12
_VERSION_AT = 36
_PROTECTIONS = {1: "Mobipocket (old)", 2: "Mobipocket"}


def kind(path: Path) -> str:
    record = first_record(path)
    is_headed = record[16:20] == b"MOBI" and len(record) >= _VERSION_AT + 4
    is_kf8 = is_headed and struct.unpack_from(">I", record, _VERSION_AT)[0] == KF8
    return "azw3" if is_kf8 else "mobi"


def drm(path: Path) -> str:
    record = first_record(path)
    if len(record) < _ENCRYPTION_AT + 2:
        return ""
    encryption = struct.unpack_from(">H", record, _ENCRYPTION_AT)[0]
    return _PROTECTIONS.get(encryption, "")


def first_record(path: Path) -> bytes:
    """The start of record 0, as far as the headers read here reach."""
    with path.open("rb") as file:
        file.seek(_FIRST_RECORD_AT)
        offset = file.read(4)
        if len(offset) < 4:  # noqa: PLR2004 - the size of the field just read
            return b""
        file.seek(struct.unpack(">I", offset)[0])
        return file.read(_VERSION_AT + 4)
