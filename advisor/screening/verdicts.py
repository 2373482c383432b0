"""列式判定：条件 → 依据效力 → 推理网，逐级成列。与逐宗评估同一张推理网、同一套判断，只是一次算一片。"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import reduce

import polars as pl

from advisor.evaluation import APPLIES, NO_OCCASION, NOT_QUALIFIED, OPEN
from advisor.expression.columnar import Columns
from advisor.expression.nodes import Node
from advisor.inference.network import Joint, checked_network, group_joint, obstacle_joint, partition, tool_joint
from advisor.rulepack.model import Relation, Rule, RulePack, Tool
from advisor.screening.frames import complete, fact_schema
from advisor.screening.inferring import Inferring
from advisor.screening.places import POSITIVE, Places, silent_column, weight_column
from advisor.truth import Truth

VERDICTS = pl.Enum([APPLIES, OPEN, NOT_QUALIFIED, NO_OCCASION])
OBSTACLES = "症结"
UNMET, MET, UNSETTLED, SILENT = range(4)
"""每条条件两位：不满足（排除项为没有触发）、满足（排除项为触发）、待核实、在此不作数。不作数是两位全一，或上去即得。"""
PER_WORD = 31
"""一个整数至多装几条条件：六十四位有符号，每条两位。"""


class Judge:
    """一个规则包、一个基准日的列式判定；可反复用于各片。"""

    def __init__(self, pack: RulePack, as_of: date) -> None:
        self.pack = pack
        self.places = Places(pack, as_of)
        self.schema = fact_schema(pack.vocabulary)
        self.inferring = Inferring(pack, self.schema)
        self.tools = self.places.tools
        self.columns = Columns()
        self._varying = {rule.leaf for rule in self.places.varying}
        self._leaves = [self._status(rule) for rule in self.places.rules]
        self._leaves += [self._premise(relation) for relation in pack.relations]
        for exemption in pack.consistency.exemptions:  # 局面要分得出不必问的
            self.columns.truth(exemption.base)
        varying = {tool.name for tool in self.places.varying_tools}
        fixed = [tool for tool in self.tools if tool.name not in varying]
        self._leaves += [
            pl.lit(self.places.anywhere.authority[tool.name].status, dtype=pl.Boolean).alias(tool.authority_leaf)
            for tool in fixed
        ]
        self._levels = [[_joint(joint) for joint in part] for part in partition(checked_network(pack).joints)]
        self._atoms = self.columns.atoms()
        self._codes = [_code(tool.authority_leaf) for tool in self.tools]
        self._codes += [_code(obstacle_joint(name)) for name in pack.obstacles]
        self._same_codes: list[pl.Expr] = []
        self._code_all(self.places.rules)
        words = [word for tool in self.tools for word in _packed(reason_column(tool.name), reasons_of(tool))]
        verdicts = [self._verdict(tool).alias(verdict_column(tool.name)) for tool in pack.tools.values()]
        self._summary = [*verdicts, *words, *_packed(OBSTACLES, [obstacle_joint(name) for name in pack.obstacles])]

    def truths(self, facts: pl.DataFrame) -> pl.DataFrame:
        """事实表 → 补上推得的，再加各条件、关系前提、推理网各结点的真值列（列名同推理网），行序不变。"""
        rows = self.inferring.filled(complete(facts, self.schema))
        rows = self.places.joined(rows).with_columns(self._atoms).with_columns(self._leaves)
        for level in self._levels:
            rows = rows.with_columns(level)
        return rows

    def summary(self, truths: pl.DataFrame) -> pl.DataFrame:
        """判定与理由：每工具一列判定、一列理由（条件多的几列），症结的真值合成一两列。"""
        return truths.with_columns(self.codes(truths)).select(self._summary)

    def codes(self, truths: pl.DataFrame) -> pl.DataFrame:
        """各条条件的两位码，一条一列（列名见 code_column）。"""
        return truths.select(self._codes).with_columns(self._same_codes)

    def _status(self, rule: Rule) -> pl.Expr:
        raw, positive = self.columns.truth(rule.base), rule.kind in POSITIVE
        if rule.leaf in self._varying:
            weight = pl.col(weight_column(rule.leaf))
        else:
            fixed = self.places.anywhere.weights[rule.leaf]
            if fixed is (not positive):  # 作数、已核实：条件说了算
                return raw.alias(rule.leaf)
            weight = pl.lit(fixed, dtype=pl.Boolean)
        return (raw | weight if positive else raw & weight).alias(rule.leaf)

    def _premise(self, relation: Relation) -> pl.Expr:
        truth = pl.lit(True) if relation.base is None else self.columns.truth(relation.base)
        return truth.alias(relation.leaf)

    def _code_all(self, rules: Iterable[Rule]) -> None:
        """各条件的两位码；条件一样、在哪里效力都一样的，只算一次。"""
        first: dict[tuple[Node, bool, Truth, bool], str] = {}
        for rule in rules:
            if rule.leaf in self._varying:
                self._codes.append(_code(rule.leaf) | pl.col(silent_column(rule.leaf)))
                continue
            silent, weight = self.places.anywhere.findings[rule.leaf].silent, self.places.anywhere.weights[rule.leaf]
            column = code_column(rule.leaf)
            origin = first.setdefault((rule.base, rule.kind in POSITIVE, weight, silent), column)
            if origin != column:
                self._same_codes.append(pl.col(origin).alias(column))
            else:
                self._codes.append(pl.lit(SILENT, dtype=pl.UInt8).alias(column) if silent else _code(rule.leaf))

    def _verdict(self, tool: Tool) -> pl.Expr:
        applies, unsettled, unfit, elsewhere = (pl.lit(word, dtype=VERDICTS) for word in VERDICTS.categories)
        if not tool.coded:
            return unsettled
        truth, occasion = pl.col(tool_joint(tool.name)), pl.col(group_joint(tool.name, "情形"))
        sure = pl.when(truth).then(applies).when(truth.is_null()).then(unsettled)
        return sure.when(~occasion).then(elsewhere).otherwise(unfit)


def verdict_column(tool: str) -> str:
    """判定列名。"""
    return f"判定·{tool}"


def reason_column(tool: str) -> str:
    """理由列名。"""
    return f"理由·{tool}"


def code_column(leaf: str) -> str:
    """一个真值的两位码所在的列。"""
    return f"={leaf}"


def reasons_of(tool: Tool) -> list[str]:
    """理由里装的条件，按位次：各条条件，最后是“有现行依据”。"""
    return [rule.leaf for rule in tool.rules] + [tool.authority_leaf]


def words_of(name: str, leaves: list[str]) -> list[tuple[str, list[str]]]:
    """一串条件装进几个整数：列名与各自装的条件。"""
    parts = [leaves[at : at + PER_WORD] for at in range(0, len(leaves), PER_WORD)]
    return [(name if at == 0 else f"{name}·{at + 1}", part) for at, part in enumerate(parts)]


def _packed(name: str, leaves: list[str]) -> list[pl.Expr]:
    return [_word(part).alias(column) for column, part in words_of(name, leaves)]


def _word(leaves: list[str]) -> pl.Expr:
    """把各条的两位拼成整数：先四条一个字节，再拼起来。"""
    width = pl.Int16 if len(leaves) <= 7 else pl.Int32 if len(leaves) <= 15 else pl.Int64
    parts = []
    for at in range(0, len(leaves), 4):
        four = leaves[at : at + 4]
        byte = _sum(pl.col(code_column(leaf)) * pl.lit(4**k, dtype=pl.UInt8) for k, leaf in enumerate(four))
        parts.append(byte.cast(width) * pl.lit(256 ** (at // 4), dtype=width))
    return _sum(parts)


def _sum(parts: Iterable[pl.Expr]) -> pl.Expr:
    return reduce(pl.Expr.__add__, parts)


def _code(leaf: str) -> pl.Expr:
    return pl.col(leaf).cast(pl.UInt8).fill_null(UNSETTLED).alias(code_column(leaf))


def _joint(joint: Joint) -> pl.Expr:
    inputs = [~pl.col(name) if negated else pl.col(name) for name, negated in joint.inputs]
    return reduce(pl.Expr.__and__ if joint.conjunctive else pl.Expr.__or__, inputs).alias(joint.id)
