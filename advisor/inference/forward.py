"""durable_rules 前向链：输入不论真假一并联起（一条 all 规则），动作里求三值、记轨迹。

按层推：一层的结论成批断言，作为下一层的事实（在动作里逐条断言，同样的结果要多花三分之一时间）。
取值比较一律不交给引擎，进网的只有真值；每条规则恰好触发一次，触发数要核对。
一个输入一个属性名，规则只看有没有（比一律叫 k、逐个比值快约三成）。只给一处用的结点（一个工具的条件组）
与用它的在一次触发里依次得出，只有一个输入的照抄那个输入：引擎一次触发几十微秒，少触发就快。
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from durable import engine

from advisor.inference.network import Cluster, Network, Step, cluster_parts
from advisor.truth import Truth

_CODE: dict[Truth, str] = {True: "T", False: "F", None: "U"}
_TRUTH: dict[str, Truth] = {code: truth for truth, code in _CODE.items()}


class _QuietHost(engine.Host):  # type: ignore[misc]
    """不起后台派发与计时线程：它们会在别的线程里执行动作。"""

    def _run(self) -> None:
        return


@dataclass(frozen=True)
class _Part:
    """一段：要触发的簇、照抄输入的簇、要断言的输入。"""

    ruleset: str
    ruled: tuple[Cluster, ...]
    copied: tuple[Cluster, ...]
    outside: tuple[str, ...]


class ForwardChain:
    """一个规则包的前向链网。线程间用锁串行；引擎不放解释器锁，多线程也不会更快。"""

    def __init__(self, network: Network) -> None:
        self._lock = threading.Lock()
        self._sids = itertools.count()
        self._key = {
            name: f"n{index}" for index, name in enumerate((*network.leaves, *(joint.id for joint in network.joints)))
        }
        self._fired: list[list[Step]] = []
        self._host = _QuietHost()
        self._parts: list[_Part] = []
        for index, found in enumerate(cluster_parts(network)):
            ruled = tuple(cluster for cluster in found if len(cluster.inputs) > 1)
            copied = tuple(cluster for cluster in found if len(cluster.inputs) == 1)
            outside = tuple(dict.fromkeys(name for cluster in ruled for name in cluster.inputs))
            if ruled:
                self._host.set_rulesets({f"part{index}": {self._key[item.head]: self._rule(item) for item in ruled}})
            self._parts.append(_Part(f"part{index}", ruled, copied, outside))
        self._order = {joint.id: index for index, joint in enumerate(network.joints)}

    def _rule(self, cluster: Cluster) -> dict[str, Any]:
        tests = [{f"a{index}": {"$ex": {self._key[name]: 1}}} for index, name in enumerate(cluster.inputs)]
        return {"all": tests, "run": self._action(cluster)}

    def _action(self, cluster: Cluster) -> Callable[[Any], None]:
        sources = [(name, f"a{index}", self._key[name]) for index, name in enumerate(cluster.inputs)]

        def fire(c: Any) -> None:
            found = c._m  # 别名 → 匹配到的事实；逐个 c.a0 取要多包两层
            self._fired.append(_steps(cluster, {name: _TRUTH[found[alias][key]] for name, alias, key in sources}))

        return fire

    def run(self, leaves: Mapping[str, Truth]) -> tuple[dict[str, Truth], list[Step]]:
        """由叶的真值推出全部结点的真值与轨迹；轨迹按推理网的次序给出。

        Raises:
            RuntimeError: 引擎里出了异常，或触发次数不对（不该发生；宁可停下也不给错的判定）。
        """
        with self._lock:
            truths: dict[str, Truth] = dict(leaves)
            steps: list[Step] = []
            sid = f"s{next(self._sids)}"
            for part in self._parts:
                fired = self._run_part(part, truths, sid)
                if len(fired) != len(part.ruled) or len({found[-1].joint for found in fired}) != len(part.ruled):
                    raise RuntimeError(f"推理引擎触发 {len(fired)} 次，应为 {len(part.ruled)} 次")
                fired += [_steps(item, {name: truths[name] for name in item.inputs}) for item in part.copied]
                for found in fired:
                    steps.extend(found)
                    truths.update((step.joint, step.result) for step in found)
            return truths, sorted(steps, key=lambda step: self._order[step.joint])

    def _run_part(self, part: _Part, truths: Mapping[str, Truth], sid: str) -> list[list[Step]]:
        self._fired = []
        if not part.ruled:
            return []
        facts = [{"id": self._key[name], "sid": sid, self._key[name]: _CODE[truths[name]]} for name in part.outside]
        try:
            state = self._host.assert_facts(part.ruleset, facts)
            if state and state.get("exception"):
                raise RuntimeError(f"推理引擎报错：{state['exception']}")
        finally:
            self._host.delete_state(part.ruleset, sid)
        return self._fired


def _steps(cluster: Cluster, known: dict[str, Truth]) -> list[Step]:
    """依次得出一簇里的各结点。"""
    steps: list[Step] = []
    for joint in cluster.joints:
        result = joint.combine(known)
        steps.append(Step(joint.id, tuple((name, known[name]) for name, _ in joint.inputs), result))
        known[joint.id] = result
    return steps
