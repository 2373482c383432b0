"""速度：每秒评估几宗地、冷启动多久，都在一次运行里量，报与参照解释器的比值。

用法：python -m tests.bench.speed
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from advisor.assess import Advisor
from advisor.evaluation import evaluate_parcel
from advisor.inference import Engine
from advisor.parcel import Parcel
from advisor.playbook import Playbook
from advisor.rulepack import load_rule_pack

ROOT = Path(__file__).resolve().parent.parent.parent
AS_OF = date(2026, 11, 21)
ROUNDS = 5


def seconds(work: Callable[[], object]) -> float:
    """几轮的中位数。"""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    pack = load_rule_pack(ROOT / "rules")
    playbook = Playbook(ROOT / "playbooks", pack.vocabulary, tuple(pack.tools))
    forward, plain = Advisor(pack, playbook), Advisor(pack, playbook, forward=False)
    parcels = [Parcel(name=case.id, facts=case.facts) for case in playbook.cases[:30]]
    engines = [Engine(forward.engine.network, forward=chosen) for chosen in (True, False)]
    count = len(parcels)

    def infer(engine: Engine) -> None:
        for parcel in parcels:
            evaluate_parcel(pack, engine, parcel.facts, AS_OF)

    infer(engines[0])
    with_engine, without = (seconds(lambda e=e: infer(e)) / count for e in engines)  # type: ignore[misc]
    whole_engine = seconds(lambda: forward.assess(parcels, AS_OF)) / count
    whole_plain = seconds(lambda: plain.assess(parcels, AS_OF)) / count
    sample = str(ROOT / "playbooks" / "samples" / "示例地块.yaml")
    command = [sys.executable, "-m", "advisor", "assess", sample, "--format", "json"]
    cold = seconds(lambda: subprocess.run(command, capture_output=True, check=True, cwd=ROOT))
    bare = seconds(lambda: subprocess.run([sys.executable, "-c", "import advisor"], check=True, cwd=ROOT))
    print(f"地块 {count} 宗，{ROUNDS} 轮取中位数")
    print(
        f"只推理：durable_rules {with_engine * 1000:.1f} ms/宗，参照 {without * 1000:.1f} ms/宗，比值 {with_engine / without:.1f}"
    )
    print(
        f"整次 assess：{whole_engine * 1000:.0f} ms/宗（{1 / whole_engine:.1f} 宗/秒），换参照解释器 {whole_plain * 1000:.0f} ms/宗，比值 {whole_engine / whole_plain:.2f}"
    )
    print(f"冷启动 advisor assess：{cold:.2f} s，对空启动 Python {bare:.2f} s 的比值 {cold / bare:.1f}")


if __name__ == "__main__":
    main()
