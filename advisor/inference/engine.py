"""选用推理引擎：装了 durable_rules 就用前向链；装不上的机器用参照解释器，判定相同。"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Protocol

from advisor.inference import plain
from advisor.inference.network import Network, Step
from advisor.truth import Truth

NOTICE = "提示：这台机器没有装推理引擎 durable_rules，改用内置的逐条求值；判定结果相同，只是轨迹不由推理引擎产生。"


class _Chain(Protocol):
    def run(self, leaves: Mapping[str, Truth]) -> tuple[dict[str, Truth], list[Step]]: ...


def forward_chaining_available() -> bool:
    """本机是否装有 durable_rules。"""
    try:
        return all(importlib.util.find_spec(name) is not None for name in ("durable", "durable_rules_engine"))
    except (ImportError, ValueError):
        return False


class Engine:
    """一个推理网上的推理；前向链在第一次用到时才编。"""

    def __init__(self, network: Network, forward: bool | None = None) -> None:
        self.network = network
        self.forward = forward_chaining_available() if forward is None else forward
        self._chain: _Chain | None = None

    @property
    def notice(self) -> str:
        """没用上 durable_rules 时给用户看的话；用上了为空。"""
        return "" if self.forward else NOTICE

    def run(self, leaves: Mapping[str, Truth]) -> tuple[dict[str, Truth], list[Step]]:
        """推理；返回全部真值与轨迹。"""
        if not self.forward:
            return plain.run(self.network, leaves)
        if self._chain is None:
            from advisor.inference.forward import ForwardChain

            self._chain = ForwardChain(self.network)
        return self._chain.run(leaves)
