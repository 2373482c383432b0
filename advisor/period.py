"""期间：几年几个月几日；按民法典的期间规则算到期日。

出处：民法典第二百零一条（开始的当日不计入）、第二百零二条（到期月的对应日为最后一日，没有对应日的为月末日）。
末日遇法定休假日的顺延（第二百零三条）要看每年的放假安排，这里不算，由用到的地方提示。
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta

from advisor.vocabulary import Frozen

_LIMIT_YEARS = 100
_WRITTEN = re.compile(r"(?:(\d{1,5})年)?(?:(\d{1,5})个?月)?(?:(\d{1,5})(?:[日天]|d))?\Z", re.IGNORECASE)


class Period(Frozen):
    """一段期间。全为零即当天。"""

    years: int = 0
    months: int = 0
    days: int = 0

    @classmethod
    def read(cls, text: str) -> Period:
        """读 90d、90天、90日、3个月、1年、1年6个月。

        Raises:
            ValueError: 写法不认识，或长过一百年。

        >>> Period.read("1年6个月").text, Period.read("90d").text
        ('1 年 6 个月', '90 日')
        """
        found = _WRITTEN.match(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
        if not found or not any(found.groups()):
            raise ValueError(f"期间“{text}”看不懂")
        years, months, days = (int(part or 0) for part in found.groups())
        if years + months / 12 + days / 365 > _LIMIT_YEARS:
            raise ValueError(f"期间“{text}”超过 {_LIMIT_YEARS} 年")
        return cls(years=years, months=months, days=days)

    @property
    def text(self) -> str:
        """中文写法。"""
        parts = ((self.years, "年"), (self.months, "个月"), (self.days, "日"))
        return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 日"

    def after(self, start: date) -> date:
        """自 start 起经过这段期间的最后一日；超出公历能表示的，取能表示的最后一日。

        >>> Period(years=1).after(date(2024, 2, 29)), Period(days=90).after(date(2026, 1, 1))
        (datetime.date(2025, 2, 28), datetime.date(2026, 4, 1))
        """
        return self._moved(start, 1)

    def before(self, end: date) -> date:
        """end 之前这段期间的对应日；没有对应日的取月末日。

        >>> Period(years=1).before(date(2045, 6, 30))
        datetime.date(2044, 6, 30)
        """
        return self._moved(end, -1)

    def _moved(self, day: date, sign: int) -> date:
        months = day.year * 12 + day.month - 1 + sign * (self.years * 12 + self.months)
        year, month = divmod(months, 12)
        try:
            return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])) + timedelta(sign * self.days)
        except (ValueError, OverflowError):
            return date.max if sign > 0 else date.min
