"""规则包：读入 rules/ 的 YAML，校验引用与类型，编好表达式，算出版本与哈希。"""

from advisor.rulepack.loading import load_rule_pack
from advisor.rulepack.model import Alternative, Clock, ClockBook, Derived, Relation, Rule, RulePack, Tool

__all__ = ["Alternative", "Clock", "ClockBook", "Derived", "Relation", "Rule", "RulePack", "Tool", "load_rule_pack"]
