"""How fast a stage of a job goes."""

from collections import deque

WINDOW_S = 5.0


class Pace:
    """Measures the rate of one stage over its last seconds."""

    def __init__(self, at_s: float, done: int) -> None:
        self._heard = deque([(at_s, done)])

    def rate(self, at_s: float, done: int) -> int:
        """Hear how many bytes are done, and return how many are done each second."""
        self._heard.append((at_s, done))
        while self._heard[1][0] <= at_s - WINDOW_S:
            self._heard.popleft()
        began_s, before = self._heard[0]
        return max(0, int((done - before) / (at_s - began_s))) if at_s > began_s else 0
