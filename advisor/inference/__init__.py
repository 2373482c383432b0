"""推理：条件真值 → 症结 → 工具 → 组合，逐级推出，每一步都是一次规则触发，留下轨迹。"""

from advisor.inference.engine import Engine, forward_chaining_available
from advisor.inference.network import Network, Step, build_network, checked_network

__all__ = ["Engine", "Network", "Step", "build_network", "checked_network", "forward_chaining_available"]
