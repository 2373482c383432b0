"""写给办事员看的错误：哪里、是什么、应当怎样、下一步做什么。"""

from __future__ import annotations


class AdvisorError(Exception):
    """本系统一切可预见错误的根；界面只显示它的文字，不显示调用栈。"""


class InputError(AdvisorError):
    """输入文件、答案或命令用法有误（退出码 2）。

    >>> print(InputError("地块.yaml 第 3 行", "事实“面积”收到“很大”", allowed="不小于 0 的数，单位亩", fix="改成数字，不清楚就写“不清楚”"))
    地块.yaml 第 3 行：事实“面积”收到“很大”。可填：不小于 0 的数，单位亩。下一步：改成数字，不清楚就写“不清楚”。
    """

    def __init__(self, where: str, found: str, allowed: str = "", fix: str = "") -> None:
        self.where, self.found, self.allowed, self.fix = where, found, allowed, fix
        parts = [f"{where}：{found}。" if where else f"{found}。"]
        if allowed:
            parts.append(f"可填：{allowed}。")
        if fix:
            parts.append(f"下一步：{fix}。")
        super().__init__("".join(parts))

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str, str, str]]:
        """在进程之间传递。"""
        return type(self), (self.where, self.found, self.allowed, self.fix)


class ConflictError(InputError):
    """别人先改了同一卷，这次没有写入（退出码 2）。"""


class RulePackError(AdvisorError):
    """规则包本身有错，不能用来判定（退出码 2；rules check 时退出码 1）。

    problems 为一条条完整的说明，每条自带文件与行号。
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("规则包有错，须先改正：\n" + "\n".join(f"  {p}" for p in problems))

    def __reduce__(self) -> tuple[type[RulePackError], tuple[list[str]]]:
        """在进程之间传递。"""
        return type(self), (self.problems,)


class ExpressionError(AdvisorError):
    """条件表达式写错：found 说错在哪，fix 说怎么改。位置由读入规则的一方补上。"""

    def __init__(self, found: str, fix: str = "") -> None:
        self.found, self.fix = found, fix
        super().__init__(f"{found}。{'改法：' + fix + '。' if fix else ''}")
