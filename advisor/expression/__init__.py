"""条件表达式：Python 表达式的一个小子集，名字是中文事实名。"""

from advisor.expression.describe import describe
from advisor.expression.evaluate import compile_expression, evaluate
from advisor.expression.nodes import Node, inline, names
from advisor.expression.parser import Signature, parse

__all__ = ["Node", "Signature", "compile_expression", "describe", "evaluate", "inline", "names", "parse"]
