"""汇总：地方、工具、症结、地方口径、方案各多少宗多少亩；核查任务按部门归拢。只读判好的片，不重算。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from advisor.rulepack.model import RulePack
from advisor.screening.grading import GRADE, POINTS
from advisor.screening.headers import ID, NAME
from advisor.screening.local_terms import LOCAL
from advisor.screening.running import PLAN, SURE, VERIFY, WORTH, Job, all_results, results
from advisor.screening.tables import ROW
from advisor.screening.verdicts import MET, OBSTACLES, UNSETTLED, VERDICTS, verdict_column, words_of
from advisor.vocabulary import Kind, Vocabulary

RANK = "优先名次"


@dataclass(frozen=True)
class Task:
    """一件核查任务：哪个部门、核实什么、走哪个渠道、看什么材料、哪宗地。"""

    department: str
    fact: str
    channel: str
    document: str
    row: int
    code: str
    name: str


def by_tool(job: Job) -> pl.DataFrame:
    """每个工具：适用、待核实、不具备条件、无此情形各几宗。"""
    lazy, tools = all_results(job), [tool for tool in job.advisor.pack.tools.values() if tool.coded]
    counts = lazy.select(
        (pl.col(verdict_column(tool.name)) == verdict).sum().alias(f"{verdict}\0{tool.name}")
        for tool in tools
        for verdict in VERDICTS.categories
    ).collect(engine="streaming")
    rows = [
        (tool.name, tool.category, *(counts[f"{verdict}\0{tool.name}"][0] for verdict in VERDICTS.categories))
        for tool in tools
    ]
    frame = pl.DataFrame(rows, schema=["工具", "类别", *VERDICTS.categories], orient="row")
    return frame.sort(list(VERDICTS.categories[:2]), descending=True, maintain_order=True)


def by_obstacle(job: Job) -> pl.DataFrame:
    """每个症结：成立、待核实各几宗。"""
    pack = job.advisor.pack
    exprs: list[pl.Expr] = []
    for column, names in words_of(OBSTACLES, list(pack.obstacles)):
        for at, name in enumerate(names):
            code = pl.col(column).cast(pl.Int64) // 4**at % 4
            exprs += [(code == MET).sum().alias(f"成\0{name}"), (code == UNSETTLED).sum().alias(f"疑\0{name}")]
    counts = all_results(job).select(exprs).collect(engine="streaming") if exprs else pl.DataFrame()
    rows = [(n, counts[f"成\0{n}"][0], counts[f"疑\0{n}"][0], rule.text) for n, rule in pack.obstacles.items()]
    schema = {"症结": pl.String, "成立": pl.Int64, "待核实": pl.Int64, "说明": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("成立", descending=True, maintain_order=True)


def by_plan(job: Job) -> pl.DataFrame:
    """每种主推方案几宗，其中几宗每一步都适用。"""
    grouped = (
        all_results(job).group_by(PLAN).agg(pl.len().alias("宗数"), (pl.col(SURE) == "适用").sum().alias("每步都适用"))
    )
    return grouped.sort(["宗数", PLAN], descending=[True, False]).collect(engine="streaming")


def by_county(job: Job) -> pl.DataFrame | None:
    """按地方（位置事实里最细的文字列）几宗、几宗有每步都适用的方案；表里没有位置列的为 None。"""
    place = place_columns(job)
    if not place:
        return None
    found = [pl.len().alias("宗数")]
    if job.plans:
        found.append((pl.col(SURE) == "适用").sum().alias("方案每步都适用"))
        found.append((pl.col(SURE) == "待核实").sum().alias("方案待核实"))
    return (
        all_results(job)
        .group_by(place)
        .agg(found)
        .sort("宗数", *place, descending=[True, *[False] * len(place)])
        .collect(engine="streaming")
    )


def by_local_class(job: Job) -> pl.DataFrame | None:
    """地方口径各类几宗。"""
    if not job.taxonomy:
        return None
    counts: Counter[str] = Counter()
    for text, number in all_results(job).group_by(LOCAL).len().collect(engine="streaming").iter_rows():
        for name in (text or "对不上").split("、"):
            counts[name] += number
    return pl.DataFrame(counts.most_common(), schema={LOCAL: pl.String, "宗数": pl.Int64}, orient="row")


def by_grade(job: Job) -> pl.DataFrame:
    """亩均评价各档几宗；方案的名称与是不是示例写在旁边。"""
    assert job.scheme is not None
    grouped = (
        all_results(job).group_by(GRADE).agg(pl.len().alias("宗数"), pl.col(POINTS).mean().round(1).alias("平均分"))
    )
    return (
        grouped.sort(GRADE)
        .with_columns(pl.lit(job.scheme.title).alias("方案"), pl.lit(job.scheme.file.text).alias("说明"))
        .collect(engine="streaming")
    )


def place_columns(job: Job) -> list[str]:
    """表里说明位置的单选、文字列，由大到小。"""
    asked = job.advisor.pack.register.regions.asked
    kinds = (Kind.CHOICE, Kind.TEXT)
    named = [fact.name for fact in job.advisor.pack.vocabulary if fact.name in asked and fact.kind in kinds]
    return [name for name in named if job.matched.find(name)]


def size_column(job: Job) -> str:
    """说明地块大小的事实列，用来在同等把握里排先后；表里没有为空。"""
    name = job.headers.file.size
    return name if job.matched.find(name) else ""


def ranks(job: Job) -> pl.DataFrame:
    """行号 → 优先名次：方案有把握、能解决的症结多、还开着的条件少的在前；同等的看面积。"""
    size = size_column(job)
    columns = [ROW, WORTH, *([size] if size else [])]
    order = all_results(job).select(columns).sort(
        WORTH, *([size] if size else []), ROW, descending=[True, *([True] if size else []), False], nulls_last=True
    )  # fmt: skip
    return order.select(ROW).with_row_index(RANK, offset=1).collect(engine="streaming")


def tasks(job: Job) -> Iterator[Task]:
    """逐宗的核查任务，行序。"""
    vocabulary = job.advisor.pack.vocabulary
    for part in results(job):
        for row, code, name, verify in part.select(ROW, ID, NAME, VERIFY).iter_rows():
            for fact in filter(None, verify.split("、")):
                yield task(vocabulary, fact, row, code, name)


def task(vocabulary: Vocabulary, fact: str, row: int, code: str, name: str) -> Task:
    """一件核查任务。"""
    proof = vocabulary[fact].proof
    department = proof.department if proof else "未写部门"
    return Task(department, fact, proof.channel if proof else "", proof.document if proof else "", row, code, name)


def workload(job: Job) -> pl.DataFrame:
    """各部门要核实的各事项几宗。"""
    counts: Counter[str] = Counter()
    for text, number in all_results(job).group_by(VERIFY).len().collect(engine="streaming").iter_rows():
        for fact in filter(None, text.split("、")):
            counts[fact] += number
    found = [(task(job.advisor.pack.vocabulary, fact, 0, "", ""), number) for fact, number in counts.items()]
    rows = sorted(
        ((item.department, item.fact, number, item.channel, item.document) for item, number in found),
        key=lambda row: (row[0], -row[2], row[1]),
    )
    schema = {"部门": pl.String, "核实事项": pl.String, "宗数": pl.Int64, "渠道": pl.String, "材料": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def codebook(pack: RulePack) -> dict[str, object]:
    """机器读的结果怎么解：各理由列里每两位是哪条条件。"""
    from advisor.screening.decoding import STATES
    from advisor.screening.verdicts import reason_column, reasons_of

    tools = {}
    for tool in (tool for tool in pack.tools.values() if tool.coded):
        texts = {rule.leaf: {"编号": rule.id, "类": rule.kind, "说明": rule.text} for rule in tool.rules}
        for column, leaves in words_of(reason_column(tool.name), reasons_of(tool)):
            tools[column] = [
                texts.get(leaf, {"编号": "有现行依据", "类": "要件", "说明": "有现行依据"}) for leaf in leaves
            ]
    obstacles = dict(words_of(OBSTACLES, list(pack.obstacles)))
    return {"每条两位": {str(code): text for code, text in STATES.items()}, "理由": tools, "症结": obstacles}
