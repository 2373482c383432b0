"""体检的一处毛病。"""

from __future__ import annotations

from advisor.vocabulary import Frozen

ERROR, WARNING = "错误", "提醒"


class Finding(Frozen):
    """一处毛病：轻重、在哪里、是什么、怎么改；example 是一宗说明它的地块。"""

    severity: str
    place: str
    text: str
    fix: str = ""
    example: str = ""

    def __str__(self) -> str:
        example = f"例如：{self.example}。" if self.example else ""
        fix = f"改法：{self.fix}。" if self.fix else ""
        return f"{self.severity}  {self.place}：{self.text}。{example}{fix}"
