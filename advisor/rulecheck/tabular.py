"""体检台账用的几份：表头叫法、图形、地企匹配、亩均评价。平时用到才读，因此体检时都读一遍。"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from advisor.errors import RulePackError
from advisor.locating import grading_schemes
from advisor.rulecheck.finding import WARNING, Finding
from advisor.rulepack.model import RulePack


def tabular_findings(pack: RulePack, rules: Path) -> Iterator[Finding]:
    """读不进来的是错误；没有装读它们要的部件，就提醒没有查。"""
    yield from _read("headers.yaml", "screen", partial(_headers, pack, rules))
    if (rules / "spatial.yaml").is_file():
        yield from _read("spatial.yaml", "geo", partial(_spatial, pack, rules))
    if (rules / "demand.yaml").is_file():
        yield from _read("demand.yaml", "screen", partial(_demand, pack, rules))
    for name in grading_schemes(rules):
        yield from _read(f"grading/{name}.yaml", "screen", partial(_grading, pack, rules, name))


def _read(name: str, extra: str, read: Callable[[], None]) -> Iterator[Finding]:
    try:
        read()
    except RulePackError as problems:
        for problem in problems.problems:
            place, _, said = problem.partition("：")
            yield Finding.unread(place, said)
    except ImportError:
        yield Finding(
            severity=WARNING,
            place=name,
            text="没有装台账的部件，这份没有查",
            fix=f"运行 pip install 'advisor[{extra}]' 再查",
        )


def _headers(pack: RulePack, rules: Path) -> None:
    from advisor.screening.headers import read_headers

    read_headers(rules, pack.vocabulary)


def _spatial(pack: RulePack, rules: Path) -> None:
    from advisor.screening.spatial import read_spatial

    read_spatial(rules, pack.vocabulary)


def _demand(pack: RulePack, rules: Path) -> None:
    from advisor.screening.demand import read_demand_book
    from advisor.screening.headers import read_headers

    read_demand_book(rules, pack, read_headers(rules, pack.vocabulary))


def _grading(pack: RulePack, rules: Path, name: str) -> None:
    from advisor.screening.grading import read_scheme
    from advisor.screening.headers import read_headers

    read_scheme(name, rules, pack, read_headers(rules, pack.vocabulary))
