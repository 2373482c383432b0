"""随机的规则包与地块：供性质测试用。"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from advisor.consistency import CONTRADICTION, contradictions
from advisor.policy import Article, Policy, Region, Regions, Register
from advisor.rulepack.assembling import Assembler
from advisor.rulepack.model import RulePack
from advisor.rulepack.reading import Problems, Source
from advisor.rulepack.schema import ObstaclesFile, RelationsFile, ToolEntry
from advisor.vocabulary import Fact, FactValue, Kind, Vocabulary
from advisor.yamlsource import Lines

VOCABULARY = Vocabulary(
    [
        Fact(name="省", kind=Kind.CHOICE, group="甲", options=("东", "西", "北")),
        *(Fact(name=f"是{i}", kind=Kind.BOOL, group="甲") for i in range(4)),
        Fact(name="数0", kind=Kind.NUMBER, group="甲", unit="亩"),
        Fact(name="数1", kind=Kind.NUMBER, group="甲", unit="亩"),
    ]
)
CITATIONS = ("A1", "D1", "L1", "E1")


def _policy(code: str, region: str, confidence: str, expires: str | None = None) -> Policy:
    return Policy.model_validate(
        {
            "code": code, "title": code, "number": "", "level": "法律", "region": region, "effective": None,
            "expires": expires, "trial": False, "standing": "现行", "superseded_by": (), "confidence": confidence,
            "gist": "", "articles": (Article(number="1", confidence="retrieved"),), "note": "",
        }
    )  # fmt: skip


def without_contradictions(pack: RulePack, facts: dict[str, FactValue]) -> dict[str, FactValue]:
    """去掉说不通的，只留合得上的事实。"""
    kept = dict(facts)
    while wrong := [item for item in contradictions(pack, kept) if item.severity == CONTRADICTION]:
        for item in wrong:
            kept.pop(list(item.facts)[-1], None)
    return kept


numbers = st.decimals(min_value=0, max_value=50, places=2)


@st.composite
def conditions(draw: st.DrawFn, depth: int = 2) -> str:
    """一条随机的条件表达式。"""
    if depth == 0 or draw(st.booleans()):
        kind = draw(st.integers(0, 4))
        if kind == 0:
            return draw(st.sampled_from([f"是{i}" for i in range(4)]))
        if kind == 1:
            return f"省 == '{draw(st.sampled_from(['东', '西', '北']))}'"
        if kind == 2:
            return f"省 {draw(st.sampled_from(['in', 'not in']))} ['东', '北']"
        if kind == 3:
            return f"数0 {draw(st.sampled_from(['<', '<=', '>', '>=', '==', '!=']))} {draw(numbers)}"
        return f"数0 / 数1 * 100 {draw(st.sampled_from(['<=', '>']))} {draw(numbers)}"
    left, right = draw(conditions(depth=depth - 1)), draw(conditions(depth=depth - 1))
    shape = draw(st.sampled_from(["({}) and ({})", "({}) or ({})", "not ({})"]))
    return shape.format(left, right)


@st.composite
def parcels(draw: st.DrawFn) -> dict[str, FactValue]:
    """随机地块，事实可缺。"""
    facts: dict[str, FactValue] = {}
    for fact in VOCABULARY:  # type: ignore[attr-defined]
        if not draw(st.booleans()):
            continue
        value: Any
        if fact.kind is Kind.BOOL:
            value = draw(st.booleans())
        elif fact.kind is Kind.CHOICE:
            value = draw(st.sampled_from(fact.options))
        else:
            value = draw(st.sampled_from(["0", "3.43", "34.3", "10", "20", "49.99"]))
        parsed = fact.parse(value)
        assert parsed is not None
        facts[fact.name] = parsed
    return facts


@st.composite
def _rules(draw: st.DrawFn, kind: str, most: int, least: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "编号": f"{kind}{index}",
            "条件": draw(conditions()),
            "依据": draw(st.lists(st.sampled_from(CITATIONS), min_size=1, max_size=2, unique=True)),
            "地域": draw(st.sampled_from([[], [], ["东部"]])),
            "说明": f"{kind}{index}",
        }
        for index in range(draw(st.integers(least, most)))
    ]


@st.composite
def rule_packs(draw: st.DrawFn) -> RulePack:
    """随机规则包：至多四个工具、两个症结、一条前置关系。"""
    problems = Problems()
    assembler = Assembler(VOCABULARY, problems)
    inside = assembler.expression("省 == '东'", "")
    assert inside is not None
    regions = Regions(
        [
            Region(name="全国", parent="", text="", test=None),
            Region(name="东部", parent="全国", text="", test=inside.test, asks=("省",)),
        ]
    )
    register = Register(
        [
            _policy("A1", "全国", "retrieved"),
            _policy("D1", "全国", "recalled"),
            _policy("L1", "东部", "seed"),
            _policy("E1", "全国", "seed", "2025-12-31"),
        ],
        regions,
    )
    assembler.register = register
    obstacles = [{"名称": f"症结{i}", "条件": draw(conditions()), "依据": ["A1"], "说明": "症结"} for i in range(2)]
    source = Source(Path("症结.yaml"), Path(), Lines())
    assembler.add_obstacles(ObstaclesFile.model_validate({"症结": obstacles}), source)
    for name in ("甲", "乙", "丙", "丁")[: draw(st.integers(1, 4))]:
        circumstances = draw(_rules("情形", 2, 1))
        if draw(st.booleans()):
            circumstances.append({"症结": "症结0"})
        entry = {
            "名称": name, "类别": "试验", "定义": "试验", "解决": ["症结1"],
            "依据": draw(st.lists(st.sampled_from(CITATIONS), min_size=1, max_size=2, unique=True)),
            "情形": circumstances, "要件": draw(_rules("要件", 3)), "排除": draw(_rules("排除", 2)),
            "倾向": draw(_rules("倾向", 1)),
        }  # fmt: skip
        assembler.add_tool(ToolEntry.model_validate(entry), Source(Path(f"{name}.yaml"), Path(), Lines()))
    relations = [{"编号": "R1", "类型": "前置", "工具": "甲", "须先": "乙", "条件": draw(conditions()), "说明": "前置"}]
    if "乙" in assembler.tools:
        assembler.add_relations(RelationsFile.model_validate({"关系": relations}), source)
    assert not problems.found, problems.found
    return RulePack(
        version="试验", sha256="", vocabulary=VOCABULARY, derived={}, register=register, gates={},
        obstacles=assembler.obstacles, tools=assembler.tools, relations=tuple(assembler.relations), taxonomies={},
    )  # fmt: skip
