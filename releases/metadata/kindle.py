"""The first record of a Mobipocket or Kindle book: PalmDOC header, MOBI header, EXTH records.

Source: docs/formats/mobi.md.
"""

import codecs
import html
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from releases.metadata import fields

HEADERS_START = 16
NONE = 0xFFFFFFFF
"""What stands where a number of a record is not given."""
EXTH_LIMIT = 2_000
"""EXTH records read of one header."""
CODE_PAGES = {65001: "utf-8", 10000: "mac-roman"}
"""Those that are not called cp and their number."""

_COMPRESSION_AT, _TEXT_BYTES_AT, _TEXT_RECORDS_AT, _ENCRYPTION_AT = 0, 4, 8, 12
_MAGIC = slice(16, 20)
_LENGTH_AT, _CODE_PAGE_AT, _VERSION_AT, _NAME_AT = 20, 28, 36, 84
_LOCALE_AT, _FIRST_IMAGE_AT, _FLAGS_AT = 92, 108, 128
_HAS_EXTH = 0x40
_EXTH_HEAD, _EXTH_RECORD = struct.Struct(">4sII"), struct.Struct(">II")


@dataclass(frozen=True)
class Head:
    """The first record of a book, or of the KF8 book that lies behind an older one."""

    record: bytes

    @property
    def is_mobi(self) -> bool:
        return self.record[_MAGIC] == b"MOBI"

    @property
    def compression(self) -> int:
        return self.short(_COMPRESSION_AT)

    @property
    def text_bytes(self) -> int:
        return self.long(_TEXT_BYTES_AT)

    @property
    def text_records(self) -> int:
        return self.short(_TEXT_RECORDS_AT)

    @property
    def encryption(self) -> int:
        return self.short(_ENCRYPTION_AT)

    @property
    def version(self) -> int:
        return self.number(_VERSION_AT)

    @property
    def locale(self) -> int:
        return self.number(_LOCALE_AT)

    @property
    def first_image(self) -> int:
        """The number of the record that holds the first picture."""
        return self.number(_FIRST_IMAGE_AT)

    @property
    def exth_at(self) -> int:
        return HEADERS_START + self.long(_LENGTH_AT)

    @property
    def has_exth(self) -> bool:
        """Whether the header says that EXTH records follow."""
        return bool(self.number(_FLAGS_AT) & _HAS_EXTH)

    @property
    def encoding(self) -> str:
        """The codec of its texts, as Python calls it."""
        page = self.number(_CODE_PAGE_AT)
        try:
            return codecs.lookup(CODE_PAGES.get(page, f"cp{page}")).name
        except LookupError:
            return "cp1252"

    @cached_property
    def exth(self) -> dict[int, list[bytes]]:
        """Values by their type, in order; of a damaged header as many as can be read."""
        found: dict[int, list[bytes]] = {}
        for kind, value in islice(self._exth_records(), EXTH_LIMIT):
            found.setdefault(kind, []).append(value)
        return found

    @cached_property
    def exth_count(self) -> int:
        """How many EXTH records there are to be; -1 where their header is missing."""
        try:
            magic, _, count = _EXTH_HEAD.unpack_from(self.record, self.exth_at)
        except struct.error:
            return -1
        return int(count) if magic == b"EXTH" else -1

    def texts(self, kind: int) -> list[str]:
        values = (self.text(value) for value in self.exth.get(kind, []))
        return [value for value in values if fields.known(value)]

    def value(self, kind: int) -> int:
        """The number that an EXTH record holds, or `NONE`."""
        raw = self.exth.get(kind, [b""])[0]
        return int.from_bytes(raw, "big") if len(raw) in (1, 2, 4) else NONE

    def text(self, raw: bytes) -> str:
        """Many books that declare a code page hold UTF-8: what reads as it is it."""
        for encoding in ("utf-8", self.encoding):
            try:
                return html.unescape(raw.decode(encoding))
            except UnicodeDecodeError:
                continue
        return html.unescape(raw.decode("cp1252", "replace"))

    @property
    def full_name(self) -> str:
        start, length = self.number(_NAME_AT), self.number(_NAME_AT + 4)
        return self.text(self.record[start : start + min(length, fields.TEXT_LIMIT)])

    def number(self, at: int) -> int:
        """The number of the MOBI header at `at`; 0 where it does not reach so far."""
        return self.long(at) if self.is_mobi and at + 4 <= self.exth_at else 0

    def long(self, at: int) -> int:
        return int.from_bytes(self.record[at : at + 4], "big")

    def short(self, at: int) -> int:
        return int.from_bytes(self.record[at : at + 2], "big")

    def _exth_records(self) -> Iterator[tuple[int, bytes]]:
        at = self.exth_at + _EXTH_HEAD.size
        for _ in range(self.exth_count):
            head = self.record[at : at + _EXTH_RECORD.size]
            if len(head) < _EXTH_RECORD.size:
                return
            kind, length = _EXTH_RECORD.unpack(head)
            if length < _EXTH_RECORD.size or at + length > len(self.record):
                return
            yield kind, self.record[at + _EXTH_RECORD.size : at + length]
            at += length
