"""条款的公文写法。"""

from __future__ import annotations

import re

_DIGITS = "零一二三四五六七八九"
_ARTICLE = re.compile(
    r"(?P<article>\d{1,4})?(?P<rest>(?:\([一二三四五六七八九十]+\)|第[一二三四五六七八九十]+[款项])*)\Z"
)


def chinese_number(number: int) -> str:
    """条号的汉字写法，1 到 9999。

    >>> [chinese_number(n) for n in (5, 10, 12, 20, 105, 110, 454, 1057)]
    ['五', '十', '十二', '二十', '一百零五', '一百一十', '四百五十四', '一千零五十七']
    """
    text = ""
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            if text and number // (place * 10) % 10 == 0:
                text += "零"
            text += _DIGITS[digit] + unit
    return text.removeprefix("一") if 10 <= number < 20 else text


def article_text(article: str) -> str:
    """把条号写成公文里的样子；认不出的照原样放在括号里。

    >>> article_text("38(二)"), article_text("58"), article_text("(六)"), article_text(""), article_text("4.3")
    ('第三十八条第（二）项', '第五十八条', '第（六）项', '', '（4.3）')
    """
    if not article:
        return ""
    found = _ARTICLE.match(article)
    if not found:
        return f"（{article}）"
    head = f"第{chinese_number(int(found['article']))}条" if found["article"] else ""
    rest = re.sub(r"\(([^)]+)\)", r"第（\1）项", found["rest"])
    return head + rest
