"""评估结果：冻结的领域对象，字段即对外 JSON 的字段。"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from advisor.evaluation import Verdict
from advisor.truth import Status
from advisor.vocabulary import Frozen

JsonValue = bool | int | float | str | None


class BasisView(Frozen):
    """一处依据：标题、文号、条款、置信、在基准日的状态、地域。"""

    code: str
    title: str
    number: str
    article: str
    level: str
    confidence: str
    status: str
    region: str
    in_region: str
    text: str = ""


class ConditionView(Frozen):
    """一条条件的判断。排除类“满足”即触发、否决。"""

    id: str
    kind: str
    text: str
    meaning: str
    status: Status
    facts: Mapping[str, JsonValue]
    basis: tuple[BasisView, ...]
    notes: tuple[str, ...] = ()
    remedy: str = ""
    denominator: str = ""


class SilentView(Frozen):
    """在此地、此日不作数的条件与原因。"""

    id: str
    kind: str
    text: str
    why: str
    basis: tuple[BasisView, ...]


class UnlockView(Frozen):
    """使工具变为适用的最小改变：改哪几个事实、怎么办。"""

    change: Mapping[str, JsonValue]
    how: str
    nature: str
    instead: str = ""


class ToolView(Frozen):
    """一个工具的判定。"""

    id: str
    category: str
    verdict: Verdict
    reason: str | None
    rank: int
    note: str
    conditions: tuple[ConditionView, ...]
    silent: tuple[SilentView, ...]
    unlock: tuple[UnlockView, ...]
    precedents: tuple[str, ...]
    resolves: tuple[str, ...]
    cautions: tuple[str, ...]


class ObstacleView(Frozen):
    """一个症结。"""

    id: str
    status: Literal["成立", "待核实"]
    text: str
    because: tuple[str, ...]


class PlanStepView(Frozen):
    """方案里的一步。"""

    tool: str
    verdict: str
    resolves: tuple[str, ...]
    why: str
    open: tuple[str, ...]


class PlanView(Frozen):
    """一个工具组合：次序、解决的症结、还开着的条件、先要核实的事实。"""

    rank: int
    steps: tuple[str, ...]
    resolves: tuple[str, ...]
    open: tuple[str, ...]
    unresolved: tuple[str, ...]
    verify_first: tuple[str, ...]
    details: tuple[PlanStepView, ...]
    used_in: tuple[str, ...]
    tradeoff: str


class PrecedentView(Frozen):
    """一个相近的案例：哪里同、哪里不同。"""

    id: str
    title: str
    score: float
    tools: tuple[str, ...]
    same: tuple[str, ...]
    different: tuple[str, ...]
    unknown: tuple[str, ...]
    bases: tuple[str, ...]
    caveats: tuple[str, ...]


class QuestionView(Frozen):
    """还值得问的一个事实。"""

    fact: str
    question: str
    why: str
    affects: tuple[str, ...]
    channel: str
    document: str
    department: str


class TraceView(Frozen):
    """推理轨迹的一步。"""

    joint: str
    inputs: Mapping[str, Status]
    result: Status


class LocalClassView(Frozen):
    """地方口径的一类，在这宗地上对得上哪些工具、症结。"""

    name: str
    group: str
    status: Literal["对得上", "待核实"]
    tools: tuple[str, ...]
    obstacles: tuple[str, ...]


class TaxonomyView(Frozen):
    """用一地自己的叫法看这宗地；只换说法，不改判定。"""

    name: str
    title: str
    classes: tuple[LocalClassView, ...]


class ConflictView(Frozen):
    """几项填写合在一起说不通：各自的值、为什么、怎么定、到哪里核。"""

    id: str
    severity: Literal["矛盾", "存疑"]
    facts: Mapping[str, JsonValue]
    shown: tuple[str, ...]
    text: str
    settle: str
    proofs: tuple[str, ...]
    basis: tuple[str, ...]


class InferredView(Frozen):
    """由已填的推得的一项：值、由哪几项推得、凭什么。"""

    fact: str
    value: JsonValue
    shown: str
    because: tuple[str, ...]
    text: str


class ParcelView(Frozen):
    """一宗地的评估。facts 是已填的，inferred 是由它们推得的，两样都用来判定。"""

    name: str
    facts: Mapping[str, JsonValue]
    conflicts: tuple[ConflictView, ...]
    inferred: tuple[InferredView, ...]
    derived: Mapping[str, JsonValue]
    obstacles: tuple[ObstacleView, ...]
    tools: tuple[ToolView, ...]
    plans: tuple[PlanView, ...]
    precedents: tuple[PrecedentView, ...]
    questions: tuple[QuestionView, ...]
    taxonomy: TaxonomyView | None
    trace: tuple[TraceView, ...]


class RulePackView(Frozen):
    """规则包的版本与哈希。"""

    version: str
    sha256: str


class Assessment(Frozen):
    """一次评估。"""

    rule_pack: RulePackView
    as_of: str
    parcels: tuple[ParcelView, ...]
