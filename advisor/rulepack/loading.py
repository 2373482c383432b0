"""读入整个规则包。任何一处写错都不放行：错在哪个文件哪一行、怎么改，一次说全。"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

from advisor import measures
from advisor.dimension import Family, Units
from advisor.errors import RulePackError
from advisor.measures import Scales
from advisor.policy import Article, Policy, Region, Regions, Register
from advisor.quantity import to_fraction
from advisor.rulepack.assembling import Assembler
from advisor.rulepack.clocks import ClocksFile, assemble_clocks
from advisor.rulepack.coherence import assemble_consistency
from advisor.rulepack.estimate_assembling import assemble_estimates
from advisor.rulepack.estimates import EstimatesFile
from advisor.rulepack.model import ClockBook, Consistency, RulePack
from advisor.rulepack.reading import Problems, Source, read_model
from advisor.rulepack.renaming import read_renaming
from advisor.rulepack.schema import (
    ConsistencyFile,
    DerivedFile,
    FactEntry,
    FactsFile,
    GatesFile,
    ObstaclesFile,
    PoliciesFile,
    PolicyEntry,
    RegionsFile,
    RelationsFile,
    TaxonomyFile,
    ToolEntry,
    UnitsFile,
)
from advisor.vocabulary import Fact, Kind, Proof, Vocabulary


def load_rule_pack(root: Path) -> RulePack:
    """读 root 下的规则包。

    Raises:
        RulePackError: 缺文件、写错键、表达式不通、引用不到、超出推理引擎的限制……；一次列全。
    """
    if not (root / "facts.yaml").is_file():
        raise RulePackError([f"{root}：这里没有规则包（缺 facts.yaml）。改法：用 --rules 指到含 facts.yaml 的文件夹。"])
    problems = Problems()
    units = _units(root, problems)
    vocabulary = _vocabulary(root, units, problems)
    assembler = Assembler(vocabulary, problems)
    if (read := read_model(root / "derived.yaml", root, DerivedFile, problems)) is not None:
        assembler.add_derived(*read)
    regions = _regions(root, assembler, problems)
    register = _register(root, regions, problems)
    renaming = read_renaming(root, vocabulary, problems)
    if problems.found:  # 词表、地域、依据有错时，后面的报错多是连带的，先改这些
        raise RulePackError(problems.found)
    assembler.register = register
    if (gates := read_model(root / "gates.yaml", root, GatesFile, problems)) is not None:
        assembler.add_gates(*gates)
    if (obstacles := read_model(root / "obstacles.yaml", root, ObstaclesFile, problems)) is not None:
        assembler.add_obstacles(*obstacles)
    for path in sorted((root / "tools").glob("*.yaml")):
        assembler.tool_files.add(path.stem)
        if (tool := read_model(path, root, ToolEntry, problems)) is not None:
            assembler.add_tool(*tool)
    assembler.check_alternatives()
    if (relations := read_model(root / "relations.yaml", root, RelationsFile, problems)) is not None:
        assembler.add_relations(*relations)
    for path in sorted((root / "taxonomies").glob("*.yaml")):
        if (taxonomy := read_model(path, root, TaxonomyFile, problems)) is not None:
            assembler.add_taxonomy(*taxonomy)
    clocks = _clocks(root, assembler, problems)
    read_estimates = (
        read_model(path, root, EstimatesFile, problems) for path in sorted((root / "estimates").glob("*.yaml"))
    )
    estimates = assemble_estimates((file for file in read_estimates if file is not None), assembler, units)
    consistency = _consistency(root, assembler, problems)
    if problems.found:
        raise RulePackError(problems.found)
    version, digest = fingerprint(root)
    return RulePack(
        version=version,
        sha256=digest,
        vocabulary=vocabulary,
        derived=assembler.derived,
        register=register,
        gates=assembler.gates,
        obstacles=assembler.obstacles,
        tools=assembler.tools,
        relations=tuple(assembler.relations),
        taxonomies=assembler.taxonomies,
        renaming=renaming,
        clocks=clocks,
        estimates=estimates,
        consistency=consistency,
    )


def fingerprint(root: Path) -> tuple[str, str]:
    """规则包的版本（VERSION 文件）与全部 YAML 的 SHA-256；与文件读出次序、换行方式无关。"""
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.yaml"), key=lambda p: p.relative_to(root).as_posix()):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    version = root / "VERSION"
    return (version.read_text("utf-8").strip() if version.is_file() else "未标版本"), digest.hexdigest()


def _clocks(root: Path, assembler: Assembler, problems: Problems) -> ClockBook:
    """期限；较早的规则包没有这个文件。"""
    if not (root / "clocks.yaml").is_file():
        return ClockBook()
    read = read_model(root / "clocks.yaml", root, ClocksFile, problems)
    return assemble_clocks(assembler, *read) if read is not None else ClockBook()


def _units(root: Path, problems: Problems) -> Units:
    """登记的单位；规则包可以没有这个文件。"""
    path = root / "units.yaml"
    read = read_model(path, root, UnitsFile, problems) if path.is_file() else None
    if read is None:
        return Units()
    file, source = read
    families: list[Family] = []
    seen: set[str] = set()
    for index, group in enumerate(file.groups):
        place = source.place("量", index, "单位")
        table: dict[str, Fraction] = {}
        for spelling, written in group.units.items():
            name, factor = measures.normal(spelling), _factor(written)
            if factor is None:
                problems.add(place, f"单位“{spelling}”的倍数“{written}”不合", "写大于 0 的数或分数，如 2000/3")
            elif name in seen:
                problems.add(place, f"单位“{spelling}”重复", "一种写法只归一类")
            else:
                table[name] = factor
            seen.add(name)
        pure = _factor(group.pure) if group.pure else None
        if group.pure and pure is None:
            problems.add(source.place("量", index), f"纯数“{group.pure}”不合", "写大于 0 的数或分数，如 1/100")
        for spelling in group.usual:
            if table and measures.factor_of(measures.normal(spelling), table) is None:
                problems.add(source.place("量", index), f"常写的“{spelling}”不在这一类", "先写进单位；万、亿可带在前面")
        families.append(Family(table, pure, group.usual))
    return Units(families)


def _factor(written: str) -> Fraction | None:
    above, _, below = written.partition("/")
    top, bottom = to_fraction(above), to_fraction(below or "1")
    return top / bottom if top and bottom and top / bottom > 0 else None


def _vocabulary(root: Path, units: Units, problems: Problems) -> Vocabulary:
    tables = [family.scales for family in units.families]
    read = read_model(root / "facts.yaml", root, FactsFile, problems)
    if read is None:
        raise RulePackError(problems.found)
    file, source = read
    facts: dict[str, Fact] = {}
    for group_index, group in enumerate(file.groups):
        for index, entry in enumerate(group.facts):
            place = source.place("分组", group_index, "事实", index)
            if entry.name in facts:
                problems.add(place, f"事实“{entry.name}”重复", "一条事实只写一处")
            if not entry.name.isidentifier():
                problems.add(place, f"事实名“{entry.name}”含空格或标点", "只用汉字、字母、数字与下划线")
            if (entry.kind == "单选") != bool(entry.options):
                problems.add(place, f"事实“{entry.name}”的选项与类型不配", "单选须列选项，其余类型不列")
            for alias, target in entry.aliases.items():
                if entry.options and target not in entry.options:
                    problems.add(place, f"别名“{alias}”指向的“{target}”不在选项里", "别名须指向一个选项")
            facts[entry.name] = _fact(entry, group.name, tables)
    return Vocabulary(facts.values())


def _fact(entry: FactEntry, group: str, tables: list[Scales]) -> Fact:
    scales = measures.scales_for(entry.unit, tables) if entry.kind == "数值" else {}
    return Fact(
        name=entry.name,
        kind=Kind(entry.kind),
        group=group,
        options=entry.options,
        aliases=entry.aliases,
        suffixes=entry.suffixes,
        kept_suffixes=entry.kept_suffixes,
        unit=entry.unit,
        scales=scales,
        foreign_units=frozenset(spelling for table in tables for spelling in table if spelling not in scales),
        minimum=to_fraction(entry.minimum) if entry.minimum is not None else None,
        maximum=to_fraction(entry.maximum) if entry.maximum is not None else None,
        integer=entry.integer,
        question=entry.question,
        help=entry.help,
        why=entry.why,
        proof=Proof(channel=entry.proof.channel, document=entry.proof.document, department=entry.proof.department),
        cost=entry.cost,
        usual=entry.usual,
        actionable=entry.mutability == "办理",
        action=entry.action.what if entry.action else "",
        actor=entry.action.who if entry.action else "",
    )


def _consistency(root: Path, assembler: Assembler, problems: Problems) -> Consistency:
    """矛盾、推得、不问；规则包可以没有这个文件。"""
    path = root / "consistency.yaml"
    read = read_model(path, root, ConsistencyFile, problems) if path.is_file() else None
    return assemble_consistency(*read, assembler) if read is not None else Consistency()


def _regions(root: Path, assembler: Assembler, problems: Problems) -> Regions:
    read = read_model(root / "regions.yaml", root, RegionsFile, problems)
    if read is None:
        return Regions(())
    file, source = read
    names = {entry.name for entry in file.regions}
    regions: dict[str, Region] = {}
    for index, entry in enumerate(file.regions):
        place = source.place("地域", index)
        if entry.name in regions:
            problems.add(place, f"地域“{entry.name}”重复", "一个地域只写一处")
        if entry.parent and entry.parent not in regions:
            known = "上级要写在下级前面" if entry.parent in names else "先登记上级地域"
            problems.add(place, f"地域“{entry.name}”的上级“{entry.parent}”还没有登记", known)
            continue
        compiled = assembler.expression(entry.expression, place) if entry.expression else None
        regions[entry.name] = Region(
            name=entry.name,
            parent=entry.parent,
            text=entry.text,
            test=compiled.test if compiled else None,
            asks=compiled.asks if compiled else (),
            base=compiled.base if compiled else None,
        )
    return Regions(regions.values())


def _register(root: Path, regions: Regions, problems: Problems) -> Register:
    policies: dict[str, Policy] = {}
    sources: dict[str, str] = {}
    for path in sorted((root / "policies").glob("*.yaml")):
        read = read_model(path, root, PoliciesFile, problems)
        if read is None:
            continue
        file, source = read
        for index, entry in enumerate(file.policies):
            place = source.place("依据", index)
            if entry.code in policies:
                problems.add(place, f"依据代码“{entry.code}”重复，{sources[entry.code]}已有", "换一个代码")
            if entry.region not in regions:
                problems.add(place, f"依据“{entry.code}”的地域“{entry.region}”不在地域树里", "先在 regions.yaml 里登记")
            policies[entry.code], sources[entry.code] = _policy(entry), place
    for code, policy in policies.items():
        for successor in policy.superseded_by:
            if successor not in policies:
                problems.add(sources[code], f"依据“{code}”的被替代“{successor}”没有登记", "先登记替代它的依据")
    return Register(policies.values(), regions)


def _policy(entry: PolicyEntry) -> Policy:
    return Policy(
        code=entry.code,
        title=entry.title,
        number=entry.number,
        level=entry.level,
        region=entry.region,
        effective=entry.effective,
        expires=entry.expires,
        trial=entry.trial,
        standing=entry.standing,
        superseded_by=entry.superseded_by,
        confidence=entry.confidence,
        gist=entry.gist,
        articles=tuple(Article(number=a.number, confidence=a.confidence, gist=a.gist) for a in entry.articles),
        note=entry.note,
    )


__all__ = ["Source", "fingerprint", "load_rule_pack"]
