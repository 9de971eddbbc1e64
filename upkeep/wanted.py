"""A file that a backup is to take, and what the rows of its moment know of it."""

from dataclasses import dataclass

EVERYTHING = 1 << 62


@dataclass(frozen=True, slots=True)
class Wanted:
    number: int
    place: str
    path: str
    file: str
    subject: str
    size: int | None
    crc32: str
    sha256: str
    least: int | None
    is_due: bool
    key: str

    @property
    def name(self) -> str:
        return f"{self.place}/{self.path}"

    @property
    def most(self) -> int:
        """How many bytes of the file count."""
        return EVERYTHING if self.least is None else self.least

    def fits(self, size: int, crc32: str, sha256: str) -> bool:
        """Tell whether a copy is what the rows know of the file."""
        if self.least is not None:
            return size == self.least
        return (
            self.size in {None, size}
            and self.crc32.lower() in {"", crc32}
            and self.sha256.lower() in {"", sha256}
        )

    @property
    def is_summed(self) -> bool:
        return bool(self.crc32 or self.sha256) or self.least is not None
