"""把表达式文字解析成语法树，同时做类型检查。"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from advisor.errors import ExpressionError
from advisor.expression.nodes import (
    Arithmetic,
    Comparison,
    Junction,
    Literal,
    Membership,
    Name,
    Negation,
    Node,
)
from advisor.vocabulary import Fact, FactValue, Kind

_COMPARE = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_ORDERED = (Kind.NUMBER, Kind.DATE)
_CONSTANTS = {"是": True, "否": False}
_FULL_WIDTH = {"（": "(", "）": ")", "，": ",", "＜": "<", "＞": ">", "＝": "=", "≤": "<=", "≥": ">=", "≠": "!=",
               "“": "'", "”": "'", "‘": "'", "’": "'", "＋": "+", "－": "-", "×": "*", "÷": "/", "％": "%"}  # fmt: skip

Signature = Mapping[str, Fact]
"""名字 → 事实（词表与推导事实合在一起）。"""


def parse(text: str, signature: Signature, want: Kind = Kind.BOOL) -> Node:
    """解析并检查类型；want 是整个表达式应有的类型。

    Raises:
        ExpressionError: 语法不合、名字不在词表、类型不符、选项不在词表。
    """
    source = str(text).strip()
    outside = re.sub(r"'[^']*'|\"[^\"]*\"", "", source)
    for mark, plain in _FULL_WIDTH.items():
        if mark in outside:
            raise ExpressionError(f"表达式里有全角或非键盘符号“{mark}”", f"改成 {plain}")
    if re.search(r"(?<![=<>!])=(?!=)", outside):
        raise ExpressionError("用了单个等号", "判断相等用两个等号 ==")
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionError(
            f"表达式“{source}”语法不通", "只用 比较、in、and、or、not、加减乘除、括号；文字加引号"
        ) from None
    try:
        node = _Checker(signature).build(tree.body)
    except RecursionError:
        raise ExpressionError("表达式嵌套过深", "拆成几条条件，或先写成推导事实") from None
    kind = kind_of(node)
    if kind is not want:
        raise ExpressionError(f"表达式“{source}”的结果是{kind}，这里要{want}", "条件须能判断是或否；公式须得出数")
    return node


def kind_of(node: Node) -> Kind:
    """结点的类型。"""
    if isinstance(node, (Name, Literal)):
        return node.kind
    return Kind.NUMBER if isinstance(node, Arithmetic) else Kind.BOOL


class _Checker:
    def __init__(self, signature: Signature) -> None:
        self.signature = signature

    def build(self, tree: ast.expr) -> Node:
        if isinstance(tree, ast.Name):
            return self._name(tree.id)
        if isinstance(tree, ast.Constant):
            return _literal(tree.value)
        if isinstance(tree, ast.BoolOp):
            parts = tuple(self._truth(part) for part in tree.values)
            return Junction(isinstance(tree.op, ast.And), parts)
        if isinstance(tree, ast.UnaryOp):
            return self._unary(tree)
        if isinstance(tree, ast.Compare):
            return self._compare(tree)
        if isinstance(tree, ast.BinOp) and type(tree.op) in _ARITHMETIC:
            return self._arithmetic(tree)
        raise ExpressionError(
            f"表达式里用了不支持的写法“{ast.unparse(tree)}”",
            "只用 比较、in、and、or、not、加减乘除、括号、字面量、词表里的名字",
        )

    def _name(self, name: str) -> Node:
        if name in _CONSTANTS:
            return Literal(_CONSTANTS[name], Kind.BOOL)
        fact = self.signature.get(name)
        if fact is None:
            close = difflib.get_close_matches(name, self.signature, n=1, cutoff=0.4)
            raise ExpressionError(
                f"“{name}”不在事实词表里", f"是不是“{close[0]}”" if close else "先在 facts.yaml 里加这条事实"
            )
        return Name(fact.name, fact.kind, fact.unit)

    def _truth(self, tree: ast.expr) -> Node:
        node = self.build(tree)
        if kind_of(node) is not Kind.BOOL:
            raise ExpressionError(
                f"“{ast.unparse(tree)}”不是是否类，不能直接用 and/or/not 连接",
                "写成比较，如 面积 > 0、类型 == '甲'",
            )
        return node

    def _unary(self, tree: ast.UnaryOp) -> Node:
        if isinstance(tree.op, ast.Not):
            return Negation(self._truth(tree.operand))
        node = self.build(tree.operand)
        if isinstance(tree.op, ast.USub) and isinstance(node, Literal) and isinstance(node.value, Fraction):
            return Literal(-node.value, Kind.NUMBER)
        raise ExpressionError(f"不支持“{ast.unparse(tree)}”", "负号只能放在数字前")

    def _compare(self, tree: ast.Compare) -> Node:
        parts: list[Node] = []
        left = tree.left
        for operator, right in zip(tree.ops, tree.comparators, strict=True):
            if isinstance(operator, (ast.In, ast.NotIn)):
                parts.append(self._membership(left, right, isinstance(operator, ast.NotIn)))
            elif type(operator) in _COMPARE:
                parts.append(self._pair(_COMPARE[type(operator)], left, right))
            else:
                raise ExpressionError("用了 is", "判断相等用 ==")
            left = right
        return parts[0] if len(parts) == 1 else Junction(True, tuple(parts))

    def _pair(self, op: str, left_tree: ast.expr, right_tree: ast.expr) -> Node:
        left, right = self.build(left_tree), self.build(right_tree)
        left, right = self._coerce(left, right), self._coerce(right, left)
        shown = f"{ast.unparse(left_tree)} {op} {ast.unparse(right_tree)}"
        if _family(left) is not _family(right):
            raise ExpressionError(
                f"“{shown}”两边类型不同（{kind_of(left)}与{kind_of(right)}）", "单选与文字的值加引号，数字不加引号"
            )
        if op in ("<", "<=", ">", ">=") and kind_of(left) not in _ORDERED:
            raise ExpressionError(f"“{shown}”：{kind_of(left)}不能比大小", "用 ==、!= 或 in")
        units = {u for u in (_unit(left), _unit(right)) if u is not None}
        if len(units) > 1:
            raise ExpressionError(f"“{shown}”两边单位不同（{'、'.join(sorted(units))}）", "换算成同一单位再比")
        return Comparison(op, left, right)

    def _coerce(self, node: Node, other: Node) -> Node:
        """文字字面量按对方的类型取义：核对选项、读成日期。"""
        if not (isinstance(node, Literal) and isinstance(node.value, str) and isinstance(other, Name)):
            return node
        if other.kind in (Kind.BOOL, Kind.NUMBER):
            return node  # 留作文字，下面的类型检查会报错
        return Literal(self._option(node.value, other), other.kind)

    def _option(self, value: str, name: Name) -> FactValue:
        fact = self.signature[name.name]
        if fact.kind is Kind.CHOICE and value not in fact.options:
            raise ExpressionError(f"“{value}”不是“{name.name}”的选项", "可用：" + "、".join(fact.options))
        if fact.kind is Kind.DATE:
            try:
                return date.fromisoformat(value)
            except ValueError:
                raise ExpressionError(f"“{value}”不是日期", "写成 '2026-01-31'") from None
        return value

    def _membership(self, left_tree: ast.expr, right_tree: ast.expr, negated: bool) -> Node:
        item = self.build(left_tree)
        if not isinstance(right_tree, (ast.List, ast.Tuple)) or not right_tree.elts:
            raise ExpressionError("in 的右边须是非空的列表", "写成 类型 in ['甲', '乙']")
        values: list[FactValue] = []
        for element in right_tree.elts:
            member = self._coerce(self.build(element), item)
            if not isinstance(member, Literal) or _family(member) is not _family(item):
                raise ExpressionError(f"列表里的“{ast.unparse(element)}”与左边类型不同", "列表里只写同一类的值")
            values.append(member.value)
        return Membership(item, tuple(values), negated)

    def _arithmetic(self, tree: ast.BinOp) -> Node:
        left, right = self.build(tree.left), self.build(tree.right)
        shown = ast.unparse(tree)
        for node in (left, right):
            if kind_of(node) is not Kind.NUMBER:
                raise ExpressionError(f"“{shown}”里有不是数的部分", "加减乘除只用数值类事实与数字")
        op = _ARITHMETIC[type(tree.op)]
        left_unit, right_unit = _unit(left), _unit(right)
        if op in "+-":
            if left_unit is not None and right_unit is not None and left_unit != right_unit:
                raise ExpressionError(f"“{shown}”两边单位不同（{left_unit}、{right_unit}）", "换算成同一单位再加减")
            unit = left_unit if left_unit is not None else right_unit
        elif right_unit in (None, ""):
            unit = left_unit
        elif left_unit in (None, "") and op == "*":
            unit = right_unit
        elif left_unit == right_unit and op == "/":
            unit = None
        else:
            unit = f"{left_unit or ''}{'·' if op == '*' else '/'}{right_unit}"
        return Arithmetic(op, left, right, "" if unit is None else unit)


def _literal(value: object) -> Literal:
    if isinstance(value, bool):
        return Literal(value, Kind.BOOL)
    if isinstance(value, int):
        return Literal(Fraction(value), Kind.NUMBER)
    if isinstance(value, float):
        return Literal(Fraction(repr(value)), Kind.NUMBER)
    if isinstance(value, str):
        return Literal(value, Kind.TEXT)
    raise ExpressionError(f"不支持的字面量“{value!r}”", "只用数、加引号的文字、是、否")


def _family(node: Node) -> Kind:
    kind = kind_of(node)
    return Kind.TEXT if kind is Kind.CHOICE else kind


def _unit(node: Node) -> str | None:
    """单位；None 表示不限（字面量与约掉单位的比值）。"""
    if isinstance(node, Name):
        return node.unit if node.kind is Kind.NUMBER else None
    if isinstance(node, Arithmetic):
        return node.unit or None
    return None
