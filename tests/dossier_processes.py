"""案卷库的多进程试验：随时杀、许多人同时写。各试验在干净的单线程进程里分叉，由测试起进程来跑，结果写成 JSON。

用法：python -m tests.dossier_processes kill 目录 轮数；python -m tests.dossier_processes write 库 进程数 每个写几条
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path

from advisor.dossier.record import Change
from advisor.dossier.store import Store
from advisor.errors import ConflictError, InputError
from tests.test_dossier_chain import sample_kept

SHARED = "共用"
_PER_STORE = 10


def fork(work: Callable[[], None]) -> int:
    """在子进程里做一件事；出错退出码 1。"""
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def write_until_killed(target: str, pipe: int) -> None:
    """立卷、答案、评估轮着写；每提交一次报一行：编号、版本。"""
    with Store(target, create=True) as store:
        while True:
            number = store.create("某地", "写的人")
            os.write(pipe, f"{number} 1\n".encode())
            version = 1
            for index in range(12):
                if index % 5 == 4:
                    store.keep(number, sample_kept({"事实": str(index)}), "写的人", version)
                    version += 1
                else:
                    version = store.answer(number, [Change(f"事实{index % 3}", str(index))], "写的人", version)
                os.write(pipe, f"{number} {version}\n".encode())


def kill_many(folder: Path, rounds: int) -> dict[str, int]:
    """在随机时刻（报过几行以后，或还没有报时）杀 rounds 次。lost 是报过已提交而不见的，extra 是没报而在的最多几条，bad 是核对不过的次数。"""
    with Store(str(folder / "热身.db"), create=True) as store:  # 要装的先装好，分叉以后不再花时间
        store.verify(store.create("热身", "写的人"))
    rng = random.Random(20261122)
    confirmed: dict[str, dict[str, int]] = {}
    result = {"rounds": rounds, "confirmed": 0, "lost": 0, "extra": 0, "bad": 0, "before_first": 0}
    for index in range(rounds):
        target = str(folder / f"库{index // _PER_STORE}.db")
        known = confirmed.setdefault(target, {})
        receiving, sending = os.pipe()
        child = fork(lambda target=target, sending=sending: write_until_killed(target, sending))  # type: ignore[misc]
        os.close(sending)
        with os.fdopen(receiving) as stream:
            lines = list(islice(stream, rng.choice((0, 0, 1, 2, 3, 5, 8))))
            time.sleep(rng.uniform(0, 0.03 if lines else 0.12))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            lines += stream
        reported = [line.split() for line in lines if line.endswith("\n")]
        result["confirmed"] += len(reported)
        result["before_first"] += not reported
        known.update({number: int(version) for number, version in reported})
        with Store(target, create=True) as store:
            present = {item.number: item.version for item in store.listing()}
            if index % _PER_STORE == _PER_STORE - 1:  # 一个库杀完了，全部核对一遍
                result["bad"] += sum(bool(store.verify(number)) for number in store.numbers())
        result["lost"] += sum(present.get(number, 0) < version for number, version in known.items())
        unreported = sum(version - known.get(number, 0) for number, version in present.items())
        result["extra"] = max(result["extra"], unreported)
        known.update(present)
    return result


def write_own_and_shared(target: str, who: str, times: int) -> None:
    """自己立一卷来写，又与大家同写一卷：别人先写了就重新读过再写。"""
    rng = random.Random(who)
    with Store(target, create=True) as store:
        own, version = store.create(who, who), 1
        with suppress(InputError):  # 别人已立
            store.create("大家的", who, SHARED)
        for index in range(times):
            version = store.answer(own, [Change(f"事实{index}", "是")], who, version)
            while True:
                try:
                    seen = store.read(SHARED).version
                    store.answer(SHARED, [Change(f"{who}·{index}", "是")], who, seen)
                    break
                except ConflictError:
                    time.sleep(rng.uniform(0, 0.05))


def write_together(target: str, processes: int, times: int) -> dict[str, object]:
    """processes 个进程同时打开一个还不存在的库来写；“共用”那卷大家同写。"""
    children = [
        fork(lambda who=f"写手{index:02d}": write_own_and_shared(target, who, times))  # type: ignore[misc]
        for index in range(processes)
    ]
    failed = sum(os.waitpid(child, 0)[1] != 0 for child in children)
    with Store(target) as store:
        numbers = store.numbers()
        return {
            "failed": failed,
            "dossiers": len(numbers),
            "bad": sum(bool(store.verify(number)) for number in numbers),
            "own": sum(fact.startswith("事实") for number in numbers for fact in store.read(number).answers),
            "shared": sum("·" in fact for fact in store.read(SHARED).answers),
        }


if __name__ == "__main__":
    command, where, *counts = sys.argv[1:]
    run: Callable[..., dict[str, object]] = {"kill": kill_many, "write": write_together}[command]  # type: ignore[dict-item]
    print(json.dumps(run(Path(where) if command == "kill" else where, *map(int, counts))))
