"""把一个规则文件读成结构；每个问题带文件、行与改法。"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from advisor import yamlsource
from advisor.errors import InputError
from advisor.yamlsource import Lines

Model = TypeVar("Model", bound=BaseModel)


class Problems:
    """读规则包时积下的问题；一次说全，不是遇一个停一个。"""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, place: str, found: str, fix: str = "") -> None:
        """记一条。"""
        self.found.append(f"{place}：{found}。{f'改法：{fix}。' if fix else ''}")


class Source:
    """读好的一个文件：结构与行号。"""

    def __init__(self, path: Path, root: Path, data: Any) -> None:
        self.path = path
        self.label = label(path, root)
        self.data = data

    def place(self, *steps: str | int) -> str:
        """“文件 第 n 行”，按键与序号一路找下去。"""
        return f"{self.label} 第 {line_at(self.data, steps)} 行"


def label(path: Path, root: Path) -> str:
    """文件在规则包里的相对路径，如 rules/facts.yaml。"""
    return path.relative_to(root.parent).as_posix() if path.is_relative_to(root.parent) else path.name


def line_at(data: Any, steps: tuple[str | int, ...]) -> int:
    """路径所指之处的行号；走不到时给走到的最深一处。"""
    line = data.line if isinstance(data, Lines) else 1
    for step in steps:
        if isinstance(data, Lines) and isinstance(step, str) and step in data:
            line, data = data.line_of(step), data[step]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        elif isinstance(data, Lines):
            continue
        else:
            break
        if isinstance(data, Lines):
            line = data.line if isinstance(step, int) else line
    return line


def read_model(path: Path, root: Path, model: type[Model], problems: Problems) -> tuple[Model, Source] | None:
    """读一个文件并按 model 校验；有错记入 problems，返回 None。"""
    try:
        data = yamlsource.read(path)
    except InputError as problem:
        problems.add(problem.where.replace(str(path), label(path, root)), problem.found, problem.fix)
        return None
    source = Source(path, root, data)
    try:
        return model.model_validate(data), source
    except ValidationError as failure:
        for error in failure.errors():
            _explain(error, source, model, problems)
        return None


def _explain(error: Any, source: Source, model: type[BaseModel], problems: Problems) -> None:
    steps = tuple(step for step in error["loc"] if isinstance(step, (str, int)))
    name = next((s for s in reversed(steps) if isinstance(s, str)), "")
    place = source.place(*steps)
    kind = error["type"]
    if kind == "missing":
        problems.add(place, f"缺“{name}”", f"补上“{name}: …”")
    elif kind == "extra_forbidden":
        allowed = _keys(model, steps[:-1])
        problems.add(place, f"不认识的键“{name}”", "可用的键：" + "、".join(allowed) if allowed else "")
    elif kind == "literal_error":
        allowed_values = str(error["ctx"]["expected"]).replace("'", "").replace(" or ", "、").replace(", ", "、")
        problems.add(place, f"“{name}”写了“{error['input']}”", f"只能是：{allowed_values}")
    else:
        problems.add(place, f"“{name}”的值“{_short(error['input'])}”不合", _HINTS.get(kind, "核对这一项的写法"))


_HINTS = {
    "date_from_datetime_parsing": "日期写成 2026-01-31",
    "date_parsing": "日期写成 2026-01-31",
    "bool_parsing": "只能写 是 或 否",
    "tuple_type": "这里要一个列表",
    "model_type": "这里要“键: 值”的一组内容",
    "model_attributes_type": "这里要“键: 值”的一组内容",
    "string_type": "这里要文字",
    "dict_type": "这里要“键: 值”的一组内容",
}


def _keys(model: type[BaseModel], steps: tuple[str | int, ...]) -> list[str]:
    """路径所到的结构允许哪些键。"""
    current: Any = model
    for step in steps:
        if isinstance(step, int):
            continue
        field = next((f for f in current.model_fields.values() if f.alias == step), None)
        inner = _inner(field.annotation) if field else None
        if inner is None:
            return []
        current = inner
    return [field.alias or "" for field in current.model_fields.values()]


def _inner(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _inner(argument)
        if found is not None:
            return found
    return None


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "…"
