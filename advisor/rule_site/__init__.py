"""规则手册：规则包写成一套静态网页，离线可看、可搜、可打印。"""

from advisor.rule_site.building import write_site

__all__ = ["write_site"]
