"""记住算过的：行数再多，记的也有上限，内存才平。"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """至多记 most 样；满了全部忘掉重来。

    >>> squares = Kept[int, int](2)
    >>> [squares.get(at, lambda: at * at) for at in (2, 2, 3, 4)], len(squares)
    ([4, 4, 9, 16], 1)
    """

    def __init__(self, most: int) -> None:
        self._most, self._found = most, dict[Key, Value]()

    def __len__(self) -> int:
        return len(self._found)

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """记着的；没有就做一个记下。"""
        if key not in self._found:
            if len(self._found) >= self._most:
                self._found.clear()
            self._found[key] = make()
        return self._found[key]
