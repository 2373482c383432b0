"""durable_rules 前向链：每个结点一条 all 规则，输入不论真假一并联起，动作里求三值、记轨迹。

按层推：一层的结论成批断言，作为下一层的事实（在动作里逐条断言，同样的结果要多花三分之一时间）。
取值比较一律不交给引擎，进网的只有真值；每条规则恰好触发一次，触发数要核对。
一个输入一个属性名，规则只看有没有（比一律叫 k、逐个比值快约三成）；只有一个输入的结点照抄那个输入，不必触发。
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from typing import Any

from durable import engine

from advisor.inference.network import Joint, Network, Step, is_copy, partition
from advisor.truth import Truth

_CODE: dict[Truth, str] = {True: "T", False: "F", None: "U"}
_TRUTH: dict[str, Truth] = {code: truth for truth, code in _CODE.items()}


class _QuietHost(engine.Host):  # type: ignore[misc]
    """不起后台派发与计时线程：它们会在别的线程里执行动作。"""

    def _run(self) -> None:
        return


class ForwardChain:
    """一个规则包的前向链网。线程间用锁串行；引擎不放解释器锁，多线程也不会更快。"""

    def __init__(self, network: Network) -> None:
        self._lock = threading.Lock()
        self._sids = itertools.count()
        self._key = {
            name: f"n{index}" for index, name in enumerate((*network.leaves, *(joint.id for joint in network.joints)))
        }
        self._fired: list[Step] = []
        self._host = _QuietHost()
        self._parts: list[tuple[str, tuple[Joint, ...], tuple[str, ...]]] = []
        for index, joints in enumerate(partition(network.joints, without_copies=True)):
            name = f"part{index}"
            outside = tuple(dict.fromkeys(source for joint in joints for source, _ in joint.inputs))
            rules = {self._key[joint.id]: self._rule(joint) for joint in joints}
            self._host.set_rulesets({name: rules})
            self._parts.append((name, joints, outside))
        self._copies = self._copies_after_each_part(network)
        self._order = {joint.id: index for index, joint in enumerate(network.joints)}

    def _copies_after_each_part(self, network: Network) -> list[list[Joint]]:
        """照抄输入的结点，在第几段之后就有了输入；第 0 项是一开始就有的。"""
        known, waiting = set(network.leaves), [joint for joint in network.joints if is_copy(joint)]
        copies: list[list[Joint]] = []
        for joints in ((), *(joints for _, joints, _ in self._parts)):
            known.update(joint.id for joint in joints)
            copies.append([])
            for joint in waiting:
                if joint.inputs[0][0] in known:
                    known.add(joint.id)
                    copies[-1].append(joint)
            waiting = [joint for joint in waiting if joint.id not in known]
        return copies

    def _rule(self, joint: Joint) -> dict[str, Any]:
        tests = [{f"a{index}": {"$ex": {self._key[name]: 1}}} for index, (name, _) in enumerate(joint.inputs)]
        return {"all": tests, "run": self._action(joint)}

    def _action(self, joint: Joint) -> Callable[[Any], None]:
        sources = [(name, f"a{index}", self._key[name]) for index, (name, _) in enumerate(joint.inputs)]

        def fire(c: Any) -> None:
            found = c._m  # 别名 → 匹配到的事实；逐个 c.a0 取要多包两层
            inputs = tuple((name, _TRUTH[found[alias][key]]) for name, alias, key in sources)
            self._fired.append(_step(joint, inputs))

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
            self._copy(self._copies[0], truths, steps)
            for (ruleset, joints, outside), copies in zip(self._parts, self._copies[1:], strict=True):
                fired = self._run_part(ruleset, outside, truths, sid)
                if len(fired) != len(joints) or len({step.joint for step in fired}) != len(joints):
                    raise RuntimeError(f"推理引擎触发 {len(fired)} 次，应为 {len(joints)} 次")
                steps.extend(fired)
                truths.update((step.joint, step.result) for step in fired)
                self._copy(copies, truths, steps)
            return truths, sorted(steps, key=lambda step: self._order[step.joint])

    @staticmethod
    def _copy(copies: list[Joint], truths: dict[str, Truth], steps: list[Step]) -> None:
        for joint in copies:
            source = joint.inputs[0][0]
            steps.append(_step(joint, ((source, truths[source]),)))
            truths[joint.id] = steps[-1].result

    def _run_part(self, ruleset: str, outside: tuple[str, ...], truths: Mapping[str, Truth], sid: str) -> list[Step]:
        self._fired = []
        facts = [{"id": self._key[name], "sid": sid, self._key[name]: _CODE[truths[name]]} for name in outside]
        try:
            state = self._host.assert_facts(ruleset, facts)
            if state and state.get("exception"):
                raise RuntimeError(f"推理引擎报错：{state['exception']}")
        finally:
            self._host.delete_state(ruleset, sid)
        return self._fired


def _step(joint: Joint, inputs: tuple[tuple[str, Truth], ...]) -> Step:
    return Step(joint.id, inputs, joint.combine(dict(inputs)))
