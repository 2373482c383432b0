"""自动作答与问答记录。"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from advisor.interview.core import Interview
from advisor.vocabulary import FactValue, json_value


def unattended(
    interview: Interview, known: Mapping[str, FactValue]
) -> tuple[dict[str, FactValue | None], dict[str, Any]]:
    """用已知事实自动答到没有可问的为止；缺的答“不清楚”。返回答案与记录。

    记录里的 settled_at 是主推方案最后一次变动时已问的题数。
    """
    answers: dict[str, FactValue | None] = {}
    asked: list[dict[str, Any]] = []
    settled_at = 0
    progress = interview.progress(answers)
    plan = progress.plan
    while progress.next is not None:
        name = progress.next.fact
        answers[name] = known.get(name)
        asked.append({"fact": name, "answer": shown(answers[name]), "why": "影响：" + "、".join(progress.next.tools)})
        progress = interview.progress(answers)
        if progress.plan != plan:
            plan, settled_at = progress.plan, len(asked)
    return answers, {"asked": asked, "settled_at": settled_at, "plan": list(plan)}


def shown(value: FactValue | None) -> bool | int | float | str | None:
    """答案写进记录：不清楚写成文字。"""
    return "不清楚" if value is None else json_value(value)


def write_transcript(path: Path, record: Mapping[str, Any]) -> None:
    """写成 JSON。"""
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
