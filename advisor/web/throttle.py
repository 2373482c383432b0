"""限速：同一来处在一段时间里只许试几次。"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

_MOST_KEPT = 10_000


class Throttle:
    """每个来处 seconds 秒里至多 most 次。"""

    def __init__(self, most: int = 20, seconds: float = 60, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.seconds, self._clock = most, seconds, clock
        self._lock = threading.Lock()
        self._tries: dict[str, deque[float]] = {}

    def allow(self, source: str) -> bool:
        """记一次；太密了为假。"""
        moment = self._clock()
        with self._lock:
            if len(self._tries) > _MOST_KEPT:
                self._tries = {key: tries for key, tries in self._tries.items() if tries[-1] > moment - self.seconds}
            tries = self._tries.setdefault(source, deque())
            while tries and tries[0] <= moment - self.seconds:
                tries.popleft()
            if len(tries) >= self.most:
                return False
            tries.append(moment)
            return True
