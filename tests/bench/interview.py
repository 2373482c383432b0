"""问答值不值：照案例作答，问几项停、停下时主推方案对不对、下一问要等多久；并列固定次序与随机次序两个对照。

答案取案例的事实，案例没写的答“不清楚”。对照只问还能改变判定的事实，两种停法都报：用问答自己的停止判据，
或看到主推方案第几问之后不再变（事后才知道，现场没有人能照它停）。

用法：python -m tests.bench.interview [--every N] [--against N] [--without-own]
"""

from __future__ import annotations

import argparse
import math
import platform
import random
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from advisor.assess import Advisor
from advisor.evaluation import evaluate_parcel
from advisor.interview import Interview
from advisor.parcel import Parcel
from advisor.playbook import Case, Playbook
from advisor.rulepack import load_rule_pack
from advisor.vocabulary import FactValue

ROOT = Path(__file__).resolve().parent.parent.parent
AS_OF = date(2026, 11, 21)
SEED = 20261121


@dataclass(frozen=True)
class Run:
    """一场模拟问答：停下时问了几项、主推方案对不对、第几问之后主推方案没有再变、各问等了几秒。"""

    asked: int
    same: bool
    settled: int
    waits: tuple[float, ...] = ()


def guided(interview: Interview, case: Case) -> Run:
    """产品自己的次序与停法。"""
    answers: dict[str, FactValue | None] = {}
    progress = interview.progress(answers)
    plan, settled, waits = progress.plan, 0, []
    while progress.next is not None:
        answers[progress.next.fact] = case.facts.get(progress.next.fact)
        start = time.perf_counter()
        progress = interview.progress(answers)
        waits.append(time.perf_counter() - start)
        if progress.plan != plan:
            plan, settled = progress.plan, len(answers)
    return Run(len(answers), plan == interview.progress(case.facts).plan, settled, tuple(waits))


def ordered(interview: Interview, case: Case, order: Sequence[str]) -> Run:
    """照给定次序问还能改变判定的；记下照产品的判据何时停，再问到没有可问的，看主推方案何时不再变。"""
    whole = interview.progress(case.facts).plan
    answers: dict[str, FactValue | None] = {}
    plan = interview.progress(answers).plan
    settled, stop = 0, None
    while True:
        progress = interview.progress(answers, thorough=stop is not None)
        pending = {question.fact for question in progress.pending}
        if progress.plan != plan:
            plan, settled = progress.plan, len(answers)
        if stop is None and (progress.next is None or not pending):
            stop = (len(answers), plan == whole)
        if stop is not None and not pending:
            return Run(*stop, settled)
        name = next(name for name in order if name in pending)
        answers[name] = case.facts.get(name)


def at(values: Iterable[float], share: float) -> float:
    """分位数，取最近的一个实有值。"""
    line = sorted(values)
    return line[max(0, math.ceil(share * len(line)) - 1)]


def told(name: str, runs: Sequence[Run]) -> str:
    """一行：问数与方案相同的比例。"""
    asked, settled = [run.asked for run in runs], [run.settled for run in runs]
    same = sum(run.same for run in runs)
    return (
        f"{name}：照判据停 问数中位 {statistics.median(asked):g}，九成分位 {at(asked, 0.9)}，最多 {max(asked)}；"
        f"方案相同 {same}/{len(runs)}（{same / len(runs):.1%}）；"
        f"到方案不再变 中位 {statistics.median(settled):g}，九成分位 {at(settled, 0.9)}，最多 {max(settled)}"
    )


def reference(plain: Advisor, cases: Sequence[Case]) -> tuple[float, float]:
    """参照解释器上一宗地的整次评估与只推理，秒，取中位。"""
    whole, only = [], []
    for case in cases:
        start = time.perf_counter()
        plain.assess_one(Parcel(name=case.id, facts=case.facts), AS_OF)
        middle = time.perf_counter()
        evaluate_parcel(plain.pack, plain.engine, case.facts, AS_OF)
        whole.append(middle - start)
        only.append(time.perf_counter() - middle)
    return statistics.median(whole), statistics.median(only)


def main() -> None:
    parser = argparse.ArgumentParser(description="问答基准")
    parser.add_argument("--every", type=int, default=1, help="每 N 案取一案")
    parser.add_argument("--against", type=int, default=4, help="取出的案里每 N 案跑一案对照，0 为不跑对照")
    parser.add_argument("--without-own", action="store_true", help="参照案例去掉本案（同一主案的都去掉）")
    chosen = parser.parse_args()
    pack = load_rule_pack(ROOT / "rules")
    playbook = Playbook(ROOT / "playbooks", pack.vocabulary, tuple(pack.tools))
    advisor, plain = Advisor(pack, playbook), Advisor(pack, playbook, forward=False)
    cases = playbook.cases[:: chosen.every]
    names = pack.vocabulary.names
    interviews: dict[frozenset[str], Interview] = {}
    readied: list[float] = []
    mine: list[Run] = []
    beside: list[Run] = []
    fixed: list[Run] = []
    shuffled: list[Run] = []
    for index, case in enumerate(cases):
        without = frozenset({case.family}) if chosen.without_own else frozenset()
        if without not in interviews:
            start = time.perf_counter()
            interviews[without] = Interview(advisor, AS_OF, without)
            interviews[without].progress({})
            readied.append(time.perf_counter() - start)
        interview = interviews[without]
        mine.append(guided(interview, case))
        if chosen.against and index % chosen.against == 0:
            beside.append(mine[-1])
            fixed.append(ordered(interview, case, names))
            order = random.Random(f"{SEED} {case.id}").sample(names, len(names))
            shuffled.append(ordered(interview, case, order))
    own = "，参照案例去掉本案" if chosen.without_own else ""
    print(f"案例地块 {len(cases)} 宗，词表 {len(names)} 项，案例没写的答“不清楚”{own}")
    print(told("问答", mine))
    waits = [wait for run in mine for wait in run.waits]
    middle, late = statistics.median(waits), at(waits, 0.95)
    assess, infer = reference(plain, cases)
    print(
        f"下一问（本机 {platform.machine()}，Python {platform.python_version()}，{len(waits)} 问）："
        f"中位 {middle * 1000:.0f} ms，九成五 {late * 1000:.0f} ms；开场备料 {statistics.median(readied):.1f} s，一场一次"
    )
    print(
        f"参照解释器：整次评估 {assess * 1000:.0f} ms，只推理 {infer * 1000:.1f} ms；"
        f"下一问中位与之比 {middle / assess:.2f}、{middle / infer:.1f}"
    )
    if beside:
        print(f"对照，同一批 {len(beside)} 宗：")
        for name, runs in (("  问答", beside), ("  固定次序（照词表）", fixed), ("  随机次序", shuffled)):
            print(told(name, runs))


if __name__ == "__main__":
    main()
