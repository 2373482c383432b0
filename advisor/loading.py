"""打开一套规则包与手册，成为可以评估的顾问。"""

from __future__ import annotations

from pathlib import Path

from advisor.assess import Advisor
from advisor.locating import playbooks_folder, rules_folder
from advisor.playbook import Playbook
from advisor.rulepack import load_rule_pack


def load_advisor(rules: str | Path | None = None, playbooks: str | Path | None = None) -> Advisor:
    """读规则包与手册；不指明的用缺省的。

    Raises:
        InputError: 找不到。
        RulePackError: 规则包写错。
    """
    pack = load_rule_pack(rules_folder(rules))
    return Advisor(pack, Playbook(playbooks_folder(playbooks), pack.vocabulary, tuple(pack.tools)))
