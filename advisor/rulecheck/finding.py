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

    @classmethod
    def unread(cls, place: str, said: str) -> Finding:
        """读入时报的一条：said 是“毛病。改法：怎么改。”。

        >>> str(Finding.unread("甲.yaml 第 2 行", "写错键。改法：照样子写。"))
        '错误  甲.yaml 第 2 行：写错键。改法：照样子写。'
        """
        text, _, fix = said.partition("。改法：")
        return cls(severity=ERROR, place=place, text=text, fix=fix.rstrip("。"))
