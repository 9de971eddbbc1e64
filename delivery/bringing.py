"""One file, brought under its final name: written aside, checked, renamed. No Django here."""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from delivery.endpoint import Mangled, Remote, SourceLost
from delivery.parcel import Parcel
from delivery.source import Source
from network.addresses import NotAllowed

TAIL = 64 * 1024
"""So much of what is there is compared with the file before it is gone on with."""
BY_SIZE = "size"


@dataclass(slots=True)
class Past:
    """What is known of one file from the tries before this one."""

    is_arrived: bool = False
    """It is known to have arrived under its final name, from an earlier delivery."""
    is_checked: bool = False
    """It was found whole, and perhaps renamed: the answer may have been lost."""
    reached: int = 0
    """How much of it the server was seen to have, at most."""
    has_begun: bool = False


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that stands under its final name."""

    parcel: Parcel
    checked_by: str
    sent_bytes: int | None = None
    """None: it stood there already."""


@dataclass(slots=True)
class Bringing:
    """Brings one file over one connection."""

    parcel: Parcel
    remote: Remote
    source: Source
    past: Past = field(default_factory=Past)

    def bring(self) -> Brought:
        """Bring what is missing.

        Raises:
            Mangled: it arrived as something else, and was removed.
            NotAllowed: something must be corrected first.
            Unreachable: another try may do.
        """
        if checked_by := self._stands():
            return Brought(self.parcel, checked_by)
        self._make_folder()
        offset = self._resumable()
        self.past.reached = max(self.past.reached, offset)
        if offset < self.parcel.size or not offset:
            self._send(offset)
        checked_by = self._checked()
        self.past.is_checked = True
        self.remote.rename(part_name(self.parcel), self.parcel.name)
        self._check_size(self.parcel.name)
        return Brought(self.parcel, checked_by, self.parcel.size - offset)

    def _stands(self) -> str:
        """Return by what it is proved that the file stands there already, or nothing."""
        if self.remote.found(self.parcel.name) != self.parcel.size:
            return ""
        if self.past.is_arrived:
            return BY_SIZE
        if self.past.is_checked and self.remote.found(part_name(self.parcel)) is None:
            return BY_SIZE  # it was renamed, and only the answer to that was lost
        told = self.remote.sum(self.parcel.name, self.parcel.size, self._wanted)
        return told.how if told and told.digits == self._wanted(told.kind) else ""

    def _make_folder(self) -> None:
        above = PurePosixPath(self.parcel.name).parent
        if above.parts:
            self.remote.make_folder(str(above))

    def _resumable(self) -> int:
        """Return from where to go on: what is there must end as the file does up to there."""
        part = part_name(self.parcel)
        size = self.remote.found(part) or 0
        if not 0 < size <= self.parcel.size:
            return 0
        length = min(size, TAIL)
        ending = self.remote.ending(part, size - length, length)
        return size if ending == self.source.before(size, length) else 0

    def _send(self, offset: int) -> None:
        self.past.has_begun = True
        try:
            self.remote.send(part_name(self.parcel), self.source, offset)
        except SourceLost:
            self._remove_part()
            raise

    def _checked(self) -> str:
        """Hold what arrived against what was sent; remove it where that differs."""
        part = part_name(self.parcel)
        self._check_size(part)
        told = self.remote.sum(part, self.parcel.size, self._wanted)
        if not told:
            return BY_SIZE
        wanted = self._wanted(told.kind)
        if told.digits != wanted:
            self._remove_part()
            raise Mangled(
                "%(name)s arrived with the sum %(found)s in place of %(wanted)s, as %(how)s tells:"
                " the server does not keep what it is sent.",
                name=self.parcel.name,
                found=told.digits,
                wanted=wanted,
                how=told.how,
            )
        return told.how

    def _check_size(self, name: str) -> None:
        found = self.remote.found(name)
        if found != self.parcel.size:
            self._remove_part()
            raise Mangled(
                "%(name)s arrived with %(found)d bytes in place of %(wanted)d: the server does not"
                " keep what it is sent.",
                name=self.parcel.name,
                found=found or 0,
                wanted=self.parcel.size,
            )

    def _wanted(self, kind: str) -> str:
        return (self.parcel.crc32 if kind == "crc32" else self.source.sha256()).lower()

    def _remove_part(self) -> None:
        with suppress(Exception):  # what is told is why it is removed
            self.remote.remove(part_name(self.parcel))


def part_name(parcel: Parcel) -> str:
    """Return what a file is called until it is whole; another one, of another sum, differs."""
    return f"{parcel.name}.{parcel.crc32.lower()}.part"


def check_name(parcel: Parcel) -> None:
    """Let a name pass that leads nowhere else, and says nothing else, at any server.

    Raises:
        NotAllowed: it does not.
    """
    parts = parcel.name.split("/")
    if not parcel.name.isprintable() or "\\" in parcel.name or {"", ".", ".."} & set(parts):
        shown = "".join(sign if sign.isprintable() else "?" for sign in parcel.name)
        raise NotAllowed("“%(name)s” cannot be the name of a file there: rename it.", name=shown)
