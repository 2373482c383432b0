"""测算：规则包里的公式，地块的事实与评估、方案给的数，算出值或区间；缺什么说什么。"""

from advisor.estimating.core import estimates
from advisor.estimating.inputs import Inputs, read_inputs
from advisor.estimating.model import EstimateView

__all__ = ["EstimateView", "Inputs", "estimates", "read_inputs"]
