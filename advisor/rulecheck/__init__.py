"""规则包体检：读入时拦不住、但会误导人的毛病。"""

from advisor.rulecheck.checks import Finding, check_pack

__all__ = ["Finding", "check_pack"]
