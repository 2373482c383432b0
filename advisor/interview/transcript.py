"""自动作答与问答记录。"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from advisor.interview.core import Interview
from advisor.vocabulary import FactValue, json_value


def unattended(
    interview: Interview, known: Mapping[str, FactValue], thorough: bool = False
) -> tuple[dict[str, FactValue | None], dict[str, Any]]:
    """用已知事实自动作答，缺的答“不清楚”，主推方案定下即停；thorough 则问到没有能改变判定的为止。返回答案与记录。

    记录里的 settled_at 是主推方案最后一次变动时已问的题数，open 是停下时还能改变判定的有几项。
    """
    answers: dict[str, FactValue | None] = {}
    asked: list[dict[str, Any]] = []
    settled_at = 0
    progress = interview.progress(answers, thorough)
    plan = progress.plan
    while progress.next is not None:
        name = progress.next.fact
        answers[name] = known.get(name)
        asked.append({"fact": name, "answer": shown(answers[name]), "why": reason(progress.next.tools)})
        progress = interview.progress(answers, thorough)
        if progress.plan != plan:
            plan, settled_at = progress.plan, len(asked)
    return answers, {"asked": asked, "settled_at": settled_at, "plan": list(plan), "open": progress.remaining}


def reason(tools: tuple[str, ...]) -> str:
    """记录里为何问：答了影响哪些工具。"""
    return "影响：" + "、".join(tools) if tools else "先弄清地块在哪里、是什么局面"


def shown(value: FactValue | None) -> bool | int | float | str | None:
    """答案写进记录：不清楚写成文字。"""
    return "不清楚" if value is None else json_value(value)


def write_transcript(path: Path, record: Mapping[str, Any]) -> None:
    """写成 JSON。"""
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
