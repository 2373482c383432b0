"""把说不通的地方与推得的事实写成视图。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from advisor.assessment import ConflictView, InferredView
from advisor.citation_text import article_text
from advisor.consistency import Contradiction, contradictions
from advisor.evaluation import Evaluation
from advisor.policy import CONFIDENCE_TEXT, Citation
from advisor.rulepack.model import RulePack
from advisor.vocabulary import FactValue, json_value


def conflict_views(pack: RulePack, facts: Mapping[str, FactValue]) -> tuple[ConflictView, ...]:
    """已填的事实里说不通的地方，必有一错的在前。"""
    return tuple(_conflict(pack, item) for item in contradictions(pack, facts))


def inferred_views(evaluation: Evaluation) -> tuple[InferredView, ...]:
    """推得的事实，按词表次序。"""
    pack, given = evaluation.pack, evaluation.given
    return tuple(
        InferredView(
            fact=name,
            value=json_value(item.value),
            shown=pack.vocabulary[name].show(item.value),
            because=_shown(pack, {root: given[root] for root in item.because}),
            text=item.text,
        )
        for name, item in sorted(evaluation.inferred.items(), key=lambda pair: pack.vocabulary.position(pair[0]))
    )


def _conflict(pack: RulePack, item: Contradiction) -> ConflictView:
    return ConflictView(
        id=item.id,
        severity=item.severity,
        facts={name: json_value(value) for name, value in item.facts.items()},
        shown=_shown(pack, item.facts),
        text=item.text,
        settle=item.settle,
        proofs=tuple(_proof(pack, name) for name in item.facts),
        basis=_basis(pack, item.citations),
    )


def _shown(pack: RulePack, facts: Mapping[str, FactValue]) -> tuple[str, ...]:
    return tuple(f"{name} = {pack.vocabulary[name].show(value)}" for name, value in facts.items())


def _proof(pack: RulePack, name: str) -> str:
    proof = pack.vocabulary[name].proof
    return f"{name}：{proof.channel}，{proof.document}（{proof.department}）" if proof else name


def _basis(pack: RulePack, citations: Iterable[Citation]) -> tuple[str, ...]:
    lines: list[str] = []
    for citation in citations:
        policy = pack.register[citation.code]
        confidence = citation.confidence or policy.confidence_of(citation.article)
        mark = f"〔{CONFIDENCE_TEXT[confidence]}〕" if confidence != "retrieved" else ""
        number = f"（{policy.number}）" if policy.number else ""
        lines.append(f"《{policy.title}》{number}{article_text(citation.article)}{mark}")
    return tuple(lines)
