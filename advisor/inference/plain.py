"""参照解释器：按先后逐个结点求值。反复求值的地方（问答、解锁）与核对推理引擎都用它。"""

from __future__ import annotations

from collections.abc import Mapping

from advisor.inference.network import Network, Step
from advisor.truth import Truth


def run(network: Network, leaves: Mapping[str, Truth]) -> tuple[dict[str, Truth], list[Step]]:
    """由叶的真值推出全部结点的真值与轨迹。"""
    truths = dict(leaves)
    steps: list[Step] = []
    for joint in network.joints:
        result = joint.combine(truths)
        steps.append(Step(joint.id, tuple((name, truths[name]) for name, _ in joint.inputs), result))
        truths[joint.id] = result
    return truths, steps
