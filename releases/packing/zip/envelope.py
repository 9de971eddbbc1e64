"""An envelope around one RAR volume, which is written in its place."""

from dataclasses import dataclass
from datetime import date

from isal.isal_zlib import crc32, crc32_combine

from releases.packing import rar
from releases.packing.zip.headers import STORED, Entry, directory


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a ZIP puts before and after the RAR volume it holds, all of it stored."""

    volume_name: str
    companions: tuple[tuple[str, bytes], ...]
    """Name and bytes of the small files that follow the volume."""
    dated: date

    @property
    def head_bytes(self) -> int:
        """Return the offset of the RAR volume."""
        return self._entry(self.volume_name, 0, 0, 0).local_bytes

    @property
    def added_bytes(self) -> int:
        """Return by how much the ZIP is larger than its volume."""
        return self.head_bytes + len(self._tail(self._entry(self.volume_name, 0, 0, 0)))

    def close(self, output: rar.Output, size: int, crc: int) -> int:
        """Write what surrounds the volume of `size` bytes; return the CRC-32 of the ZIP."""
        volume = self._entry(self.volume_name, size, crc, 0)
        head, tail = volume.local_header(), self._tail(volume)
        output.write(head, 0)
        output.write(tail, len(head) + size)
        return crc32(tail, crc32_combine(crc32(head), crc, size))

    def _tail(self, volume: Entry) -> bytes:
        entries, tail = [volume], b""
        start = self.head_bytes + volume.size
        for name, data in self.companions:
            entry = self._entry(name, len(data), crc32(data), start + len(tail))
            entries.append(entry)
            tail += entry.local_header() + data
        return tail + directory(entries, start + len(tail))

    def _entry(self, name: str, size: int, crc: int, offset: int) -> Entry:
        return Entry(
            name=name,
            flags=0,
            method=STORED,
            time=rar.dos_time(self.dated),
            crc=crc,
            packed=size,
            size=size,
            offset=offset,
        )
