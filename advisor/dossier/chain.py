"""日志与散列链：每条的散列盖住它的全部内容与上一条的散列，改、删、插、换次序都看得出来。"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from advisor.errors import InputError

OPENED, ANSWER, ESTIMATE, OVERRIDE, ASSESSED, SIGNED = "立卷", "答案", "测算", "改判", "评估", "签署"
KINDS = (OPENED, ANSWER, ESTIMATE, OVERRIDE, ASSESSED, SIGNED)
VALUED = (ANSWER, ESTIMATE)
"""记值的种类：带着旧值，后记的盖过先记的。"""
FIELDS: Mapping[str, str] = {
    "seq": "序",
    "kind": "种类",
    "who": "谁",
    "at": "何时",
    "subject": "事项",
    "old": "旧值",
    "new": "新值",
    "source": "来源",
    "remark": "备注",
    "previous": "上一条",
    "digest": "散列",
}
"""字段在导出文件与散列里的中文名。"""


@dataclass(frozen=True)
class Entry:
    """日志的一条。

    subject：立卷是编号，答案是事实名，测算是测算输入的名称，改判是工具名，评估是第几次，签署是签的第几次评估。
    new：立卷是地块名，答案、测算是值（None 为撤回），改判是判定（None 为撤回），评估是留存内容的散列，
    签署是意见（同意、退回）。
    """

    seq: int
    kind: str
    who: str
    at: str
    subject: str
    old: str | None
    new: str | None
    source: str = ""
    remark: str = ""
    previous: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Fault:
    """一处坏：第几条、怎么坏；seq 为 0 是说整卷。"""

    seq: int
    text: str

    def __str__(self) -> str:
        return f"第 {self.seq} 条{self.text}" if self.seq else self.text


def canonical(content: object) -> bytes:
    """规范化的 JSON：键排好序、不留空白、UTF-8。

    >>> canonical({"乙": 1, "甲": None}).decode()
    '{"乙":1,"甲":null}'
    """
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def sha256(content: object) -> str:
    """规范化 JSON 的 SHA-256，十六进制。"""
    return hashlib.sha256(canonical(content)).hexdigest()


def sealed(number: str, entry: Entry, previous: str) -> Entry:
    """把一条接到上一条后面：填上上一条的散列与本条的散列。"""
    linked = replace(entry, previous=previous)
    return replace(linked, digest=_digest(number, linked))


def _digest(number: str, entry: Entry) -> str:
    content = {label: getattr(entry, name) for name, label in FIELDS.items() if name != "digest"}
    return sha256({"案卷": number, **content})


def faults(number: str, entries: Sequence[Entry], length: int, head: str) -> list[Fault]:
    """核对全链，坏在第几条、怎么坏；length、head 是案卷登记的条数与末条散列。"""
    found: list[Fault] = []
    values: dict[tuple[str, str], str | None] = {}
    expected, end, linked = 1, "", True
    for entry in entries:
        for missing in range(expected, min(entry.seq, length + 1)):
            found.append(Fault(missing, "不见了：被删"))
            linked = False
        if entry.seq < expected:
            found.append(Fault(entry.seq, "重复出现：被插入"))
        elif entry.seq > length:
            found.append(Fault(entry.seq, f"是多出来的：案卷登记只有 {length} 条"))
        intact = _digest(number, entry) == entry.digest
        if not intact:
            found.append(Fault(entry.seq, _misfit(number, entry, length)))
        elif linked and entry.previous != end:
            found.append(Fault(entry.seq, "接不上前一条：这里插过、删过或换过次序"))
        elif (entry.kind == OPENED) != (entry.seq == 1) or entry.kind not in KINDS:
            found.append(Fault(entry.seq, f"种类“{entry.kind}”不该在这里"))
        elif not found and entry.kind in VALUED and entry.old != values.get((entry.kind, entry.subject)):
            found.append(Fault(entry.seq, f"的旧值与前面记的“{entry.subject}”对不上"))
        if entry.kind in VALUED:
            values[entry.kind, entry.subject] = entry.new
        expected, end, linked = entry.seq + 1, entry.digest, intact
    for missing in range(expected, length + 1):
        found.append(Fault(missing, "不见了：被删"))
    if not found and head != end:
        found.append(Fault(0, "案卷登记的末条散列与日志不符"))
    return found


def _misfit(number: str, entry: Entry, length: int) -> str:
    """散列不符的一条：是换了次序，还是内容被改。"""
    for seq in range(1, length + 1):
        if seq != entry.seq and _digest(number, replace(entry, seq=seq)) == entry.digest:
            return f"原是第 {seq} 条：次序被换"
    return f"的内容与散列不符：被改过（{entry.kind}“{entry.subject}”）"


def checked_text(what: str, text: str, most: int = 2_000) -> str:
    """可以入库的一行文字：去掉两头空白，不许控制字符与残缺的字。

    Raises:
        InputError: 太长，或含控制字符、残缺的字。
    """
    text = text.strip()
    if len(text) > most:
        raise InputError(what, f"有 {len(text)} 个字，太长", allowed=f"不超过 {most} 个字", fix="写短些")
    if any(unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t" for character in text):
        raise InputError(what, "含看不见的控制字符或残缺的字", fix="删去后重写")
    return text
