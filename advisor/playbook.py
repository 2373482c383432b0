"""怎么办：工具的步骤、部门、材料、时限、价税、风险；案例库。内容在 playbooks/。"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from advisor.errors import InputError, RulePackError
from advisor.parcel import read_facts
from advisor.rulepack.listing import Among
from advisor.rulepack.reading import Problems, Source, read_model
from advisor.rulepack.schema import CitationEntry, Citations, Entry, FactValues, Names, ToolName, YesNo
from advisor.vocabulary import FactValue, Frozen, Vocabulary

_DAYS = {"日": 1, "天": 1, "工作日": 1.4, "周": 7, "月": 30, "年": 365}
_RANGE = re.compile(r"(?:不少于\s*)?(\d+(?:\.\d+)?)(?:\s*[–—~～-]\s*(\d+(?:\.\d+)?))?\Z")


class Duration(Entry):
    """时长；estimated 为真时是编者估计，只用于排期提示。不是数的（按谈判、随方案）谈不上估计。

    >>> str(Duration.model_validate({"数": "2–4", "单位": "周"}))
    '2–4周（估计）'
    >>> str(Duration.model_validate({"数": "按谈判"}))
    '按谈判'
    """

    amount: str = Field("", alias="数")
    unit: str = Field("", alias="单位")
    estimated: YesNo = Field(True, alias="估计")

    @property
    def days(self) -> tuple[int, int] | None:
        """折成自然日：至少几天、至多几天；不少于几天的按几天排；不是数的（视情况、随方案）为 None。

        >>> Duration.model_validate({"数": "2–4", "单位": "周"}).days
        (14, 28)
        >>> Duration.model_validate({"数": "不少于 20", "单位": "日"}).days
        (20, 20)
        >>> Duration.model_validate({"数": "按谈判"}).days is None
        True
        """
        found = _RANGE.match(self.amount.strip()) if self.unit in _DAYS else None
        if not found:
            return None
        low, high = float(found[1]), float(found[2] or found[1])
        return max(1, round(low * _DAYS[self.unit])), max(1, round(high * _DAYS[self.unit]))

    def __str__(self) -> str:
        text = f"{self.amount}{self.unit}" or "视情况"
        counted = any(char.isdecimal() for char in self.amount)
        return f"{text}（估计）" if self.estimated and counted else text


class StepEntry(Entry):
    """一步。"""

    name: str = Field(alias="名称")
    action: str = Field(alias="做什么")
    department: str = Field(alias="部门")
    materials: Names = Field((), alias="材料")
    duration: Duration | None = Field(None, alias="时长")
    citations: Citations = Field((), alias="依据")


_UNSETTLED = "待核"


class CostEntry(Entry):
    """一项价款、税、费或收入；payer 是谁出，没有出处的写“待核”，多半是谁写在“待核”后面的括号里。

    谁出与内容凭的不是同一处依据时，谁出的另写在“谁出依据”里，免得一处可靠的依据替另一处作保。
    """

    item: str = Field(alias="项目")
    text: str = Field(alias="内容")
    kind: Literal["价款", "税", "费", "收入", ""] = Field("", alias="类")
    payer: str = Field("", alias="谁出")
    citations: Citations = Field((), alias="依据")
    payer_citations: Citations = Field((), alias="谁出依据")

    @property
    def payer_unsettled(self) -> bool:
        """谁出还没有出处。"""
        return not self.payer or self.payer.startswith(_UNSETTLED)

    @property
    def payer_hint(self) -> str:
        """没有出处时多半是谁、到哪里看；有出处的为空。

        >>> CostEntry.model_validate({"项目": "甲", "内容": "乙", "谁出": "待核（多为丙）"}).payer_hint
        '多为丙'
        """
        return self.payer.removeprefix(_UNSETTLED).strip("（）") if self.payer_unsettled else ""

    @property
    def payer_bases(self) -> tuple[CitationEntry, ...]:
        """谁出凭的依据：另写了的用另写的。"""
        return self.payer_citations or self.citations


class RiskEntry(Entry):
    """一项风险与防范。"""

    risk: str = Field(alias="风险")
    guard: str = Field("", alias="防范")
    citations: Citations = Field((), alias="依据")


class TodoEntry(Entry):
    """一项程序性义务：缺了不否决方案，但要办。"""

    item: str = Field(alias="事项")
    citations: Citations = Field((), alias="依据")


class ToolPlaybook(Entry):
    """一个工具怎么办。"""

    name: str = Field(alias="名称")
    approver: str = Field(alias="批准主体")
    lead: str = Field(alias="牵头")
    partners: Names = Field((), alias="协同")
    steps: tuple[StepEntry, ...] = Field(alias="步骤")
    duration: Duration | None = Field(None, alias="总时长")
    costs: tuple[CostEntry, ...] = Field((), alias="价款税费")
    risks: tuple[RiskEntry, ...] = Field((), alias="风险")
    todos: tuple[TodoEntry, ...] = Field((), alias="待办")
    source: str = Field("", alias="来源")


class CaseTool(Entry):
    """案例里实际用到的一个工具与出处短引。"""

    id: ToolName
    quote: str
    note: str = ""


class Figure(Entry):
    """案例里的一个数。"""

    name: str
    value: str
    unit: str = ""
    quote: str
    when: Literal["前", "后"] | None = None


class CaseBasis(Entry):
    """案例文中所引文件，照印。"""

    title: str = ""
    number: str = ""
    code: str = ""
    as_printed: str = ""
    note: str = ""


class CaseFile(Entry):
    """案例文件。"""

    id: str
    parent: str = ""
    title: str
    collection: str = ""
    province: str
    city: str = ""
    county: str = ""
    background: str = ""
    facts: FactValues
    fact_quotes: Annotated[Mapping[str, str], Among("事实")] = {}
    tools: tuple[CaseTool, ...]
    sequence: tuple[ToolName, ...] = ()
    figures: tuple[Figure, ...] = ()
    steps: tuple[str, ...] = ()
    basis: tuple[CaseBasis, ...] = ()
    outcome: str = ""
    lessons: Names = ()
    caveats: Names = ()
    contradictions: Names = ()
    misprints: Names = ()


class Case(Frozen):
    """一个案例：文件内容、核对过的再开发之前事实、实际所用工具。"""

    file: CaseFile
    facts: Mapping[str, FactValue]
    tools: tuple[str, ...]

    @property
    def id(self) -> str:
        """案例编号。"""
        return self.file.id

    @property
    def sequence(self) -> tuple[str, ...]:
        """实际所用工具，照实施先后；文中没写先后的照列出的次序。"""
        ordered = tuple(dict.fromkeys(name for name in self.file.sequence if name in self.tools))
        return (*ordered, *(name for name in self.tools if name not in ordered))

    @property
    def family(self) -> str:
        """主案编号；子案与主案同源。"""
        return self.file.id[:3]


class Playbook:
    """playbooks/ 的全部内容；案例在第一次用到时才读。"""

    def __init__(self, root: Path, vocabulary: Vocabulary, tools: tuple[str, ...]) -> None:
        self.root, self._vocabulary, self._tools = root, vocabulary, tools
        self._cases: tuple[Case, ...] | None = None
        self._playbooks: dict[str, ToolPlaybook | None] = {}

    @property
    def cases(self) -> tuple[Case, ...]:
        """全部案例，按编号。

        Raises:
            RulePackError: 案例文件写错。
        """
        if self._cases is None:
            self._cases = self._read_cases()
        return self._cases

    def case(self, case_id: str) -> Case:
        """按编号取案例。"""
        for case in self.cases:
            if case.id == case_id:
                return case
        raise InputError("", f"案例库里没有“{case_id}”", fix="编号如 H09、N03a")

    def tool(self, name: str) -> ToolPlaybook | None:
        """一个工具怎么办；还没有写的为 None。"""
        if name not in self._playbooks:
            problems = Problems()
            path = self.root / "tools" / f"{name}.yaml"
            read = read_model(path, self.root, ToolPlaybook, problems) if path.is_file() else None
            if problems.found:
                raise RulePackError(problems.found)
            self._playbooks[name] = read[0] if read else None
        return self._playbooks[name]

    def _read_cases(self) -> tuple[Case, ...]:
        problems = Problems()
        cases: list[Case] = []
        for path in sorted((self.root / "cases").glob("*.yaml")):
            read = read_model(path, self.root, CaseFile, problems)
            if read is not None:
                case = self._case(*read, problems)
                if case is not None:
                    cases.append(case)
        if problems.found:
            raise RulePackError(problems.found)
        return tuple(cases)

    def _case(self, file: CaseFile, source: Source, problems: Problems) -> Case | None:
        for index, tool in enumerate(file.tools):
            if tool.id not in self._tools:
                problems.add(source.place("tools", index), f"“{tool.id}”没有这个工具", "改成 rules/tools/ 里有的名称")
        try:
            line_of = source.data["facts"].line_of
            facts = read_facts(file.facts, self._vocabulary, source.label, line_of)
            return Case(file=file, facts=facts, tools=tuple(tool.id for tool in file.tools))
        except InputError as problem:
            problems.add(problem.where, problem.found, problem.fix)
            return None
