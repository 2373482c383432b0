"""取件处：做好的文件放一会儿，凭条来取；只有放的人取得到。"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from advisor.web.jobs import Draft

_MOST, _MOST_BYTES, _SECONDS = 40, 100 * 1024 * 1024, 1_800


class Shelf:
    """至多放几十件、一百兆，半小时；放不下就丢最早的。"""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._items: OrderedDict[str, tuple[str, float, Draft]] = OrderedDict()

    def put(self, owner: str, draft: Draft) -> str:
        """放下，给一张条。"""
        slip = secrets.token_urlsafe(12)
        with self._lock:
            self._items[slip] = (owner, self._clock(), draft)
            while len(self._items) > _MOST or self._weight() > _MOST_BYTES:
                self._items.popitem(last=False)
        return slip

    def take(self, owner: str, slip: str) -> Draft | None:
        """凭条取；没有、过时、不是放的人的为 None。"""
        with self._lock:
            item = self._items.get(slip)
        if item is None or item[0] != owner or item[1] < self._clock() - _SECONDS:
            return None
        return item[2]

    def _weight(self) -> int:
        return sum(len(draft.data) for _, _, draft in self._items.values())
