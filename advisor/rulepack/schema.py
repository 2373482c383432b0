"""rules/ 各文件的结构：键是中文，写错键、缺键、值不合都会指到行。"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from advisor.policy import Confidence
from advisor.rulepack.listing import Among, Cited, OneOrMany


def _yes_no(value: object) -> object:
    return {"是": True, "否": False}.get(value, value) if isinstance(value, str) else value


def _listed(value: object) -> object:
    return [] if value is None else [value] if isinstance(value, (str, dict)) else value


YesNo = Annotated[bool, BeforeValidator(_yes_no), WithJsonSchema({"enum": ["是", "否", True, False]})]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed), OneOrMany()]
FactName = Annotated[str, Among("事实")]
FactNames = Annotated[Names, Among("事实")]
FactValues = Annotated[dict[str, Any], Among("事实与值")]
Condition = Annotated[str, Among("条件")]
RegionName = Annotated[str, Among("地域")]
RegionNames = Annotated[Names, Among("地域")]
GateName = Annotated[str, Among("闸门")]
GateNames = Annotated[Names, Among("闸门")]
ObstacleName = Annotated[str, Among("症结")]
ObstacleNames = Annotated[Names, Among("症结")]
ToolName = Annotated[str, Among("工具")]
ToolNames = Annotated[Names, Among("工具")]
PolicyCodes = Annotated[Names, Among("依据代码")]


class Entry(BaseModel):
    """一条数据：不认识的键即错。"""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, validate_by_name=False)


class CitationEntry(Entry):
    """带置信的引用；只写代码时可以直接写成一个词。"""

    label: Annotated[str, Among("依据")] = Field(alias="引")
    confidence: Confidence | None = Field(None, alias="置信")


def _citations(value: object) -> object:
    items = _listed(value)
    return [{"引": item} if isinstance(item, str) else item for item in items] if isinstance(items, list) else items


Citations = Annotated[tuple[CitationEntry, ...], BeforeValidator(_citations), Cited()]


class ProofEntry(Entry):
    """查证途径。"""

    channel: Literal["查权属", "验合同", "核文件", "察实地"] = Field(alias="渠道")
    document: str = Field(alias="材料")
    department: str = Field(alias="部门")


class ActionEntry(Entry):
    """可以靠办一件事改变的，办什么、谁来办。"""

    what: str = Field(alias="做什么")
    who: str = Field(alias="谁来办")


class FactEntry(Entry):
    """词表里的一条事实。"""

    name: str = Field(alias="名称")
    kind: Literal["单选", "是否", "数值", "日期", "文字"] = Field(alias="类型")
    options: tuple[str, ...] = Field((), alias="选项")
    aliases: dict[str, str] = Field({}, alias="别名")
    suffixes: tuple[str, ...] = Field((), alias="简称去掉")
    kept_suffixes: tuple[str, ...] = Field((), alias="简称保留")
    unit: str = Field("", alias="单位")
    minimum: Decimal | None = Field(None, alias="最小")
    maximum: Decimal | None = Field(None, alias="最大")
    integer: YesNo = Field(False, alias="整数")
    question: str = Field(alias="问法")
    help: str = Field(alias="说明")
    why: str = Field(alias="为何问")
    proof: ProofEntry = Field(alias="查证")
    cost: int = Field(2, alias="知悉成本", ge=1, le=3)
    usual: YesNo | None = Field(None, alias="常态")
    mutability: Literal["固定", "办理"] = Field("固定", alias="可变")
    action: ActionEntry | None = Field(None, alias="办理")


class FactGroup(Entry):
    """一组事实。"""

    name: str = Field(alias="名称")
    facts: tuple[FactEntry, ...] = Field(alias="事实")


class FactsFile(Entry):
    """facts.yaml。"""

    version: str = Field("1", alias="版本")
    groups: tuple[FactGroup, ...] = Field(alias="分组")


class RenameEntry(Entry):
    """一个事实改了名。"""

    old: str = Field(alias="旧")
    new: FactName = Field(alias="新")
    since: str = Field("", alias="自")


class RetirementEntry(Entry):
    """一个事实退役。"""

    fact: str = Field(alias="事实")
    reason: str = Field(alias="原因")
    since: str = Field("", alias="自")


class RenamedFile(Entry):
    """renamed.yaml。"""

    renames: tuple[RenameEntry, ...] = Field((), alias="改名")
    retirements: tuple[RetirementEntry, ...] = Field((), alias="退役")


class ArticleEntry(Entry):
    """依据的一条。"""

    number: str = Field("", alias="条")
    confidence: Confidence = Field(alias="置信")
    gist: str = Field("", alias="要点")


class PolicyEntry(Entry):
    """一份依据。"""

    code: str = Field(alias="代码")
    title: str = Field(alias="名称")
    number: str = Field("", alias="文号")
    level: Literal[
        "法律", "行政法规", "司法解释", "部门规章", "国家规范性文件",
        "地方性法规", "地方政府规章", "地方规范性文件", "典型案例",
    ] = Field(alias="层级")  # fmt: skip
    region: RegionName = Field(alias="地域")
    effective: date | None = Field(None, alias="生效")
    expires: date | None = Field(None, alias="失效")
    trial: YesNo = Field(False, alias="试行")
    standing: Literal["现行", "待核", "未生效"] = Field("现行", alias="时效")
    superseded_by: PolicyCodes = Field((), alias="被替代")
    confidence: Confidence = Field(alias="置信")
    gist: str = Field("", alias="要点")
    articles: tuple[ArticleEntry, ...] = Field((), alias="条款")
    note: str = Field("", alias="备注")


class PoliciesFile(Entry):
    """policies/*.yaml。"""

    policies: tuple[PolicyEntry, ...] = Field(alias="依据")


class RegionEntry(Entry):
    """地域树的结点。"""

    name: str = Field(alias="名称")
    parent: RegionName = Field("", alias="上级")
    expression: Condition = Field("", alias="条件")
    text: str = Field("", alias="说明")


class RegionsFile(Entry):
    """regions.yaml。"""

    regions: tuple[RegionEntry, ...] = Field(alias="地域")


class DerivedEntry(Entry):
    """推导事实：由别的事实算出，不直接问。"""

    name: str = Field(alias="名称")
    kind: Literal["是否", "数值"] = Field(alias="类型")
    unit: str = Field("", alias="单位")
    expression: Condition = Field(alias="公式")
    citations: Citations = Field((), alias="依据")
    text: str = Field(alias="说明")


class DerivedFile(Entry):
    """derived.yaml。"""

    derived: tuple[DerivedEntry, ...] = Field(alias="推导")


class ObstacleEntry(Entry):
    """症结：卡在哪里。"""

    name: str = Field(alias="名称")
    expression: Condition = Field(alias="条件")
    citations: Citations = Field(alias="依据")
    text: str = Field(alias="说明")


class ObstaclesFile(Entry):
    """obstacles.yaml。"""

    obstacles: tuple[ObstacleEntry, ...] = Field(alias="症结")


class ConditionEntry(Entry):
    """一条条件；也可以只写 闸门: 名称 或 症结: 名称 引用写好的。"""

    id: str = Field("", alias="编号")
    expression: Condition = Field("", alias="条件")
    gate: GateName = Field("", alias="闸门")
    obstacle: ObstacleName = Field("", alias="症结")
    regions: RegionNames = Field((), alias="地域")
    citations: Citations = Field((), alias="依据")
    text: str = Field("", alias="说明")
    remedy: str = Field("", alias="解锁")
    denominator: str = Field("", alias="分母")


class GateEntry(Entry):
    """通用闸门：写一次，各工具引用。"""

    id: str = Field(alias="名称")
    kind: Literal["要件", "排除"] = Field(alias="性质")
    expression: Condition = Field(alias="条件")
    regions: RegionNames = Field((), alias="地域")
    citations: Citations = Field(alias="依据")
    text: str = Field(alias="说明")
    remedy: str = Field("", alias="解锁")
    source: str = Field("", alias="出处")


class GatesFile(Entry):
    """gates.yaml。"""

    gates: tuple[GateEntry, ...] = Field(alias="闸门")


class AlternativeEntry(Entry):
    """走不通时的替代：怎么办、改走哪个工具、为此要变的事实。"""

    how: str = Field(alias="办法")
    tool: ToolName = Field("", alias="改走")
    change: FactValues = Field({}, alias="改变")


class ToolEntry(Entry):
    """一个处置工具。"""

    name: str = Field(alias="名称")
    category: str = Field(alias="类别")
    definition: str = Field(alias="定义")
    uncoded: YesNo = Field(False, alias="规则未编")
    resolves: ObstacleNames = Field((), alias="解决")
    extent: Literal["整宗", "部分", "其余", "程序"] = Field("整宗", alias="范围")
    role: Literal["主", "前置", "后续", "配套"] = Field("主", alias="角色")
    authority: Citations = Field((), alias="依据")
    gates: GateNames = Field((), alias="闸门")
    circumstances: tuple[ConditionEntry, ...] = Field((), alias="情形")
    requirements: tuple[ConditionEntry, ...] = Field((), alias="要件")
    exclusions: tuple[ConditionEntry, ...] = Field((), alias="排除")
    preferences: tuple[ConditionEntry, ...] = Field((), alias="倾向")
    alternatives: tuple[AlternativeEntry, ...] = Field((), alias="替代")
    cautions: tuple[str, ...] = Field((), alias="提示")


class RelationEntry(Entry):
    """工具之间的关系。"""

    id: str = Field(alias="编号")
    kind: Literal["前置", "互斥", "阻断", "先后", "择一", "常组合", "触发"] = Field(alias="类型")
    tools: ToolNames = Field((), alias="工具")
    first: ToolNames = Field((), alias="须先")
    then: ToolNames = Field((), alias="引出")
    expression: Condition = Field("", alias="条件")
    unless: ToolNames = Field((), alias="除非同用")
    citations: Citations = Field((), alias="依据")
    text: str = Field(alias="说明")


class ClassEntry(Entry):
    """地方口径的一类：叫什么、对应哪些工具或症结。"""

    name: str = Field(alias="名称")
    group: str = Field("", alias="组")
    tools: ToolNames = Field((), alias="工具")
    obstacles: ObstacleNames = Field((), alias="症结")
    expression: Condition = Field("", alias="条件")
    quote: str = Field("", alias="出处")
    text: str = Field("", alias="说明")


class TaxonomyFile(Entry):
    """taxonomies/*.yaml：一地自己的分类叫法。"""

    name: str = Field(alias="名称")
    title: str = Field(alias="全称")
    region: RegionName = Field(alias="地域")
    citations: Citations = Field((), alias="依据")
    text: str = Field("", alias="说明")
    classes: tuple[ClassEntry, ...] = Field(alias="类")


class RelationsFile(Entry):
    """relations.yaml。"""

    relations: tuple[RelationEntry, ...] = Field(alias="关系")


class IncompatibilityEntry(Entry):
    """合在一起说不通的几项事实。"""

    id: str = Field(alias="编号")
    expression: Condition = Field(alias="条件")
    severity: Literal["矛盾", "存疑"] = Field(alias="程度")
    citations: Citations = Field((), alias="依据")
    text: str = Field(alias="说明")
    settle: str = Field(alias="怎么定")


class ConsequenceEntry(Entry):
    """由已填的必然推得的事实。"""

    id: str = Field(alias="编号")
    expression: Condition = Field(alias="条件")
    values: FactValues = Field(alias="则", min_length=1)
    citations: Citations = Field((), alias="依据")
    text: str = Field(alias="说明")
    settle: str = Field(alias="怎么定")


class ExemptionEntry(Entry):
    """条件成立时与判定无关、不必问的事实。"""

    id: str = Field(alias="编号")
    expression: Condition = Field(alias="条件")
    facts: FactNames = Field(alias="事实", min_length=1)
    text: str = Field(alias="说明")


class ConsistencyFile(Entry):
    """consistency.yaml。"""

    incompatibilities: tuple[IncompatibilityEntry, ...] = Field((), alias="矛盾")
    consequences: tuple[ConsequenceEntry, ...] = Field((), alias="推得")
    exemptions: tuple[ExemptionEntry, ...] = Field((), alias="不问")


class UnitGroup(Entry):
    """一类量的各种单位，倍数可以写成分数；pure 不空的没有量纲；usual 是提示时列给人看的写法。"""

    name: str = Field(alias="名称")
    units: dict[str, str] = Field(alias="单位", min_length=1)
    pure: str = Field("", alias="纯数")
    usual: Names = Field((), alias="常写")


class UnitsFile(Entry):
    """units.yaml。"""

    groups: tuple[UnitGroup, ...] = Field(alias="量")
