"""How fast all connections of a delivery together may send. No Django here."""

import time
from threading import Event, Lock

BURST_S = 0.25
"""What was not sent for so long may be made up for."""
PIECES_PER_S = 16
MOST_PIECE, LEAST_PIECE = 256 * 1024, 256


class Throttle:
    """A bucket of bytes that fills at an even pace; 0 bytes a second: there is no limit."""

    def __init__(self, bytes_per_s: int, over: Event) -> None:
        self._bytes_per_s = bytes_per_s
        self._over = over
        self._lock = Lock()
        self._free_at = time.monotonic()
        self.piece = MOST_PIECE
        """The most bytes to ask for at once, so that the pace stays even."""
        if bytes_per_s:
            self.piece = min(MOST_PIECE, max(LEAST_PIECE, bytes_per_s // PIECES_PER_S))

    def take(self, size: int) -> None:
        """Wait until `size` bytes may be sent, or the delivery is over."""
        if self._bytes_per_s:
            self._over.wait(self._turn_s(size))

    def _turn_s(self, size: int) -> float:
        with self._lock:
            now = time.monotonic()
            turn_at = max(self._free_at, now - BURST_S)
            self._free_at = turn_at + size / self._bytes_per_s
        return max(0.0, turn_at - now)
