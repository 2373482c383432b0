"""一片判好的真值表，按列取成数组：算方案时整列整列地算，不逐宗。"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from advisor.expression.nodes import Name, Node
from advisor.inference.network import group_joint, obstacle_joint, plan_joint, tool_joint
from advisor.rulepack.model import Rule, Tool
from advisor.screening.places import ZONE
from advisor.screening.verdicts import MET, UNMET, UNSETTLED, Judge, code_column

Array = NDArray[Any]
TRUE, FALSE, UNKNOWN = 1, 0, -1


class Grid:
    """一片。真值列取出来是整数：真 1、假 0、未知 -1；与 Evaluation 里的同名方法是同一回事，只是一次取一列。"""

    def __init__(self, judge: Judge, truths: pl.DataFrame) -> None:
        self.judge, self.rows = judge, truths
        self.height = truths.height
        self._truths = truths.select(pl.col(pl.Boolean).cast(pl.Int8).fill_null(UNKNOWN))
        self._named = frozenset(self._truths.columns)
        self._codes = judge.codes(truths)
        self._blocked: dict[str, Array] = {}

    def column(self, name: str) -> Array:
        """一个真值列。"""
        return self._truths[name].to_numpy()

    def truth(self, node: Node) -> Array:
        """一个比较、一个是否类事实的真值。"""
        return self.column(node.name if isinstance(node, Name) else self.judge.columns.name(node))

    def unknown(self, fact: str) -> Array:
        """哪几行不知道这个事实。"""
        return self.rows[fact].is_null().to_numpy()

    def zones(self) -> Array | None:
        """各行所在片区的编号；规则包不分地域的为 None。"""
        return self.rows[ZONE].to_numpy() if self.judge.places.keys else None

    def verdict(self, tool: Tool) -> Array:
        """工具的判定。"""
        return self.column(tool_joint(tool.name))

    def occasion(self, tool: Tool) -> Array:
        """情形是否成立；没有情形的为未知，同 Evaluation.occasion。"""
        name = group_joint(tool.name, "情形")
        return self.column(name) if name in self._named else np.full(self.height, UNKNOWN, dtype=np.int8)

    def rejected(self, tool: Tool) -> Array:
        """推理网已推出不能成案。"""
        name = plan_joint(tool.name)
        found: Array = self.column(name if name in self._named else tool_joint(tool.name)) == FALSE
        return found

    def stands(self, obstacle: str) -> Array:
        """症结是否成立。"""
        return self.column(obstacle_joint(obstacle))

    def unverified(self, tool: Tool) -> Array:
        """有没有现行依据还待核。"""
        found: Array = self.column(tool.authority_leaf) != TRUE
        return found

    def blocked(self, rule: Rule) -> Array:
        """这条条件挡着“适用”：不满足或待核实的情形、要件，触发或待排查的排除项；不作数的不挡。"""
        if rule.leaf not in self._blocked:
            code = self._codes[code_column(rule.leaf)].to_numpy()
            self._blocked[rule.leaf] = (code == UNSETTLED) | (code == (MET if rule.kind == "排除" else UNMET))
        return self._blocked[rule.leaf]


def blocking(tool: Tool) -> list[Rule]:
    """可能挡着“适用”的条件，次序同 Evaluation.unsettled。"""
    return [rule for rule in tool.rules if rule.kind != "倾向"]
