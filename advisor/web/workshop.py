"""作坊：把活分到几个进程里做，同样的活只做一次。请求线程只等结果，不占解释器。"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from functools import cached_property
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from advisor.assess import Advisor
from advisor.loading import load_advisor
from advisor.web.jobs import Desk, turn

_P = ParamSpec("_P")
_T = TypeVar("_T")
_SHELF = 1_000
_SHELF_BYTES, _SMALL = 64 * 1024 * 1024, 2_000
"""留多少件、合多大的结果；评估的 JSON 一份约半兆。"""


class Workshop:
    """workers 为零在本进程里做（测试用）；结果按参数留着，规则包在一次运行里不变。"""

    def __init__(self, rules: str | None = None, playbooks: str | None = None, workers: int = 0) -> None:
        self._sources, self._workers = (rules, playbooks), workers
        self._lock = threading.Lock()
        self._shelf: OrderedDict[Hashable, tuple[Future[Any], int]] = OrderedDict()
        self._weight = 0
        self._pool = self._new_pool() if workers else None
        self._desk_lock = threading.Lock()

    @cached_property
    def _desk(self) -> Desk:
        return Desk(load_advisor(*self._sources))

    @property
    def advisor(self) -> Advisor:
        """本进程的顾问，查词表、规则用；第一次用到时读。"""
        with self._desk_lock:
            return self._desk.advisor

    def warm(self) -> None:
        """后台先把规则包与案例读好。"""
        threading.Thread(target=lambda: self.advisor.playbook.cases, daemon=True).start()
        for _ in range(self._workers):
            assert self._pool is not None
            self._pool.submit(_ready)

    def do(self, job: Callable[Concatenate[Desk, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """做一件活；同样的已经做过、正在做的，取那一份。

        Raises:
            AdvisorError: 活里报的，原样抛出；报了错的不留。
        """
        key = (job.__name__, args, tuple(kwargs.items()))
        with self._lock:
            kept = self._shelf.get(key)
            if kept is not None:
                self._shelf.move_to_end(key)
                future = kept[0]
            else:
                future = Future()
                self._shelf[key] = (future, 0)
        if kept is None:
            try:
                result = self.run(job, *args, **kwargs)
            except BaseException as problem:
                with self._lock:
                    self._shelf.pop(key, None)
                future.set_exception(problem)
                raise
            future.set_result(result)
            self._store(key, future, len(result) if isinstance(result, str) else _SMALL)
        return cast(_T, future.result())

    def close(self) -> None:
        """收工。"""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def run(self, job: Callable[Concatenate[Desk, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """做一件活，不留结果。

        Raises:
            AdvisorError: 活里报的，原样抛出。
        """
        if self._pool is None:
            with self._desk_lock:
                return job(self._desk, *args, **kwargs)
        try:
            return self._pool.submit(_work, job, args, kwargs).result()
        except BrokenProcessPool:  # 哪个进程被杀了：换一批再做一次
            with self._lock:
                if getattr(self._pool, "_broken", False):
                    self._pool = self._new_pool()
            return self._pool.submit(_work, job, args, kwargs).result()

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._workers, multiprocessing.get_context("spawn"), initializer=_open, initargs=self._sources
        )

    def _store(self, key: Hashable, future: Future[Any], weight: int) -> None:
        with self._lock:
            if key in self._shelf:
                self._shelf[key] = (future, weight)
                self._weight += weight
            while len(self._shelf) > _SHELF or self._weight > _SHELF_BYTES:
                self._weight -= self._shelf.popitem(last=False)[1][1]


def default_workers() -> int:
    """缺省几个：有几个核用几个，至多四个；只有一个核的在本进程里做。"""
    cores = os.cpu_count() or 1
    return min(cores, 4) if cores > 1 else 0


_desks: list[Desk] = []
"""做活的进程里的那张桌子，进程一起来就摆好。"""


def _open(rules: str | None, playbooks: str | None) -> None:
    _desks.append(Desk(load_advisor(rules, playbooks)))


def _ready() -> None:
    turn(_desks[0], (), date.today(), False)


def _work(job: Callable[..., _T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> _T:
    return job(_desks[0], *args, **kwargs)
