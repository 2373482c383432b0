"""一卷案卷读出来的样子：日志与历次评估；当前答案、改判都由日志重放得来。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from advisor.dossier.chain import ANSWER, ASSESSED, ESTIMATE, OPENED, OVERRIDE, SIGNED, Entry, Fault, sha256


@dataclass(frozen=True)
class Change:
    """改一个答案或测算输入：new 是新值的写法，None 为撤回；source 是来源材料。"""

    fact: str
    new: str | None
    source: str = ""
    remark: str = ""
    kind: str = ANSWER


@dataclass(frozen=True)
class Kept:
    """一次评估的留存：凭它与同一版规则包、手册能算出逐字节相同的结果。

    facts 的值照日志的写法；result 是评估 JSON 的原文。
    """

    no: int
    name: str
    as_of: str
    taxonomy: str
    program: str
    rules_version: str
    rules_sha256: str
    playbooks_sha256: str
    facts: Mapping[str, str]
    result: str

    @property
    def digest(self) -> str:
        """留存内容的散列，记在日志“评估”那一条里。"""
        return sha256({**vars(self), "facts": list(self.facts.items())})


@dataclass(frozen=True)
class Override:
    """人工改判：把一个工具的判定由 was 改成 verdict，为什么、谁、何时、日志第几条。"""

    tool: str
    verdict: str
    was: str
    reason: str
    who: str
    at: str
    seq: int

    def __str__(self) -> str:
        return f"人工改判“{self.tool}”：{self.was} → {self.verdict}。理由：{self.reason}（{self.who}，{self.at}）"


@dataclass(frozen=True)
class Dossier:
    """一卷。version 是日志的条数：写入时带着它，别人先写了就会报冲突。"""

    number: str
    entries: tuple[Entry, ...]
    assessments: tuple[Kept, ...]

    @property
    def version(self) -> int:
        """最后一条的序号。"""
        return len(self.entries)

    @property
    def name(self) -> str:
        """地块名。"""
        return self.entries[0].new or ""

    @property
    def changes(self) -> Iterator[tuple[str, str | None]]:
        """答案的历次改动，由先到后：事实名与新值。"""
        return ((entry.subject, entry.new) for entry in self.entries if entry.kind == ANSWER)

    @property
    def answers(self) -> dict[str, str]:
        """当前答案，照日志的写法与答的先后；撤回的不在内。"""
        return replayed(self.changes)

    @property
    def estimates(self) -> dict[str, str]:
        """当前的测算输入，照日志的写法；撤回的不在内。"""
        return replayed((entry.subject, entry.new) for entry in self.entries if entry.kind == ESTIMATE)

    def assessed(self, kept: Kept) -> Entry:
        """留存的那次评估在日志里的一条：谁、何时。"""
        return next(e for e in self.entries if e.kind == ASSESSED and e.subject == str(kept.no))


def replayed(changes: Iterator[tuple[str, str | None]]) -> dict[str, str]:
    """把改动逐条放一遍。

    >>> replayed(iter([("甲", "是"), ("乙", "不清楚"), ("甲", None)]))
    {'乙': '不清楚'}
    """
    values: dict[str, str] = {}
    for subject, new in changes:
        if new is None:
            values.pop(subject, None)
        else:
            values[subject] = new
    return values


def told(entry: Entry) -> str:
    """一条日志的一句话：谁、何时、改了什么。

    >>> told(Entry(2, ANSWER, "张三", "2026-01-31T00:00:00Z", "甲", None, "是"))
    '张三（2026-01-31T00:00:00Z）答“甲”：没有 → 是'
    """
    verbs = {ANSWER: "答", ESTIMATE: "写测算输入", ASSESSED: "评估，第", SIGNED: "签署，第"}
    verb = verbs.get(entry.kind, entry.kind)
    head = f"{entry.who}（{entry.at}）{verb}"
    if entry.kind == OPENED:
        return f"{head}“{entry.new}”"
    if entry.kind == ASSESSED:
        return f"{head} {entry.subject} 次"
    if entry.kind == SIGNED:
        return f"{head} {entry.subject} 次评估：{entry.new}"
    return f"{head}“{entry.subject}”：{entry.old or '没有'} → {entry.new or '撤回'}"


def overrides(dossier: Dossier) -> tuple[Override, ...]:
    """现在有效的人工改判，按工具第一次被改判的先后；撤回的不在内。"""
    current: dict[str, Override] = {}
    for entry in dossier.entries:
        if entry.kind != OVERRIDE:
            continue
        if entry.new is None:
            current.pop(entry.subject, None)
        else:
            was = entry.old or ""
            current[entry.subject] = Override(
                entry.subject, entry.new, was, entry.remark, entry.who, entry.at, entry.seq
            )
    return tuple(current.values())


def standing_signature(dossier: Dossier) -> Entry | None:
    """现在还作数的签署：签过之后答案、改判、评估都没有再动；没有的为 None。"""
    last = dossier.entries[-1]
    return last if last.kind == SIGNED else None


def assessment_faults(entries: tuple[Entry, ...], assessments: Mapping[int, Kept | None]) -> list[Fault]:
    """历次评估的留存与日志对不对得上；读不出来的留存是 None。"""
    found: list[Fault] = []
    logged = {entry.subject: entry for entry in entries if entry.kind == ASSESSED}
    for subject, entry in logged.items():
        kept = assessments.get(int(subject)) if subject.isdecimal() else None
        if not subject.isdecimal() or int(subject) not in assessments:
            found.append(Fault(entry.seq, f"记的第 {subject} 次评估，留存不见了：被删"))
        elif kept is None or kept.digest != entry.new:
            found.append(Fault(entry.seq, f"记的第 {subject} 次评估，留存与散列不符：被改过"))
    for no in assessments:
        if str(no) not in logged:
            found.append(Fault(0, f"第 {no} 次评估的留存在日志里没有记：被插入"))
    return found
