"""出处：把句子的出处标识变成看得懂的文字，算出所引依据里最弱的可靠程度，列出句子—事实—规则—条款对照。"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property

from advisor.assess import Advisor
from advisor.assessment import Assessment, BasisView, ParcelView
from advisor.citation_text import article_text
from advisor.memo.model import Estimate, Memo, Paragraph, Sentence, Sourced, TableRow, clean
from advisor.memo.outline import read_outline
from advisor.policy import CONFIDENCE_ORDER, CONFIDENCE_TEXT, VERIFIED, Citation, Standing
from advisor.rulepack.schema import CitationEntry
from advisor.vocabulary import FactValue, Frozen


class Sourcing:
    """一宗地一份草案的出处。"""

    def __init__(
        self,
        parcel: ParcelView,
        result: Assessment,
        advisor: Advisor,
        estimates: Sequence[Estimate] = (),
        remarks: Sequence[str] = (),
    ) -> None:
        self.parcel, self.result, self.advisor = parcel, result, advisor
        self.pack, self.playbook = advisor.pack, advisor.playbook
        self.as_of = date.fromisoformat(result.as_of)
        self.estimates = {item.name: item for item in estimates}
        self.remarks = {f"改判{number}": text for number, text in enumerate(remarks, 1)}
        self._resolved: dict[str, str] = {}

    @cached_property
    def facts(self) -> dict[str, FactValue]:
        """已知的词表事实，按词表的类型。"""
        parsed = {name: self.pack.vocabulary[name].parse(value) for name, value in self.parcel.facts.items()}
        return {name: value for name, value in parsed.items() if value is not None}

    def shown(self, name: str) -> str:
        """一个事实或推导事实的值，用户的文字已清洗；不知道的为空。"""
        raw = self.parcel.facts.get(name, self.parcel.derived.get(name))
        if raw is None:
            return ""
        fact = self.pack.fact(name)
        return clean(fact.show(fact.parse(raw)))

    def cite(self, entries: Iterable[CitationEntry]) -> tuple[str, ...]:
        """手册与编排里的引用，写成出处标识。"""
        return tuple(dict.fromkeys(f"依据:{entry.label}" for entry in entries if self._known(entry.label)))

    def _known(self, label: str) -> bool:
        return Citation.read(label).code in self.pack.register

    def weak(self, entries: Sequence[CitationEntry]) -> bool:
        """这些引用没有一处是已核实的现行依据。"""
        standings = [
            self.pack.register.standing(Citation.read(entry.label, entry.confidence), self.facts, self.as_of)
            for entry in entries
            if self._known(entry.label)
        ]
        return not any(item.verified for item in standings)

    def confidence(self, sources: Iterable[str]) -> str:
        """所引依据里最弱的可靠程度；没有引依据的为空。"""
        found = [self._standing(item).confidence for item in sources if item.startswith("依据:")]
        return CONFIDENCE_TEXT[max(found, key=CONFIDENCE_ORDER.index)] if found else ""

    def _standing(self, source: str) -> Standing:
        citation = Citation.read(source.partition(":")[2])
        return self.pack.register.standing(citation, self.facts, self.as_of)

    def sentence(self, text: str, *sources: str) -> Sentence:
        """一句有出处的话。"""
        return Sentence(text=text, sources=tuple(dict.fromkeys(sources)), confidence=self.confidence(sources))

    def paragraph(self, key: str, text: str, *sources: str, heading: str = "") -> Paragraph:
        """只有一句的一段。"""
        return Paragraph(key=key, heading=heading, sentences=(self.sentence(text, *sources),))

    def row(self, key: str, cells: Iterable[str], *sources: str) -> TableRow:
        """一行。"""
        named = tuple(dict.fromkeys(sources))
        return TableRow(key=key, cells=tuple(cells), sources=named, confidence=self.confidence(named))

    def basis_text(self, source: str) -> str:
        """依据的公文写法，没有核实的带记号。"""
        standing = self._standing(source)
        policy = standing.policy
        number = f"（{policy.number}）" if policy.number else ""
        marks = [] if standing.confidence in VERIFIED else [CONFIDENCE_TEXT[standing.confidence]]
        marks += [standing.status] if standing.status != "现行" else []
        marks += [f"只在{policy.region}有效"] if standing.in_region is False else []
        mark = f"〔{'，'.join(marks)}〕" if marks else ""
        return f"《{policy.title}》{number}{article_text(standing.citation.article)}{mark}"

    def text(self, source: str) -> str:
        """一处出处的全文，供对照与核验。"""
        if source not in self._resolved:
            kind, _, name = source.partition(":")
            self._resolved[source] = self._text(kind, name)
        return self._resolved[source]

    def _text(self, kind: str, name: str) -> str:
        if kind == "事实":
            fact = self.pack.vocabulary[name]
            proof = f"{fact.proof.channel} {fact.proof.document} {fact.proof.department}" if fact.proof else ""
            return f"{name}：{self.shown(name) or '待核实'}。{fact.question}{proof}"
        if kind == "推导":
            return f"{name}：{self.shown(name)}。{self.pack.derived[name].text}"
        if kind == "依据":
            standing = self._standing(f"依据:{name}")
            return f"{self.basis_text(f'依据:{name}')}{standing.policy.gist_of(standing.citation.article)}"
        if kind == "案例":
            return self._case(name)
        if kind == "手册":
            book = self.playbook.tool(name)
            return f"{name}：{book.model_dump_json(by_alias=True)}" if book else ""
        if kind == "测算":
            return self.estimates[name].model_dump_json()
        if kind == "案卷":
            return self.remarks[name]
        if kind == "规则包":
            return f"{self.result.rule_pack.version} {self.result.rule_pack.sha256} {self.result.as_of}"
        if kind == "编排":
            return read_outline(self.playbook.root / "templates").model_dump_json(by_alias=True)
        return self._rule(name)

    def _case(self, name: str) -> str:
        case = self.playbook.case(name)
        match = next((item for item in self.parcel.precedents if item.id == name), None)
        compared = "；".join((*match.same, *match.different, *match.caveats, *match.bases)) if match else ""
        return f"{case.file.title}（{name}）{'、'.join(case.tools)}。{compared}"

    def _rule(self, name: str) -> str:
        kind, _, item = name.partition("/")
        if kind == "症结":
            found = next((view for view in self.parcel.obstacles if view.id == item), None)
            return f"{item}：{found.text}（{'，'.join(found.because)}）" if found else item
        if kind == "关系":
            return "；".join(r.text for r in self.pack.relations if item in (*r.tools, *r.first, *r.then))
        if kind == "工具":
            view = next(tool for tool in self.parcel.tools if tool.id == item)
            parts = [f"{item}（{view.verdict}）", view.note, *view.cautions]
            parts += [
                f"{c.text}（{c.status}）{'；'.join((*c.notes, c.remedy, c.denominator))}" for c in view.conditions
            ]
            parts += [unlock.how for unlock in view.unlock]
            return "。".join(part for part in parts if part)
        return name

    def tool_bases(self, bases: Iterable[BasisView]) -> tuple[str, ...]:
        """评估视图里的依据，写成出处标识。"""
        return tuple(dict.fromkeys(f"依据:{b.code}{f'§{b.article}' if b.article else ''}" for b in bases))


class Trace(Frozen):
    """对照表的一行：一处文字、它凭的事实、规则、条款、案例与手册。"""

    where: str
    text: str
    facts: str
    rules: str
    bases: str
    others: str
    confidence: str


def traces(memo: Memo, sourcing: Sourcing) -> tuple[Trace, ...]:
    """句子（表行）↔ 事实 ↔ 规则 ↔ 条款。"""
    found = [
        _trace(paragraph.key, f"{paragraph.heading}{sentence.text}", sentence, sourcing)
        for paragraph in memo.paragraphs()
        for sentence in paragraph.sentences
    ]
    found += [_trace(row.key, "｜".join(row.cells), row, sourcing) for row in memo.rows()]
    return tuple(found)


def _trace(key: str, text: str, item: Sourced, sourcing: Sourcing) -> Trace:
    facts = [f"{name}：{sourcing.shown(name) or '待核实'}" for name in (*item.of("事实"), *item.of("推导"))]
    others = [f"{kind}：{name}" for kind in ("案例", "手册", "测算", "规则包", "编排") for name in item.of(kind)]
    return Trace(
        where=key,
        text=text,
        facts="；".join(facts),
        rules="；".join(item.of("规则")),
        bases="；".join(sourcing.basis_text(f"依据:{label}") for label in item.of("依据")),
        others="；".join(others),
        confidence=item.confidence,
    )
