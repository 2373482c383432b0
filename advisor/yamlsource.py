"""读 YAML/JSON：记住每个键在第几行，不许重复键，数字按十进制原样保留。

YAML 1.1 的隐式类型会把 010 读成 8、把 1:30 读成 90、把日期读成对象；这里只认空、true/false 与十进制数，
其余一律是文字。
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from advisor.errors import InputError

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?\Z")
_NODE_LIMIT = 200_000
_SIZE_LIMIT = 20 * 1024 * 1024
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Lines(dict[str, Any]):
    """带行号的映射：lines[键] 是该键所在的行（从 1 起）；line 是映射自身的行。"""

    def __init__(self, line: int = 1) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        """键所在的行；没有这个键时给映射自身的行。"""
        return self.lines.get(key, self.line)


def read(path: Path) -> Any:
    """读一个 YAML 或 JSON 文件。

    Raises:
        InputError: 文件不存在、不是 UTF-8、语法错、键重复、过大。
    """
    try:
        if path.stat().st_size > _SIZE_LIMIT:
            raise InputError(str(path), "文件超过 20 MB", fix="拆成几个文件，或用台账批量筛查")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(str(path), "没有这个文件", fix="核对路径与文件名") from None
    except IsADirectoryError:
        raise InputError(str(path), "这是文件夹，不是文件", fix="写出文件夹里的文件名") from None
    except UnicodeDecodeError:
        raise InputError(str(path), "不是 UTF-8 编码的文字", fix="用记事本或 WPS 另存为 UTF-8 编码") from None
    except OSError as problem:
        raise InputError(str(path), f"读不了（{problem.strerror}）", fix="核对文件权限") from None
    return read_json(text, str(path)) if path.suffix.lower() == ".json" else read_yaml(text, str(path))


def read_yaml(text: str, where: str) -> Any:
    """把 YAML 文字变成带行号的数据。

    >>> read_yaml("面积: 3.40", "例")["面积"]
    Decimal('3.40')
    """
    loader = _Loader(text)
    try:
        return _Builder(loader, where).document()
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = f"{where} 第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else where
        raise InputError(
            place, "不是合法的 YAML", fix="检查冒号后是否有空格、缩进是否对齐、括号与引号是否成对"
        ) from None
    except (yaml.YAMLError, RecursionError):
        raise InputError(where, "不是合法的 YAML", fix="用纯文本编辑器检查有无不可见字符") from None
    finally:
        loader.dispose()


def read_json(text: str, where: str) -> Any:
    """把 JSON 文字变成数据；键重复即报错。"""

    def pairs(items: list[tuple[str, Any]]) -> Lines:
        result = Lines()
        for key, value in items:
            if key in result:
                raise InputError(where, f"“{key}”写了两次", fix="只留一处")
            result[key] = value
        return result

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_float=Decimal, parse_int=Decimal)
    except json.JSONDecodeError as problem:
        place = f"{where} 第 {problem.lineno} 行第 {problem.colno} 列"
        raise InputError(place, "不是合法的 JSON", fix="检查引号、逗号、括号是否成对") from None
    except RecursionError:
        raise InputError(where, "嵌套过深", fix="事实文件只需两层") from None


def reads_as_text(text: str) -> bool:
    """不加引号写在值的位置，读回来还是不是这段文字；像数、像真假、空着的不是。"""
    return isinstance(_scalar(text, None), str)


class _Builder:
    """由解析事件直接建数据：不经 YAML 的隐式类型推断，快一倍，也不会猜错。"""

    def __init__(self, loader: Any, where: str) -> None:
        self.next, self.where = loader.get_event, where
        self.count = 0

    def document(self) -> Any:
        """整份文件的数据；空文件为 None，多份文档只许一份。"""
        self.next()
        event = self.next()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        data = self.build(self.next())
        self.next()
        extra = self.next()
        if not isinstance(extra, yaml.StreamEndEvent):
            raise InputError(self.where, "一个文件里写了两份内容（“---”隔开）", fix="拆成两个文件")
        return data

    def build(self, event: Any) -> Any:
        """一个值。"""
        self.count += 1
        if self.count > _NODE_LIMIT:
            raise InputError(self.where, "内容过多", fix="拆成几个文件")
        if isinstance(event, yaml.AliasEvent):
            raise InputError(f"{self.where} 第 {_line(event)} 行", "用了 YAML 的引用（*）", fix="把引用的内容照写一遍")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(following := self.next(), yaml.SequenceEndEvent):
                items.append(self.build(following))
            return items
        return _scalar(event.value, event.style)

    def _mapping(self, start: Any) -> Lines:
        result = Lines(_line(start))
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            line = _line(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise InputError(f"{self.where} 第 {line} 行", "键不是文字", fix="冒号左边只写名称")
            key = str(event.value)
            if key in result:
                raise InputError(
                    f"{self.where} 第 {line} 行", f"“{key}”重复，第 {result.lines[key]} 行已写过", fix="只留一处"
                )
            result[key] = self.build(self.next())
            result.lines[key] = line
        return result


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(text: str, style: str | None) -> Any:
    if style in ("'", '"', "|", ">"):
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    return Decimal(text) if text[0] in "+-0123456789" and _NUMBER.match(text) else text
