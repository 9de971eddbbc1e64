"""The bytes of a parcel as they leave: slowed down, counted, summed. No Django here."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO

from isal.isal_zlib import crc32

from delivery.endpoint import SourceLost
from delivery.parcel import Parcel
from delivery.throttle import MOST_PIECE, Throttle


class Source:
    """The file of a parcel; `went` hears, after each piece, how much of it is there.

    It raises to end the delivery, and a piece counts once the next one is asked for.
    """

    def __init__(self, parcel: Parcel, throttle: Throttle, went: Callable[[int], None]) -> None:
        self.parcel = parcel
        self._throttle = throttle
        self._went = went
        self._sha256 = parcel.sha256

    def pieces(self, offset: int, most: int = MOST_PIECE) -> Iterator[bytes]:
        """Read from `offset` on. The last piece is held back where all is not what was packed.

        Raises:
            SourceLost: the file cannot be read, or is another one.
        """
        size = min(most, self._throttle.piece)
        with self._reading() as file:
            crc, at = self._summed(file, offset), offset
            while at < self.parcel.size:
                piece = file.read(min(size, self.parcel.size - at))
                crc, at = crc32(piece, crc), at + len(piece)
                self._check(piece, crc, at)
                self._throttle.take(len(piece))
                yield piece
                self._went(at)

    def before(self, offset: int, length: int) -> bytes:
        """Return the `length` bytes that end at `offset`."""
        with self._reading() as file:
            file.seek(offset - length)
            return file.read(length)

    def sha256(self) -> str:
        """Return the sum, made now where nobody made it before."""
        if self._sha256:
            return self._sha256
        digest = hashlib.sha256()
        with self._reading() as file:
            while piece := file.read(MOST_PIECE):
                digest.update(piece)
                self._went(self.parcel.size)
        self._sha256 = digest.hexdigest()
        return self._sha256

    def _summed(self, file: FileIO, offset: int) -> int:
        """Sum what need not be sent again."""
        crc = 0
        while left := offset - file.tell():
            piece = file.read(min(MOST_PIECE, left))
            if not piece:
                raise self._lost()
            crc = crc32(piece, crc)
            self._went(offset)
        return crc

    def _check(self, piece: bytes, crc: int, at: int) -> None:
        is_whole = at == self.parcel.size
        if not piece or (is_whole and crc != int(self.parcel.crc32, 16)):
            raise self._lost()

    def _lost(self) -> SourceLost:
        return SourceLost(
            "The file %(name)s is not what was packed: pack the release again.",
            name=self.parcel.name,
        )

    @contextmanager
    def _reading(self) -> Iterator[FileIO]:
        try:
            file = FileIO(self.parcel.path)
        except OSError:
            raise SourceLost(
                "The file %(name)s cannot be read: check that it is there, or pack the release"
                " again.",
                name=self.parcel.name,
            ) from None
        with file:
            yield file
