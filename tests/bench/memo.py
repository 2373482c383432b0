"""草案的速度：每秒几份 md、几份 docx；docx 另与裸 docxtpl 渲染同一模板比。都在一次运行里量。

用法：python -m tests.bench.memo
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from advisor.assess import Advisor
from advisor.memo import build_memo
from advisor.memo.rendering import picture, render_docx, render_text
from advisor.parcel import Parcel
from advisor.playbook import Playbook
from advisor.rulepack import load_rule_pack
from tests.bench.speed import seconds

ROOT = Path(__file__).resolve().parent.parent.parent
AS_OF = date(2026, 11, 21)
COUNT = 12


def main() -> None:
    pack = load_rule_pack(ROOT / "rules")
    advisor = Advisor(pack, Playbook(ROOT / "playbooks", pack.vocabulary, tuple(pack.tools)))
    templates = ROOT / "playbooks" / "templates"
    results = [
        advisor.assess([Parcel(name=case.id, facts=case.facts)], AS_OF) for case in advisor.playbook.cases[:COUNT]
    ]
    memos = [build_memo(result.parcels[0], result, advisor) for result in results]

    def compose() -> None:
        for result in results:
            build_memo(result.parcels[0], result, advisor)

    def markdown() -> None:
        for result in results:
            render_text(build_memo(result.parcels[0], result, advisor), templates, "md")

    def word() -> None:
        picture.cache_clear()
        for result in results:
            render_docx(build_memo(result.parcels[0], result, advisor), templates)

    def only_word() -> None:
        for memo in memos:
            render_docx(memo, templates)

    def bare(folder: Path) -> None:
        for memo in memos:
            document: Any = DocxTemplate(str(templates / "处置方案.docx"))
            environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
            document.render({"memo": memo, "figure": True}, environment, autoescape=True)
            document.save(str(folder / "裸.docx"))

    markdown()
    word()
    taken = {name: seconds(work) / COUNT for name, work in (("成文", compose), ("md", markdown), ("docx", word))}
    print(f"{COUNT} 份，五轮取中位数；由评估结果起算，不含评估")
    for name, each in taken.items():
        print(f"{name}：{each * 1000:.0f} ms/份，{1 / each:.1f} 份/秒")
    rendered = seconds(only_word) / COUNT
    with TemporaryDirectory() as folder:
        plain = seconds(lambda: bare(Path(folder))) / COUNT
    print(f"只渲染 docx：{rendered * 1000:.0f} ms/份，裸 docxtpl {plain * 1000:.0f} ms/份，比值 {rendered / plain:.2f}")
    print(f"成文加渲染（含画图）对裸 docxtpl：比值 {taken['docx'] / plain:.2f}")


if __name__ == "__main__":
    main()
