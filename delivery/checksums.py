"""The commands by which servers of FTP sum files, and what they answer. No Django here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from delivery.endpoint import Sum

LENGTHS = {"crc32": 8, "sha256": 64}


@dataclass(frozen=True, slots=True)
class Summer:
    """A command that sums a file, and the one that must come before it, once."""

    how: str
    kind: str
    before: str = ""

    @property
    def command(self) -> str:
        return self.how.partition(" ")[0]


XSHA256, XCRC = Summer("XSHA256", "sha256"), Summer("XCRC", "crc32")
HASH_SHA256 = Summer("HASH SHA-256", "sha256", before="OPTS HASH SHA-256")
HASH_CRC32 = Summer("HASH CRC32", "crc32", before="OPTS HASH CRC32")


def offered(features: str) -> list[Summer]:
    """Return what a server says in its answer to FEAT that it has, the surest first."""
    words = {line.strip().upper().partition(" ")[::2] for line in features.splitlines()}
    named = {name for name, _rest in words}
    hashes = {
        known.strip("*") for name, rest in words if name == "HASH" for known in rest.split(";")
    }
    fits = {
        XSHA256: "XSHA256" in named,
        HASH_SHA256: "SHA-256" in hashes,
        XCRC: "XCRC" in named,
        HASH_CRC32: "CRC32" in hashes,
    }
    return [summer for summer, is_offered in fits.items() if is_offered]


def read(answer: str, summer: Summer, name: str) -> Sum | None:
    """Return the sum in an answer, which may repeat the name of the file; None: it holds none."""
    words = answer.replace(name, " ").replace('"', " ").split()[1:]
    digits = _sole(words, LENGTHS[summer.kind])
    return Sum(summer.how, summer.kind, digits) if digits else None


def _sole(words: Iterable[str], length: int) -> str:
    """Return the one word of hexadecimal digits; some servers leave out zeros in front."""
    whole = [word for word in words if re.fullmatch(rf"(?i)[0-9a-f]{{{length}}}", word)]
    short = [word for word in words if re.fullmatch(rf"(?i)(0x)?[0-9a-f]{{1,{length}}}", word)]
    found = (whole or short)[-1:]
    return found[0].lower().removeprefix("0x").zfill(length) if found else ""
