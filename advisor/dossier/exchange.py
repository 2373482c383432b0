"""导出导入：一卷一个 JSON 文件，日志、评估、散列链都在；导入再导出逐字节相同。"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import TypeAdapter, ValidationError

from advisor import yamlsource
from advisor.dossier.chain import FIELDS, Entry, faults
from advisor.dossier.record import Dossier, Kept, assessment_faults
from advisor.errors import InputError

FORMAT, VERSION = "盘活顾问案卷", 1
_KEPT_FIELDS: Mapping[str, str] = {
    "no": "次",
    "name": "名称",
    "as_of": "基准日",
    "taxonomy": "地方口径",
    "program": "程序版本",
    "rules_version": "规则包版本",
    "rules_sha256": "规则包散列",
    "playbooks_sha256": "手册散列",
    "facts": "事实",
    "result": "结果",
}
_TOP = {"格式": str, "版本": int, "编号": str, "条数": int, "末条散列": str, "日志": list, "评估": list}
_AGAIN = "用原来的库重新导出一份"
_Part = TypeVar("_Part", Entry, Kept)


def exported(dossier: Dossier) -> str:
    """一卷的 JSON 文字。"""
    content = {
        "格式": FORMAT,
        "版本": VERSION,
        "编号": dossier.number,
        "条数": dossier.version,
        "末条散列": dossier.entries[-1].digest,
        "日志": [_labelled(entry, FIELDS) for entry in dossier.entries],
        "评估": [_labelled(kept, _KEPT_FIELDS) for kept in dossier.assessments],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def read_export(path: Path) -> Dossier:
    """读一个导出文件，核对过散列链才算数。

    Raises:
        InputError: 读不了、不是导出文件、缺项、散列链不通；说明哪个文件、哪一处。
    """
    where = str(path)
    data = _plain(yamlsource.read_json(_text(path), where))
    if not isinstance(data, dict) or data.get("格式") != FORMAT:
        raise InputError(where, "不是案卷导出文件", allowed="advisor dossier export 写出的 JSON", fix="核对文件")
    if isinstance(data.get("版本"), int) and data["版本"] > VERSION:
        raise InputError(where, f"导出格式的版本（{data['版本']}）比这个程序认得的（{VERSION}）新", fix="升级盘活顾问")
    _check_keys(data, tuple(_TOP), where)
    for key, kind in _TOP.items():
        if not isinstance(data[key], kind):
            _bad(f"{where} {key}", f"写的是“{str(data[key])[:40]}”，不合")
    for place, text in _texts(data, ""):
        if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text):
            _bad(f"{where} {place}", "含残缺的字或控制字符")
    log = _parts(Entry, FIELDS, data["日志"], f"{where} 日志")
    assessments = _parts(Kept, _KEPT_FIELDS, data["评估"], f"{where} 评估")
    broken = faults(data["编号"], log, data["条数"], data["末条散列"])
    broken += assessment_faults(log, {kept.no: kept for kept in assessments})
    if broken or not log or len({kept.no for kept in assessments}) != len(assessments):
        said = "；".join(str(fault) for fault in broken[:5]) or "日志是空的，或同一次评估写了两份"
        _bad(where, f"散列链不通，没有导入：{said}")
    return Dossier(data["编号"], log, assessments)


def _labelled(part: object, labels: Mapping[str, str]) -> dict[str, Any]:
    return {label: getattr(part, name) for name, label in labels.items()}


def _parts(kind: type[_Part], labels: Mapping[str, str], items: list[Any], where: str) -> tuple[_Part, ...]:
    """把一列内容逐个读成 kind。"""
    adapter: TypeAdapter[_Part] = TypeAdapter(kind)
    found: list[_Part] = []
    for index, item in enumerate(items, 1):
        place = f"{where}第 {index} 条"
        if not isinstance(item, dict):
            _bad(place, "不是“键: 值”的一组内容")
        _check_keys(item, tuple(labels.values()), place)
        try:
            found.append(adapter.validate_python({name: item[label] for name, label in labels.items()}))
        except ValidationError as failure:
            error = failure.errors()[0]
            label = labels[str(error["loc"][0])]
            _bad(f"{place}的{label}", f"写的是“{str(error['input'])[:40]}”，不合")
    return tuple(found)


def _check_keys(data: Mapping[str, Any], wanted: tuple[str, ...], place: str) -> None:
    for key in wanted:
        if key not in data:
            _bad(place, f"缺“{key}”")
    for key in data:
        if key not in wanted:
            _bad(place, f"不认识的项“{key}”")


def _bad(where: str, found: str) -> NoReturn:
    raise InputError(where, found, fix=_AGAIN)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(str(path), "没有这个文件", fix="核对路径与文件名") from None
    except UnicodeDecodeError:
        raise InputError(str(path), "不是 UTF-8 编码的文字", fix=_AGAIN) from None


def _plain(data: Any) -> Any:
    """数都是整数：十进制数换成 int，不是整数的换成文字，留给后面报错。"""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(item) for item in data]
    if type(data).__name__ == "Decimal":
        return int(data) if data == data.to_integral_value() else str(data)
    return data


def _texts(data: Any, place: str) -> Iterator[tuple[str, str]]:
    """文件里的全部文字与所在。"""
    if isinstance(data, str):
        yield place, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield place, key
            yield from _texts(value, f"{place}{key}")
    elif isinstance(data, list):
        for index, value in enumerate(data, 1):
            yield from _texts(value, f"{place}第 {index} 条的")
