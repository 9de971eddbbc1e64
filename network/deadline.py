"""When an errand is over, whatever it waits for."""

import time
from collections.abc import Callable

from network.addresses import Unreachable

GLANCE_S = 0.5


class Dropped(Unreachable):
    """The connection failed: another try may not."""


class Late(Dropped):
    """Nothing came in time."""


class Deadline:
    """The moment by which an errand is over.

    `watch` is called twice a second while it waits; it may raise, which ends the errand.
    """

    def __init__(self, total_s: float, watch: Callable[[], None] | None = None) -> None:
        self._watch = watch
        self._is_ended = False
        self.renew(total_s)

    def renew(self, total_s: float) -> None:
        """Begin to wait anew, for so many seconds at most."""
        self._end = time.monotonic() + total_s

    def end(self) -> None:
        """Be over, whatever is renewed later; another thread may say so."""
        self._is_ended = True

    def left_s(self) -> float:
        return 0.0 if self._is_ended else self._end - time.monotonic()

    def wait_s(self, host: str) -> float:
        """Return the seconds the next wait for `host` may take.

        Raises:
            Unreachable: there are none left.
        """
        left_s = self.left_s()
        if left_s <= 0:
            raise late(host)
        return left_s

    def glance_s(self, host: str) -> float:
        """Return the seconds to wait for `host` before `look`.

        Raises:
            Unreachable: there are none left.
        """
        left_s = self.wait_s(host)
        return min(left_s, GLANCE_S) if self._watch else left_s

    def look(self, host: str) -> None:
        """Let who watches end the errand.

        Raises:
            Unreachable: there is no time left.
        """
        if self._watch:
            self._watch()
        self.wait_s(host)

    def sleep(self, seconds: float, host: str) -> None:
        """Wait before another try."""
        end = time.monotonic() + seconds
        while (left_s := end - time.monotonic()) > 0:
            time.sleep(min(left_s, self.glance_s(host)))
            self.look(host)


def late(host: str) -> Late:
    return Late("%(host)s did not answer in time: try again later.", host=host)
