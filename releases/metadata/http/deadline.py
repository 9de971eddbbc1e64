"""When an errand is over, whatever it waits for."""

import time

from releases.metadata.http.addresses import Unreachable


class Dropped(Unreachable):
    """The connection failed: another try may not."""


class Deadline:
    """The moment by which an errand is over."""

    def __init__(self, total_s: float) -> None:
        self._end = time.monotonic() + total_s

    def left_s(self) -> float:
        return self._end - time.monotonic()

    def wait_s(self, host: str) -> float:
        """Return the seconds the next wait for `host` may take.

        Raises:
            Unreachable: there are none left.
        """
        left_s = self.left_s()
        if left_s <= 0:
            raise late(host)
        return left_s


def late(host: str) -> Unreachable:
    return Unreachable("%(host)s did not answer in time: try again later.", host=host)
