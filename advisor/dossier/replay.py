"""评估的留存与重放：同一版规则包、手册与留存的事实，多年以后结果逐字节相同。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from advisor import __version__
from advisor.assess import Advisor
from advisor.assessment import Assessment
from advisor.dossier.reading import Reading, read_answers
from advisor.dossier.record import Dossier, Kept
from advisor.dossier.values import written
from advisor.errors import InputError
from advisor.parcel import Parcel
from advisor.rulepack.loading import fingerprint
from advisor.vocabulary import FactValue


@dataclass(frozen=True)
class Replay:
    """一次重放：留存的、重算的，是否逐字节相同。"""

    kept: Kept
    recomputed: str

    @property
    def same(self) -> bool:
        """逐字节相同。"""
        return self.recomputed.encode("utf-8") == self.kept.result.encode("utf-8")


def assess_dossier(
    dossier: Dossier, advisor: Advisor, as_of: date, taxonomy: str = ""
) -> tuple[Assessment, Kept, Reading]:
    """按当前答案评估一卷；留存的次数由库来编。"""
    reading = read_answers(dossier.changes, advisor.pack)
    result, kept = assess_facts(dossier.name, reading.facts, advisor, as_of, taxonomy)
    return result, kept, reading


def assess_facts(
    name: str, facts: Mapping[str, FactValue], advisor: Advisor, as_of: date, taxonomy: str = ""
) -> tuple[Assessment, Kept]:
    """评估一组事实，连同可留存的一份。"""
    ordered = advisor.pack.vocabulary.ordered(facts)
    result = advisor.assess([Parcel(name=name, facts=ordered)], as_of, taxonomy=taxonomy)
    return result, Kept(
        no=0,
        name=name,
        as_of=as_of.isoformat(),
        taxonomy=taxonomy,
        program=__version__,
        rules_version=advisor.pack.version,
        rules_sha256=advisor.pack.sha256,
        playbooks_sha256=playbooks_sha256(advisor),
        facts={fact: written(value) for fact, value in ordered.items()},
        result=result.model_dump_json(),
    )


def replay(kept: Kept, advisor: Advisor) -> Replay:
    """用留存时的那一版重算。

    Raises:
        InputError: advisor 不是留存时那一版规则包或手册；说明要哪一版。
    """
    wanted = (
        ("规则包", "--rules", kept.rules_sha256, advisor.pack.sha256, f"{kept.rules_version} "),
        ("手册", "--playbooks", kept.playbooks_sha256, playbooks_sha256(advisor), ""),
    )
    for what, option, then, now, version in wanted:
        if then != now:
            raise InputError(
                f"第 {kept.no} 次评估",
                f"当时用的{what}是 {version}（sha256 {then[:12]}…），这里的是 {now[:12]}…，不能逐字节重放",
                fix=f"用 {option} 指到当时那一版{what}的文件夹；想看新版改了什么，用 advisor dossier diff",
            )
    return Replay(kept, recomputed(kept, advisor)[0].model_dump_json())


def recomputed(kept: Kept, advisor: Advisor) -> tuple[Assessment, Reading]:
    """用 advisor 的规则包重算留存的那组事实，基准日、地方口径照旧；旧事实名按登记换成现在的。"""
    reading = read_answers(kept.facts.items(), advisor.pack)
    taxonomy = kept.taxonomy if kept.taxonomy in advisor.pack.taxonomies else ""
    result, _ = assess_facts(kept.name, reading.facts, advisor, date.fromisoformat(kept.as_of), taxonomy)
    return result, reading


def playbooks_sha256(advisor: Advisor) -> str:
    """手册的 SHA-256：案例影响排序与方案，所以也要记。"""
    return fingerprint(advisor.playbook.root)[1]


def chosen(dossier: Dossier, no: int | None) -> Kept:
    """第 no 次评估；不指明就取最近一次。

    Raises:
        InputError: 还没有评估过，或没有这一次。
    """
    where = f"案卷“{dossier.number}”"
    if not dossier.assessments:
        raise InputError(where, "还没有评估过", fix=f"先 advisor dossier assess {dossier.number}")
    if no is None:
        return dossier.assessments[-1]
    for kept in dossier.assessments:
        if kept.no == no:
            return kept
    known = "、".join(str(kept.no) for kept in dossier.assessments)
    raise InputError(where, f"没有第 {no} 次评估", allowed=known, fix="从中选一个")
