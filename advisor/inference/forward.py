"""durable_rules 前向链：每个结点一条 all 规则，输入不论真假一并联起，动作里求三值、记轨迹。

按层推：一层的结论成批断言，作为下一层的事实（在动作里逐条断言，同样的结果要多花三分之一时间）。
取值比较一律不交给引擎，进网的只有真值；每条规则恰好触发一次，触发数要核对。
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from typing import Any

from durable import engine

from advisor.inference.network import Joint, Network, Step, partition
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
        for index, joints in enumerate(partition(network.joints)):
            name = f"part{index}"
            outside = tuple(dict.fromkeys(source for joint in joints for source, _ in joint.inputs))
            rules = {self._key[joint.id]: self._rule(joint) for joint in joints}
            self._host.set_rulesets({name: rules})
            self._parts.append((name, joints, outside))
        self._order = {joint.id: index for index, joint in enumerate(network.joints)}

    def _rule(self, joint: Joint) -> dict[str, Any]:
        aliases = [f"a{index}" for index in range(len(joint.inputs))]
        tests = [{alias: {"k": self._key[name]}} for alias, (name, _) in zip(aliases, joint.inputs, strict=True)]
        return {"all": tests, "run": self._action(joint, aliases)}

    def _action(self, joint: Joint, aliases: list[str]) -> Callable[[Any], None]:
        def fire(c: Any) -> None:
            inputs = tuple(
                (name, _TRUTH[getattr(c, alias)["v"]]) for alias, (name, _) in zip(aliases, joint.inputs, strict=True)
            )
            result = joint.combine(dict(inputs))
            self._fired.append(Step(joint.id, inputs, result))

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
            for ruleset, joints, outside in self._parts:
                fired = self._run_part(ruleset, outside, truths, sid)
                if len(fired) != len(joints) or len({step.joint for step in fired}) != len(joints):
                    raise RuntimeError(f"推理引擎触发 {len(fired)} 次，应为 {len(joints)} 次")
                steps.extend(fired)
                truths.update((step.joint, step.result) for step in fired)
            return truths, sorted(steps, key=lambda step: self._order[step.joint])

    def _run_part(self, ruleset: str, outside: tuple[str, ...], truths: Mapping[str, Truth], sid: str) -> list[Step]:
        self._fired = []
        facts = [
            {"id": self._key[name], "sid": sid, "k": self._key[name], "v": _CODE[truths[name]]} for name in outside
        ]
        try:
            state = self._host.assert_facts(ruleset, facts)
            if state and state.get("exception"):
                raise RuntimeError(f"推理引擎报错：{state['exception']}")
        finally:
            self._host.delete_state(ruleset, sid)
        return self._fired
